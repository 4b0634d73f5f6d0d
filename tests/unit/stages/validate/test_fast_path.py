"""The express lane admits nothing that it cannot vouch for."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import polars as pl
import pytest
from annotated_types import MultipleOf
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from pydantic import AfterValidator, Field, model_validator

from passerelle import contracts
from passerelle.contracts import identifiers
from passerelle.contracts.contract import Contract, ContractMeta, Rule
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Sensitivity, declare_field
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.rule_makers import require_one_filled
from passerelle.contracts.types import Coded, Minutes, Part, Text, Word
from passerelle.stages.validate.fast_path import check_rows
from passerelle.stages.validate.number_keys import compile_key_check
from passerelle.vocabulary.guarantees import Guarantee, Guarantees
from passerelle.vocabulary.place import ROW

_EIGHT = "2024-12-31T08:00:00+01:00"


def test_an_object_of_unknowns_is_not_there_for_the_rules():
    rows = [{"ref": "a:b:1", "motive": motive} for motive in ({"code": "x"}, {"code": None}, None)]
    layout = {name: list_columns(Described)[name] for name in ("ref", "motive")}
    assert check_rows(pl.DataFrame(rows, schema=layout), Described).plain.to_list() == [True, False, False]


def test_rows_that_a_promise_does_not_speak_of_are_looked_at():
    frame = pl.DataFrame({ROW: [4, 5, 9], "ref": ["a:visit:1"] * 3, "person_ref": ["a:person:1", None, "wrong"]})
    frame = frame.with_columns(pl.col(ROW).cast(pl.UInt32), status=pl.lit("done"), planned_start=pl.lit(_EIGHT))
    visit, promises = contracts.get("visit/1"), Guarantees({"person_ref": Guarantee("urn")})
    assert check_rows(frame, visit).plain.to_list() == [True, False, False]
    assert check_rows(frame, visit, guarantees=promises).plain.to_list() == [True, False, True]
    assert check_rows(frame, visit, guarantees=promises, rows_without_guarantee=[9]).plain.to_list() == [
        True,
        False,
        False,
    ]


def _fact(*required: Any) -> Any:
    words = dict.fromkeys(("fr_title", "en_title", "fr", "en", "example"), "x")
    return declare_field(
        *required, subject=DataSubject.NONE, sensitivity=Sensitivity.ORDINARY, purposes=ALL_PURPOSES, **words
    )


def _about(family: str) -> ContractMeta:
    return ContractMeta(family=family, version="1.0.0", fr_title="x", en_title="x", fr="x", en="x")


class Odd(Part):
    name: Word

    @model_validator(mode="after")
    def _is_odd(self) -> Odd:
        return self


class Sheet(Contract):
    about: ClassVar[ContractMeta] = _about("sheet")
    rules: ClassVar[tuple[Rule, ...]] = (Rule("validate.record.inconsistent", ("ruled",), lambda _record: True),)

    title: Text = _fact(...)
    quarter: Annotated[int, Field(strict=True), MultipleOf(15)] | None = _fact()
    checked: Annotated[str, AfterValidator(str.upper)] | None = _fact()
    odd: Odd | None = _fact()
    some: Annotated[list[Word], Field(min_length=1)] | None = _fact()
    ruled: Minutes | None = _fact()


class Described(Contract):
    about: ClassVar[ContractMeta] = _about("described")
    rules: ClassVar[tuple[Rule, ...]] = (require_one_filled("validate.record.undated", "motive"),)

    motive: Coded | None = _fact()


class Watched(Contract):
    about: ClassVar[ContractMeta] = _about("watched")

    @model_validator(mode="after")
    def _is_watched(self) -> Watched:
        return self


def admits(contract: type[Contract] = Sheet, **cells: Any) -> bool:
    known = list_columns(contract)
    right: dict[str, Any] = {"ref": "a:sheet:1"} | ({"title": "Toilette"} if contract is Sheet else {})
    frame = pl.DataFrame(
        {
            name: cell if isinstance(cell, pl.Series) else pl.Series([cell], dtype=known.get(name))
            for name, cell in (right | cells).items()
        }
    )
    return bool(check_rows(frame, contract).plain.item())


def test_a_plain_row_is_admitted():
    assert admits()
    assert admits(some=["a", "b"])
    assert admits(quarter=None, checked=None, odd={"name": None}, ruled=None)


@pytest.mark.parametrize(
    "cells",
    [
        {"quarter": 15},
        {"checked": "A"},
        {"odd": {"name": "x"}},
        {"ruled": 1},
        {"unheard_of": "x"},
        {"title": None},
        {"title": pl.Series([12])},
        {"ref": pl.Series([None], dtype=pl.Null)},
        {"extra": pl.Series(["x"])},
        {"extra": pl.Series([{"compani": {"Motif": 3}}])},
        {"some": pl.Series(["x"])},
    ],
    ids=lambda cells: next(iter(cells)),
)
def test_what_the_lane_cannot_vouch_for_goes_to_the_verdict(cells: dict[str, Any]):
    assert not admits(**cells)


@pytest.mark.parametrize(
    "cells",
    [
        {"unheard_of": None},
        {"some": []},
        {"some": [None]},
        {"extra": pl.Series([{"compani": {"Motif": "3"}}])},
        {"quarter": pl.Series([None], dtype=pl.Null)},
    ],
    ids=lambda cells: next(iter(cells)),
)
def test_what_is_not_there_cannot_be_wrong(cells: dict[str, Any]):
    assert admits(**cells)


def test_a_contract_that_checks_more_than_its_fields_is_left_to_the_verdict():
    assert not admits(Watched)


def test_without_a_required_column_nothing_is_admitted():
    frame = pl.DataFrame({"ref": ["a:sheet:1", "a:sheet:2"]})
    assert check_rows(frame, Sheet).plain.to_list() == [False, False]


def test_rules_see_a_missing_column_as_unknown():
    frame = pl.DataFrame({"ref": ["a:visit:1"], "person_ref": ["a:person:1"], "status": ["done"]})
    frame = frame.with_columns(planned_start=pl.lit("2024-12-31T08:00:00+01:00"))
    assert check_rows(frame, contracts.get("visit/1")).plain.to_list() == [True]


def test_an_empty_frame_has_no_row_to_admit():
    assert check_rows(pl.DataFrame(schema={"ref": pl.String}), Sheet).plain.to_list() == []


BODIES = st.from_regex(r"\A[0-9]{13}\Z") | st.sampled_from(["2550814168025", "1840199123456", "255082A168025"])
NUMBERS = BODIES.map(lambda body: body + f"{97 - int(body.replace('2A', '19')) % 97:02d}") | st.text(
    "0123456789 AB", max_size=16
)


@given(st.lists(st.tuples(st.sampled_from(["nir", "NIR", "ins", "nia", "siret", "compani"]), NUMBERS), min_size=1))
@settings(max_examples=count_examples(60), deadline=None)
def test_a_number_that_the_columns_find_right_is_right(pairs: list[tuple[str, str]]):
    frame = pl.DataFrame(pairs, schema=["system", "number"], orient="row")
    plain = frame.select(compile_key_check(pl.col("system"), pl.col("number"))).to_series()
    for (system, number), right in zip(pairs, plain, strict=True):
        if right:
            assert identifiers.check(system, number) in (identifiers.NumberCheck.OK, identifiers.NumberCheck.UNCHECKED)


def test_the_columns_know_a_right_nir():
    frame = pl.DataFrame({"system": ["nir"] * 2, "number": ["255081416802538", "255081416802539"]})
    assert frame.select(compile_key_check(pl.col("system"), pl.col("number"))).to_series().to_list() == [True, False]


@pytest.mark.parametrize(("count", "is_admitted"), [(-1, False), (0, True), (1_000_000, True), (1_000_001, False)])
def test_a_count_is_admitted_within_both_of_its_bounds(count, is_admitted):
    person = contracts.get("person/1")
    assert admits(person, ref="a:person:1", birth_name="Abadie", minor_children=count) is is_admitted
