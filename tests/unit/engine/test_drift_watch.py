"""Drift is told once, when it appears, and parks what cannot be understood."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.engine.drift_watch import DriftWatch
from passerelle.stages.translate import Ref, Table, Text
from passerelle.stages.translate.plan import compile_plan
from passerelle.vocabulary.errors import ParcelError
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


def test_an_unknown_column_is_told_once():
    assert _told(_batch(0, "id", "nom", "fax"), _batch(1, "id", "nom", "fax")) == [
        [("translate.column.unknown", "fax")],
        [],
    ]


def test_a_column_that_appears_in_a_later_batch_is_told_there():
    told = _told(_batch(0, "id", "nom"), _batch(1, "id", "nom", "fax"), _batch(2, "id", "nom", "fax"))
    assert told == [[], [("translate.column.unknown", "fax")], []]


def test_a_batch_without_columns_tells_nothing():
    empty = DecodedBatch(0, TextTable("", pl.DataFrame(), pl.Series([], dtype=pl.UInt32)))
    assert _told(empty, _batch(1, "id", "nom")) == [[], []]


def test_a_missing_key_column_parks_the_parcel_and_names_the_likely_one():
    with pytest.raises(ParcelError) as caught:
        _told(_batch(0, "Id ", "nom"))
    assert "«id»" in caught.value.details["columns"]
