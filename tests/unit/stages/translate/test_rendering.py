"""Records as cells of a table: who wins a shared column, what goes back to its supplier, what has no place."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate import Date, Identifier, Ref, Table, Text, Where
from passerelle.stages.translate.rendering import iter_unmapped, render, render_record

TABLE = Table(
    contract="person/1",
    fields={
        "ref": Ref("id", system="demo", entity="person"),
        "usual_name": Text("nom"),
        "birth_name": Text("nom"),
        "birth_date": Date("né le"),
        "identifiers": [Identifier("nir", system="nir")],
    },
    where=(Where("type", ("P", "Q")), Where("état", ("clos",), negated=True)),
)


def test_of_fields_that_share_a_column_the_first_that_is_filled_writes_it():
    assert render_record({"usual_name": "A", "birth_name": "B"}, TABLE, supplier="demo")["nom"] == "A"
    assert render_record({"usual_name": None, "birth_name": "B"}, TABLE, supplier="demo")["nom"] == "B"


def test_a_row_is_written_so_that_its_table_takes_it_again():
    row = render_record({"ref": "demo:person:1"}, TABLE, supplier="demo")
    assert (row["type"], row.get("état")) == ("P", None)


@pytest.mark.parametrize(("supplier", "note"), [("demo", "à rappeler"), ("autre", None)])
def test_what_was_carried_goes_back_to_its_own_supplier_only(supplier, note):
    record = {"ref": "demo:person:1", "extra": {"demo": {"note": "à rappeler", "nom": "Z"}}, "usual_name": "A"}
    row = render_record(record, TABLE, supplier=supplier)
    assert (row.get("note"), row["nom"]) == (note, "A")


def test_columns_stand_as_the_fields_read_them_then_conditions_then_what_is_carried():
    records = [{"ref": "demo:person:1", "extra": None}, {"ref": "demo:person:2", "extra": {"demo": {"note": "x"}}}]
    frame = render(pl.DataFrame(records), TABLE, supplier="demo")
    assert frame.columns == ["id", "nom", "né le", "nir", "type", "état", "note"]
    assert frame["note"].to_list() == ["", "x"]


def test_no_record_gives_the_columns_all_the_same():
    frame = render(pl.DataFrame(schema={"ref": pl.String}), TABLE, supplier="demo")
    assert (frame.height, frame.columns[:2]) == (0, ["id", "nom"])


def test_each_value_without_a_place_is_named_once_and_what_the_pipeline_adds_is_no_value():
    record = {
        "ref": "demo:person:1",
        "_row": 3,
        "source": {"supplier": "demo"},
        "confirmed_none": ["sex"],
        "sex": {"code": "2"},
        "identifiers": [{"system": "caf", "value": "1"}, {"system": "ins", "value": "2"}],
        "extra": {"demo": {"note": "x"}, "autre": {"a": "1", "b": ""}},
    }
    assert list(iter_unmapped(record, TABLE, supplier="demo")) == ["sex", "identifiers", "identifiers", "extra"]
