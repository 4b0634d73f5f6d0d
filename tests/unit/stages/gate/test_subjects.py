"""Whom records name."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import contracts
from passerelle.stages.gate.subjects import find_subject_fields, list_subject_refs, mark_named, mark_others

FRAME = pl.DataFrame({"one": ["a", None, "b"], "many": [["b", "c"], [], None], "none": [None, None, None]})


def test_everybody_in_some_columns_is_listed_once():
    assert list_subject_refs(FRAME, ["one", "many", "none", "absent"]) == ["a", "b", "c"]
    assert list_subject_refs(FRAME.clear(), ["one"]) == []


@pytest.mark.parametrize(
    ("name", "refs", "named", "others"),
    [
        ("one", {"a"}, [True, False, False], [False, False, True]),
        ("many", {"b"}, [True, False, False], [True, False, False]),
        ("many", {"b", "c"}, [True, False, False], [False, False, False]),
        ("absent", {"a"}, [False, False, False], [False, False, False]),
    ],
)
def test_rows_are_marked_by_whom_they_name(name, refs, named, others):
    marked = FRAME.with_columns(mark_named(FRAME, name, refs).alias("named"), mark_others(FRAME, name, refs).alias("x"))
    assert marked["named"].to_list() == named
    assert marked["x"].to_list() == others


def test_a_record_about_a_relation_is_about_two_persons():
    fields = find_subject_fields(contracts.get("related_contact/1"))
    assert fields.persons == ("person_ref", "ref")


def test_every_contract_names_its_person_first():
    for contract in contracts.catalogue().values():
        fields = find_subject_fields(contract)
        assert fields.persons[:1] == ((fields.main,) if fields.main else ())
