"""Row-wise translation: each distinct combination of cells is parsed once, and no value is converted to fit."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate import NONE, Constant, Doubtful, Fault, PerRecord
from passerelle.stages.translate.rowwise import has_dtype, parse_rows
from passerelle.stages.translate.slot import ConverterSlot

STRUCT = pl.Struct({"code": pl.String(), "label": pl.String()})


@pytest.mark.parametrize(
    ("value", "dtype", "fits"),
    [
        (None, pl.Int64, True),
        ("é", pl.String, True),
        ("\ud800", pl.String, False),
        (1, pl.String, False),
        (2**63 - 1, pl.Int64, True),
        (2**63, pl.Int64, False),
        (-(2**63), pl.Int64, True),
        (-(2**63) - 1, pl.Int64, False),
        (True, pl.Int64, False),
        (1.0, pl.Int64, False),
        (1, pl.Boolean, False),
        ([], pl.List(pl.String), True),
        (["a", None], pl.List(pl.String), True),
        (["a", 1], pl.List(pl.String), False),
        ("a", pl.List(pl.String), False),
        ({"code": "a"}, STRUCT, True),
        ({"code": "a", "other": "b"}, STRUCT, False),
        ({"code": 1}, STRUCT, False),
    ],
)
def test_a_value_is_stored_as_it_is_or_not_at_all(value, dtype, fits):
    assert has_dtype(value, dtype) is fits


def test_the_same_cells_are_parsed_once():
    parsed = []

    def parse(row):
        parsed.append(dict(row))
        return row["a"]

    cells = pl.DataFrame({"a": ["x", "y", "x", None, "x"]})
    outcomes = parse_rows(cells, ConverterSlot.of("f", PerRecord("a", parse=parse), pl.String()))
    assert parsed == [{"a": "x"}, {"a": "y"}, {"a": None}]
    assert [outcomes.values[nth] for nth in outcomes.nth] == ["x", "y", "x", None, "x"]


def test_faults_doubts_and_explicit_nothings_are_kept_apart_from_values():
    found = {"fault": Fault("r", "a"), "doubt": Doubtful("v", "r", "a"), "none": NONE, "wrong": 12}
    converter = PerRecord("a", parse=lambda row: found.get(row["a"], row["a"]))
    cells = pl.DataFrame({"a": ["fault", "doubt", "none", "wrong", "plain"]})
    outcomes = parse_rows(cells, ConverterSlot.of("f", converter, pl.String()))
    assert outcomes.values == [None, "v", None, None, "plain"]
    assert {nth: fault.reason for nth, fault in outcomes.faults.items()} == {0: "r", 3: "translate.plugin.failed"}
    assert (set(outcomes.doubts), outcomes.none) == ({1}, {2})


def test_a_converter_without_columns_is_asked_once_for_all_rows():
    outcomes = parse_rows(pl.DataFrame({"a": ["x", "y"]}), ConverterSlot.of("f", Constant("v"), pl.String()))
    assert (outcomes.nth, outcomes.values) == ([0, 0], ["v"])


def test_one_item_of_a_list_field_is_stored_as_a_list():
    slot = ConverterSlot.of("f", PerRecord("a", parse=lambda row: row["a"]), pl.List(pl.String()))
    assert parse_rows(pl.DataFrame({"a": ["x", None]}), slot).values == [["x"], None]
