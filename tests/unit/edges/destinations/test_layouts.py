"""Files in a supplier's own layout: its headers as it writes them, repeated ones in their order."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.edges.destinations.forms import CsvForm, LayoutRows
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW


def _ready() -> Delivery:
    frame = pl.DataFrame({ROW: [0], "ref": ["a:visit:1"]}, schema_overrides={ROW: pl.UInt32})
    return Delivery("flux", "visit/1", BatchKey("0" * 64, 0), frame, (b"{}",), ("k",), (1,))


@pytest.mark.parametrize("order", [("Motif", "Motif#2", "#3"), ("Motif#2", "#3", "Motif")])
def test_repeated_headers_are_written_as_the_supplier_writes_them_and_in_order(order):
    cells = {"Motif": "arrivée", "Motif#2": "départ", "#3": "sans nom"}

    def layout(_contract: str, _frame: pl.DataFrame) -> LayoutRows:
        return LayoutRows(pl.DataFrame({name: [cells[name]] for name in order}))

    header, row = CsvForm(layout).write(_ready()).content.decode("utf-8-sig").splitlines()
    assert sorted(header.replace('"', "").split(";")) == ["", "Motif", "Motif"]
    found = [cell for name, cell in zip(header.replace('"', "").split(";"), row.split(";"), strict=True) if name]
    assert found == ["arrivée", "départ"]


def test_a_mark_that_belongs_to_the_name_stays():
    def layout(_contract: str, _frame: pl.DataFrame) -> LayoutRows:
        return LayoutRows(pl.DataFrame({"Dossier #2": ["x"]}))

    assert CsvForm(layout).write(_ready()).content.decode("utf-8-sig").splitlines()[0] == "Dossier #2"
