"""A pile of rows in, two out: those that satisfy the contract, unchanged, and those that do not, with a reason."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.stages.validate.validation import PathCounts, validate
from passerelle.vocabulary.doubts import DoubtRules
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

TABLE = TextTable("visites", pl.DataFrame({"A": list("abcdef")}), pl.Series([2, 4, 5, 9, 10, 12], dtype=pl.UInt32))
RIGHT = {
    "ref": "compani:visit:1",
    "person_ref": "compani:person:1",
    "status": "done",
    "planned_start": "2024-12-31T08:00:00+01:00",
}
FIELDS = (*RIGHT, "planned_end", "travel_minutes", "identifiers", "service", "comment")


def records(*changes: dict[str, Any], rows: list[int] | None = None) -> Records:
    known = list_columns(contracts.get("visit/1"))
    frame = pl.DataFrame([RIGHT | change for change in changes], schema={name: known[name] for name in FIELDS})
    numbers = pl.Series(ROW, rows or range(len(changes)), dtype=pl.UInt32)
    return Records("visit/1", frame.insert_column(0, numbers))


@pytest.mark.parametrize("express", [True, False])
def test_rows_that_satisfy_the_contract_pass_unchanged(*, express: bool):
    given = records({}, {"comment": "é\n😀"}, {"travel_minutes": 15})
    done = validate(given, table=TABLE, fast_path=express)
    assert done.records.frame.equals(given.frame)
    assert done.records.aside == done.records.warned == ()


def test_a_row_that_does_not_is_set_aside_with_its_line_and_field():
    done = validate(records({}, {"travel_minutes": -1}, {}, rows=[0, 3, 5]), table=TABLE)
    assert done.records.frame[ROW].to_list() == [0, 5]
    (item,) = done.records.aside
    assert (item.fate, item.reason, item.row, item.contract) == (
        Fate.REJECTED,
        "validate.value.out_of_bounds",
        3,
        "visit/1",
    )
    assert (item.place.line, item.place.member, item.place.field, item.place.column) == (
        9,
        "visites",
        "travel_minutes",
        "",
    )


def test_the_first_fault_is_the_reason_and_the_others_are_named():
    (item,) = validate(records({"person_ref": None, "travel_minutes": -1}), table=TABLE).records.aside
    assert item.reason == "validate.field.missing"
    assert item.details["also"] == "validate.value.out_of_bounds"


def test_a_broken_rule_sets_the_row_aside():
    done = validate(records({"planned_end": "2024-12-31T07:00:00+01:00"}), table=TABLE)
    assert [item.reason for item in done.records.aside] == ["validate.visit.planned_end_before_start"]


def test_a_doubt_goes_on_with_a_warning():
    doubtful = {"identifiers": [{"system": "nir", "value": "255081416802539", "use": None}]}
    done = validate(records({}, doubtful), table=TABLE)
    assert done.records.frame.height == 2
    (warned,) = done.records.warned
    assert (warned.reason, warned.place.line, warned.place.field) == (
        "validate.identifier.wrong_key",
        4,
        "identifiers.value",
    )


def test_a_strict_flow_refuses_what_is_doubtful():
    doubtful = {"identifiers": [{"system": "nir", "value": "255081416802539", "use": None}]}
    done = validate(records({}, doubtful), table=TABLE, doubts=DoubtRules(frozenset({"validate.identifier.wrong_key"})))
    assert [item.reason for item in done.records.aside] == ["validate.identifier.wrong_key"]
    assert done.records.warned == ()


def test_the_lanes_are_counted():
    given = records({}, {"travel_minutes": -1}, {})
    assert validate(given, table=TABLE).paths == PathCounts(fast_path=2, model_path=1)
    assert validate(given, table=TABLE, fast_path=False).paths == PathCounts(fast_path=0, model_path=3)


@pytest.mark.parametrize("express", [True, False])
def test_an_empty_pile_gives_an_empty_pile(*, express: bool):
    given = records({})
    done = validate(Records("visit/1", given.frame.clear()), table=TABLE, fast_path=express)
    assert done.records.frame.schema == given.frame.schema
    assert done.paths == PathCounts(0, 0)


def test_what_earlier_stages_set_aside_is_not_told_again():
    earlier = validate(records({"travel_minutes": -1}), table=TABLE).records
    assert validate(Records("visit/1", records({}).frame, earlier.aside), table=TABLE).records.aside == ()
