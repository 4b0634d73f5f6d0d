"""What the quarantine keeps of a record can be read again, whatever the supplier wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.records.quarantine_items import make_quarantine_items
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.parcels import TextTable
from passerelle.vocabulary.place import Place

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CELLS = st.none() | st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\x00\n\x1f\x7f\x85\u2028'), max_size=12
)


def table(rows: list[dict[str, str | None]]) -> TextTable:
    frame = pl.DataFrame(rows, dict.fromkeys(rows[0], pl.String))
    return TextTable("visites", frame, pl.int_range(2, len(rows) + 2, dtype=pl.UInt32, eager=True))


def aside(row: int | None, line: int, *, raw: str | None = None, kept: bool = True) -> SetAside:
    return SetAside(Fate.REJECTED, "validate.field.missing", Place(line), row, raw=raw, needs_quarantine=kept)


@settings(max_examples=count_examples(60), deadline=None)
@given(st.lists(st.fixed_dictionaries({"B": CELLS, 'né"': CELLS, "A": CELLS}), min_size=1, max_size=4))
def test_cells_come_back_as_they_were(rows):
    items = make_quarantine_items([aside(row, row + 2) for row in range(len(rows))], table(rows), NOW, 30)
    assert [json.loads(item.payload) for item in items] == [
        {"member": "visites", "cells": row, "line": line} for line, row in enumerate(rows, 2)
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_a_span_that_could_not_be_read_comes_back_as_it_was(raw):
    (item,) = make_quarantine_items([aside(None, 7, raw=raw)], table([{"A": "x"}]), NOW, 30)
    assert json.loads(item.payload) == {"member": "visites", "raw": raw, "line": 7}


def test_the_same_cells_are_alike_on_another_line_and_with_other_columns_first():
    (one,) = make_quarantine_items([aside(0, 2)], table([{"A": "x", "B": None}]), NOW, 30)
    (other,) = make_quarantine_items([aside(0, 9)], table([{"B": None, "A": "x"}]), NOW, 30)
    (third,) = make_quarantine_items([aside(0, 2)], table([{"A": None, "B": "x"}]), NOW, 30)
    assert one.likeness == other.likeness != third.likeness


@pytest.mark.parametrize("contracts", [1, 2])
def test_a_row_of_two_contracts_is_kept_twice(contracts):
    items = make_quarantine_items([aside(0, 2)] * contracts + [aside(0, 2, kept=False)], table([{"A": "x"}]), NOW, 30)
    assert len(items) == contracts
    assert {item.payload for item in items} == {b'{"member":"visites","cells":{"A":"x"},"line":2}'}


def test_a_row_of_a_table_without_columns_is_kept_too():
    nothing = TextTable("visites", pl.DataFrame(height=1), pl.Series([2], dtype=pl.UInt32))
    (item,) = make_quarantine_items([aside(0, 2)], nothing, NOW, 30)
    assert json.loads(item.payload) == {"member": "visites", "cells": {}, "line": 2}


def test_what_is_set_aside_does_not_show_what_was_received():
    assert "Mme Untel" not in repr(aside(None, 7, raw="Mme Untel"))
