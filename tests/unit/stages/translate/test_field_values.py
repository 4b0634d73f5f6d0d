"""One table's fields: sure columns and exact rows laid together, and lists made of the items of several converters."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import NONE, Date, Identifier, PerRecord, Ref, Table
from passerelle.stages.translate.field_values import translate_fields
from passerelle.stages.translate.plan import compile_plan

REF = Ref("id", system="demo", entity="person")


def fill(fields, rows, *, columnar=True, contract="person/1"):
    """Return the fields of a table by name, from rows of prepared cells."""
    (table,) = compile_plan([Table(contract=contract, fields={"ref": REF, **fields})], supplier="demo").tables
    cells = pl.DataFrame(rows, dict.fromkeys(table.columns, pl.String))
    return {field.name: field for field in translate_fields(cells, table, columnar=columnar)}


def test_only_the_rows_of_which_columns_are_not_sure_are_parsed_one_by_one():
    filled = fill({"birth_date": Date("né")}, [{"id": "1", "né": "01/02/2000"}, {"id": "2", "né": "hier"}])[
        "birth_date"
    ]
    (slot,) = filled.slots
    assert filled.values.to_list() == ["2000-02-01", None]
    assert list(slot.rows) == [1]
    assert [(row, fault.reason) for row, fault in slot.iter_faults()] == [(1, "translate.date.malformed")]


def test_rows_that_say_the_same_have_each_their_fault():
    rows = [{"id": str(nth), "né": text} for nth, text in enumerate(["hier", "01/02/2000", "hier"])]
    (slot,) = fill({"birth_date": Date("né")}, rows)["birth_date"].slots
    assert [row for row, _fault in slot.iter_faults()] == [0, 2]


def test_a_table_of_sure_rows_has_no_outcome_to_tell():
    (slot,) = fill({"birth_date": Date("né")}, [{"id": "1", "né": "01/02/2000"}])["birth_date"].slots
    assert slot.outcomes is None
    assert (list(slot.iter_faults()), list(slot.iter_doubts()), slot.list_none_rows()) == ([], [], [])


NUMBERS = [Identifier(name, system=name) for name in ("caf", "dossier", "badge")]
CELL = st.sampled_from([None, "1", "2 3", "1,85E+14"])


@pytest.mark.parametrize("columnar", [True, False], ids=["columns first", "by record"])
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6))
def test_items_stand_in_the_order_of_their_converters_without_holes_and_no_list_is_empty(columnar, rows):
    cells = [
        {"id": str(nth), **dict(zip(("caf", "dossier", "badge"), row, strict=True))} for nth, row in enumerate(rows)
    ]
    values = fill({"identifiers": NUMBERS}, cells, columnar=columnar)["identifiers"].values
    expected = [
        [(system, cell.replace(" ", "")) for system, cell in zip(("caf", "dossier", "badge"), row, strict=True)
         if cell and "E" not in cell]
        for row in rows
    ]  # fmt: skip
    read = [value and [(part["system"], part["value"]) for part in value] for value in values.to_list()]
    assert read == [items or None for items in expected]


def _split(column):
    return PerRecord(
        column, parse=lambda row: [{"system": column, "value": part} for part in (row[column] or "").split()]
    )


@pytest.mark.parametrize("cells", [("1 2", "3 4"), ("1", "3"), ("1 2", "3"), ("", "3 4")])
def test_converters_that_give_several_items_a_row_keep_them_in_their_row(cells):
    rows = [{"id": str(nth), "caf": cells[0], "badge": cells[1]} for nth in range(3)]
    values = fill({"identifiers": [_split("caf"), _split("badge")]}, rows)["identifiers"].values
    assert [[part["value"] for part in value] for value in values.to_list()] == [" ".join(cells).split()] * 3


def test_an_item_without_a_value_leaves_no_hole():
    holed = PerRecord("caf", parse=lambda row: [row["caf"] and {"system": "caf", "value": row["caf"]}])
    rows = [{"id": "1", "caf": None, "badge": "2"}, {"id": "2", "caf": "3", "badge": "4"}]
    values = fill({"identifiers": [holed, _split("badge")]}, rows)["identifiers"].values
    assert [[part["value"] for part in value] for value in values.to_list()] == [["2"], ["3", "4"]]


def test_nothing_is_confirmed_where_a_value_is_found_after_all():
    field = fill({"usual_name": PerRecord("n", parse=lambda row: NONE if row["n"] == "aucun" else row["n"])},
                 [{"id": "1", "n": "aucun"}, {"id": "2", "n": "X"}, {"id": "3", "n": None}])["usual_name"]  # fmt: skip
    assert field.mark_confirmed_none(None).to_list() == [True, False, False]
    assert field.mark_confirmed_none(pl.Series([False, True, True])).to_list() == [True, False, True]


def test_a_mask_that_is_shared_between_fields_is_not_changed():
    words = pl.Series([False, False])
    field = fill({"usual_name": PerRecord("n", parse=lambda _row: NONE)}, [{"id": "1", "n": "x"}] * 2)["usual_name"]
    assert field.mark_confirmed_none(words).to_list() == [True, True]
    assert words.to_list() == [False, False]
    assert fill({"birth_date": Date("né")}, [{"id": "1", "né": None}])["birth_date"].mark_confirmed_none(None) is None


@given(rows=st.lists(st.sampled_from(["", "1", "1 2", "-"]), min_size=1, max_size=6))
def test_lists_of_one_item_each_are_the_lists_that_were_parsed(rows):
    def parse(row):
        return [{"system": "caf", "value": part} if part != "-" else None for part in (row["caf"] or "").split()]

    cells = [{"id": str(nth), "caf": text} for nth, text in enumerate(rows)]
    values = fill({"identifiers": PerRecord("caf", parse=parse)}, cells)["identifiers"].values
    read = [[part and part["value"] for part in value or ()] for value in values.to_list()]
    assert read == [[None if part == "-" else part for part in text.split()] for text in rows]
