"""A map of thousands of cells costs what its cells cost, not their square."""

from __future__ import annotations

from functools import partial

import polars as pl
import pytest
from growth import AS_ITS_SIZE, measure_growth

from passerelle.contracts import get
from passerelle.contracts.canonical import is_absent
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.stages.gate.minimising import minimise
from passerelle.stages.validate.fast_path import check_rows
from passerelle.vocabulary.place import ROW

PERSON = get("person/1")
STEERING = ReleasePolicy.of_purpose(Purpose.STEERING)


def make_frame(cells: dict[str, list[str | None]]) -> pl.DataFrame:
    height = len(next(iter(cells.values())))
    extra = pl.DataFrame(cells).select(pl.struct(pl.struct(pl.all()).alias("compani")).alias("extra")).to_series()
    return pl.DataFrame(
        {
            ROW: pl.Series(range(height), dtype=pl.UInt32),
            "ref": [f"compani:person:{number}" for number in range(height)],
        }
    ).with_columns(extra)


def make_wide(width: int) -> pl.DataFrame:
    return make_frame({f"c{number}": ["v", None, "w"] for number in range(width)})


@pytest.mark.parametrize(
    "work", [lambda frame: check_rows(frame, PERSON), lambda frame: minimise(frame, PERSON, STEERING)]
)
def test_cells_of_a_map_are_checked_and_counted_in_a_time_that_grows_as_they_do(work):
    assert measure_growth(lambda width: partial(work, make_wide(width)), 4_000) < AS_ITS_SIZE


def test_each_of_four_thousand_cells_is_counted():
    assert minimise(make_wide(4_000), PERSON, STEERING)[1].get_column("extra").sum() == 8_000


@pytest.mark.parametrize("width", [3, 63, 64, 65, 200])
def test_a_wide_map_is_judged_as_a_narrow_one(width):
    rows = [["v", None, "v", "x" * 100_000], *([None, None, "w", "v"] for _ in range(width - 1))]
    frame = make_frame({f"c{number}": cells for number, cells in enumerate(rows)})
    plain = frame.drop("extra")
    assert check_rows(frame.head(3), PERSON).valid.to_list() == check_rows(plain.head(3), PERSON).valid.to_list()
    absent = frame.select(is_absent(pl.col("extra"), frame.schema["extra"])).to_series().to_list()
    assert absent == [False, True, False, False]
