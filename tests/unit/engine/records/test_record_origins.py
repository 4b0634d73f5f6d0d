"""The source of a record is the same as a column and as text, of one parcel and of several."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from passerelle.engine.records.record_origins import RecordOrigins
from passerelle.vocabulary.parcels import Parcel, TextTable

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
WHOSE = {"supplier": "s", "connector": "c", "connector_version": "1"}


def _parcel(letter: str) -> Parcel:
    return Parcel(letter * 64, "f", 1, NOW, "", 1, 1)


@pytest.mark.parametrize("unsaid", [(), (("team",), (), ("team", "comment"))])
@pytest.mark.parametrize("letters", ["a", "ab"])
def test_text_and_column_say_the_same(letters, unsaid):
    table = TextTable("", pl.DataFrame({"x": ["1", "2", "3"]}), pl.Series("line", [2, 3, 9], dtype=pl.UInt32))
    nth = np.arange(3) % len(letters)
    origins = RecordOrigins(table, tuple(map(_parcel, letters)), pl.Series("line", [2, 3, 2], dtype=pl.UInt32), nth)
    rows = pl.Series([0, 1, 2], dtype=pl.UInt32)
    column = pl.DataFrame({"x": [1, 2, 3]}).select(origins.describe_sources(rows, WHOSE, unsaid)).to_series()
    pieces = [pl.lit(one) if isinstance(one, str) else one for one in origins.encode_tails(rows, WHOSE, unsaid)]
    tails = pl.select(pl.concat_str(pieces)).to_series().to_list()
    told = [json.loads("{" + tail.removeprefix(","))["source"] for tail in tails]
    expected = [{name: value for name, value in source.items() if value is not None} for source in column.to_list()]
    assert told == expected
    assert [source["parcel"][0] for source in told] == [letters[place] for place in nth]


def test_figures_name_neither_parcel_nor_line():
    table = TextTable("", pl.DataFrame({"x": ["1", "2"]}), pl.Series("line", [2, 3], dtype=pl.UInt32))
    lines = pl.Series("line", [2, 3], dtype=pl.UInt32)
    hidden = RecordOrigins(table, (_parcel("a"), _parcel("b")), lines, np.array([0, 1])).hide()
    rows = pl.Series([0, 1], dtype=pl.UInt32)
    told = pl.DataFrame({"x": [1, 2]}).select(hidden.describe_sources(rows, WHOSE, ())).to_series().to_list()
    assert len({source["parcel"] for source in told}) == 1
    assert [source["row"] for source in told] == [0, 0]
