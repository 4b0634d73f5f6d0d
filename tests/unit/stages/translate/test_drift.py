"""Drift: which differences of a header are told, which stop everything, which names are taken for renamed ones."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import OutOfScope, Ref, Table, Text, Where
from passerelle.stages.translate.drift import (
    _MIN_LIKENESS,
    Drift,
    _may_be_alike,
    _normalize,
    detect_drift,
    list_required_columns,
)
from passerelle.stages.translate.plan import compile_plan

TABLE = Table(
    contract="person/1",
    fields={
        "ref": Ref("id", system="demo", entity="person"),
        "birth_name": Text("client.nom"),
        "comment": Text("Téléphone portable"),
    },
    where=(Where("type", ("P",)),),
)
SCOPE = OutOfScope(fr="Trajet.", en="Journey.", where=(Where("nature", ("T",)),))
PLAN = compile_plan(
    [TABLE], supplier="demo", out_of_scope=[SCOPE], unread={"Signature": "image", "interne_*": "technique"}
)
HEADER = ("id", "type", "nature", "client.nom", "Téléphone portable")


def test_nothing_is_false_and_any_difference_true():
    assert not Drift()
    assert Drift(unknown=("x",))
    assert Drift(missing=("x",))


def test_a_member_that_no_table_describes_has_no_drift():
    assert detect_drift(("n'importe",), "autre", PLAN) == Drift()


def test_what_is_read_decides_or_is_declared_unread_is_no_news():
    assert detect_drift((*HEADER, "Signature", "interne_42"), "", PLAN) == Drift()


def test_an_object_that_holds_nothing_stands_for_its_members():
    header = tuple(name for name in HEADER if name != "client.nom")
    assert detect_drift((*header, "client"), "", PLAN).unknown == ()
    assert detect_drift((*header, "clients"), "", PLAN).unknown == ("clients",)


def test_every_row_needs_what_conditions_scopes_and_required_fields_read():
    assert list_required_columns("", PLAN) == {"id", "type", "nature"}
    assert [detect_drift([name for name in HEADER if name != gone], "", PLAN).blocking for gone in HEADER] == [
        True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "is_like"),
    [
        ("telephone portable", True),
        ("TÉLÉPHONE_PORTABLE", True),
        ("Tel. portable", True),
        ("Téléphone portable 2", True),
        ("Portable", False),
        ("Adresse", False),
    ],
)
def test_a_name_that_is_nearly_the_missing_one_is_a_likely_renaming(name, is_like):
    drift = detect_drift((*HEADER[:-1], name), "", PLAN)
    assert drift.renamed == (((("Téléphone portable", name),)) if is_like else ())
    assert (drift.missing, drift.unknown) == (("Téléphone portable",), (name,))


@given(
    st.lists(st.sampled_from(["Téléphone portable 1", "Téléphone portabl", "client.nom2", "cliente.nom"]), unique=True)
)
def test_no_name_is_taken_for_two(new):
    renamed = detect_drift((*HEADER[:3], *new), "", PLAN).renamed
    assert len({old for old, _new in renamed}) == len(renamed) == len({name for _old, name in renamed})


@given(st.text("abcé '", max_size=9), st.text("abcé '", max_size=9))
def test_names_that_are_alike_are_always_compared(one, other):
    first, second = _normalize(one), _normalize(other)
    if SequenceMatcher(None, first, second).ratio() >= _MIN_LIKENESS:
        assert _may_be_alike(Counter(first), Counter(second))
