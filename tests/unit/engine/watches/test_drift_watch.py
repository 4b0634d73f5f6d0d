"""Drift is told once, when it appears, and parks what cannot be understood."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.stages.translate import Ref, Table, Text
from passerelle.stages.translate.plan import compile_plan
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.other_header import OtherHeader
from passerelle.vocabulary.parcels import DecodedBatch, TextTable

PLAN = compile_plan(
    [
        Table(
            contract="organisation/1", fields={"ref": Ref("id", system="x", entity="organisation"), "name": Text("nom")}
        )
    ],
    supplier="x",
)


def _batch(number: int, *columns: str) -> DecodedBatch:
    frame = pl.DataFrame({name: ["a"] for name in columns})
    return DecodedBatch(number, TextTable("", frame, pl.Series([1], dtype=pl.UInt32)))


def _told(*batches: DecodedBatch) -> list[list[tuple[str, str]]]:
    watch = DriftWatch(PLAN)
    return [[(one.reason, one.place.column) for one in watch.observe(batch).warned] for batch in batches]


def test_an_unknown_column_is_one_cause_to_which_each_batch_adds_its_values():
    batches = (_batch(0, "id", "nom", "fax"), _batch(1, "id", "nom", "fax"))
    assert _told(*batches) == [[("translate.column.unknown", "fax")]] * 2
    watch = DriftWatch(PLAN)
    assert [one.details["count"] for batch in batches for one in watch.observe(batch).warned] == ["1", "1"]


def test_an_unknown_column_without_values_is_told_where_it_is_first_met_and_counts_for_nothing():
    empty = pl.DataFrame({"id": ["a"], "nom": ["b"], "fax": [""]})
    watch = DriftWatch(PLAN)
    batches = [DecodedBatch(n, TextTable("", empty, pl.Series([1], dtype=pl.UInt32))) for n in range(2)]
    assert [[one.details["count"] for one in watch.observe(batch).warned] for batch in batches] == [["0"], []]


def test_a_column_that_appears_in_a_later_batch_is_told_there():
    told = _told(_batch(0, "id", "nom"), _batch(1, "id", "nom", "fax"), _batch(2, "id", "nom", "fax"))
    assert told == [[], [("translate.column.unknown", "fax")], [("translate.column.unknown", "fax")]]


def test_a_batch_without_columns_tells_nothing():
    empty = DecodedBatch(0, TextTable("", pl.DataFrame(), pl.Series([], dtype=pl.UInt32)))
    assert _told(empty, _batch(1, "id", "nom")) == [[], []]


def test_a_missing_key_column_parks_the_parcel_and_names_the_likely_one():
    with pytest.raises(ParcelError) as caught:
        _told(_batch(0, "Id ", "nom"))
    assert "«id»" in caught.value.details["columns"]


def test_columns_that_stand_elsewhere_in_the_workbook_are_named_by_sheet_and_row():
    others = (
        OtherHeader("Notice", 1, frozenset({"id"})),
        OtherHeader("Données", 3, frozenset({"id", "nom", "fax"})),
        OtherHeader("Suite", 1, frozenset({"id", "nom"})),
    )
    with pytest.raises(ParcelError) as caught:
        _told(replace(_batch(0, "Lisez-moi"), other_headers=others))
    assert caught.value.code == "translate.header.elsewhere"
    assert caught.value.details == {"sheet": "Données", "row": "3"}


def test_columns_that_stand_elsewhere_too_do_not_matter_where_the_needed_ones_are():
    others = (OtherHeader("Suite", 1, frozenset({"id", "nom"})),)
    assert _told(replace(_batch(0, "id", "nom"), other_headers=others)) == [[]]


def test_a_column_that_could_be_there_is_missed_once_in_a_parcel():
    fields = {"ref": Ref("id", system="x", entity="organisation"), "name": Text("nom"), "comment": Text("note")}
    plan = compile_plan([Table(contract="organisation/1", fields=fields)], supplier="x")
    told = [one.place.column for one in DriftWatch(plan).observe(_batch(0, "id", "nom")).warned]
    assert told == ["note"]
    assert DriftWatch(plan, settled={2}).observe(_batch(3, "id", "nom")).warned == ()


def test_what_an_earlier_run_told_of_the_parcel_is_not_told_again():
    empty = pl.DataFrame({"id": ["a"], "nom": ["b"], "fax": [""]})
    batch = DecodedBatch(3, TextTable("", empty, pl.Series([1], dtype=pl.UInt32)))
    assert [one.place.column for one in DriftWatch(PLAN).observe(batch).warned] == ["fax"]
    assert DriftWatch(PLAN, settled={2}).observe(batch).warned == ()
