"""Handles: what stands outside for a reference, as laws over any keys."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import contracts
from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.contracts.field_types import find_shape, get_item_type, get_model
from passerelle.contracts.types import FieldKind
from passerelle.engine.records.handles import Handles, list_reference_fields
from passerelle.stages.translate.converters.references import Ref
from passerelle.stores.seal import Seal
from passerelle.vocabulary.handle_texts import is_handle_text

if TYPE_CHECKING:
    from collections.abc import Iterator

SEAL = Seal(bytes(range(32)))
OTHERS = [purpose for purpose in Purpose if purpose is not Purpose.PORTABILITY]

parts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
short_parts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=3)
recipients = st.text(max_size=12)


def _make_handles(recipient: str = "Département", purpose: Purpose = Purpose.BILLING, *kept: str) -> Handles:
    return Handles(seal=SEAL, recipient=recipient, purpose=purpose, list_kept=lambda _system: frozenset(kept))


def _make_key(*texts: str) -> str:
    columns = tuple(str(number) for number in range(len(texts)))
    made = Ref(columns, system="essai", entity="person").parse(dict(zip(columns, texts, strict=True)))
    assert isinstance(made, str)
    return made


def _replace(handles: Handles, *keys: str | None) -> list[str]:
    return handles.replace_refs(pl.Series("ref", keys, dtype=pl.String())).to_list()


@given(parts, recipients, recipients, st.sampled_from(OTHERS), st.sampled_from(OTHERS))
def test_handles_of_one_key_differ_between_recipients_and_between_purposes_and_are_the_same_within(
    text: str, one: str, other: str, first: Purpose, second: Purpose
) -> None:
    key = _make_key(text)
    here, there = _replace(_make_handles(one, first), key), _replace(_make_handles(other, second), key)
    assert (here == there) == ((one, first) == (other, second))
    assert here == _replace(_make_handles(one, first), key)


@given(st.lists(parts, unique_by=lambda text: unicodedata.normalize("NFC", text), min_size=2, max_size=8))
def test_two_keys_never_share_a_handle(texts: list[str]) -> None:
    keys = {_make_key(text) for text in texts}
    assert len(set(_replace(_make_handles(), *sorted(keys)))) == len(keys)


@given(short_parts, short_parts)
def test_a_key_has_one_handle_however_its_letters_are_composed(one: str, other: str) -> None:
    composed = _make_key(*(unicodedata.normalize("NFC", text) for text in (one, other)))
    decomposed = _make_key(*(unicodedata.normalize("NFD", text) for text in (one, other)))
    assert _replace(_make_handles(), composed) == _replace(_make_handles(), decomposed)


@given(parts)
def test_a_handle_names_system_and_entity_and_holds_nothing_of_the_key(text: str) -> None:
    (handle,) = _replace(_make_handles(), _make_key(text))
    opening, local = handle[: len("essai:person:")], handle[len("essai:person:") :]
    assert opening == "essai:person:"
    assert is_handle_text(local)
    assert not any(sign in local for sign in "0123456789aeiouyAEIOUY@-~%.")


@given(short_parts, short_parts)
def test_a_composite_key_written_by_a_layout_leaves_its_columns_to_other_fields(one: str, other: str) -> None:
    (handle,) = _replace(_make_handles(), _make_key(one, other))
    assert Ref(("nom", "jour"), system="essai", entity="person").render(handle) == {"nom": "", "jour": ""}


@pytest.mark.parametrize("purpose", sorted(FIGURES))
def test_figures_keep_no_number_of_the_software_not_even_one_that_says_nothing(purpose: Purpose) -> None:
    key, kept = "essai:person:4711", ("essai:person:", "essai:")
    (handle,) = _replace(_make_handles("x", purpose, *kept), key)
    assert is_handle_text(handle.removeprefix("essai:person:"))
    assert _replace(_make_handles("x", Purpose.BILLING, *kept), key) == [key]


def test_portability_keeps_keys() -> None:
    assert _replace(_make_handles("x", Purpose.PORTABILITY), "essai:person:Dupont~1950-01-02") == [
        "essai:person:Dupont~1950-01-02"
    ]


def test_a_reference_that_says_nothing_of_anybody_leaves_as_it_is_also_beside_others() -> None:
    handles = _make_handles("x", Purpose.PLANNING, "essai:person:", "hors:")
    kept, unknown, hidden, foreign = _replace(handles, "essai:person:41", None, "essai:visit:41~lundi", "hors:a:b")
    assert (kept, unknown, foreign) == ("essai:person:41", None, "hors:a:b")
    assert is_handle_text(hidden.rpartition(":")[2])
    assert _replace(handles, "essai:person:1", "essai:person:2") == ["essai:person:1", "essai:person:2"]


def test_a_name_that_only_begins_like_a_kept_one_is_hidden() -> None:
    handles = _make_handles("x", Purpose.STEERING, "essai:person:", "hors:")
    for key in ("essai:persons:1", "horst:person:1", "essai:perso:n"):
        assert _replace(handles, key) != [key]


def test_all_reference_fields_of_a_record_are_replaced_and_no_other() -> None:
    frame = pl.DataFrame(
        {
            "ref": ["essai:visit:a~b", "essai:visit:c~d"],
            "person_ref": ["essai:person:x", "essai:person:x"],
            "professional_ref": ["essai:professional:me@example.org", None],
            "team": ["essai:team:y", None],
        }
    )
    outside = _make_handles().replace_in_frame(frame, "visit/1")
    assert outside.get_column("team").equals(frame.get_column("team"))
    for name in ("ref", "person_ref", "professional_ref"):
        old, new = frame.get_column(name), outside.get_column(name)
        assert new.null_count() == old.null_count()
        assert new.n_unique() == old.n_unique()
        assert all(is_handle_text(ref.rpartition(":")[2]) for ref in new.drop_nulls())


def test_a_record_written_before_keeps_the_handles_it_holds() -> None:
    handles = _make_handles()
    once = handles.replace_in_record({"ref": "essai:person:Dupont", "usual_name": "Dupont"}, "person/1")
    assert once["ref"] != "essai:person:Dupont"
    assert handles.replace_in_record(once, "person/1") == once


def _iter_nested_kinds(annotation: object, metadata: tuple[object, ...] = ()) -> Iterator[FieldKind]:
    kind = find_shape(annotation, metadata).kind
    if kind is FieldKind.LIST:
        item = get_item_type(annotation)
        yield find_shape(item).kind
        yield from _iter_nested_kinds(item)
    if kind is FieldKind.OBJECT:
        for info in get_model(annotation).model_fields.values():
            yield find_shape(info.annotation, tuple(info.metadata)).kind
            yield from _iter_nested_kinds(info.annotation, tuple(info.metadata))


@pytest.mark.parametrize("contract", contracts.catalogue())
def test_contracts_hold_references_in_fields_of_their_own_only(contract: str) -> None:
    """What replaces references looks at fields: one inside of a list or of an object would leave as it is."""
    model = contracts.get(contract)
    declared = {name for name, meta in model.describe_fields().items() if meta.reference}
    assert set(list_reference_fields(contract)) >= {"ref", *declared}
    for name, info in model.model_fields.items():
        assert FieldKind.URN not in set(_iter_nested_kinds(info.annotation, tuple(info.metadata))), name


def test_a_key_that_is_no_text_of_ours_is_hidden_all_the_same() -> None:
    raw = f"essai:person:{quote('é')}%FF"
    (handle,) = _replace(_make_handles(), raw)
    assert is_handle_text(handle.rpartition(":")[2])
