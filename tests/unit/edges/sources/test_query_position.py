"""How far a query has come is kept with its type, and gone back from by an overlap of the same kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from passerelle.edges.sources.overlapping import Overlap
from passerelle.edges.sources.query_position import advance, read_position, step_back, write_position
from passerelle.vocabulary.errors import FlowError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [0, 12, Decimal("1.5"), datetime(2026, 3, 1, 8, 30, tzinfo=UTC), date(2026, 3, 1), "A-001", "012"]
)
def test_a_value_comes_back_as_it_was_with_its_type(value):
    again = read_position(write_position(value))
    assert (type(again), again) == (type(value), value)


@pytest.mark.parametrize("value", [True, 1.5, b"x", None, Decimal("NaN")])
def test_what_does_not_grow_in_steps_is_no_position(value):
    with pytest.raises(FlowError):
        write_position(value)


@pytest.mark.parametrize(
    ("kept", "by", "begin"),
    [
        ("n:12", 5, "n:7"),
        ("m:2026-03-01T08:30:00+00:00", timedelta(hours=1), "m:2026-03-01T07:30:00+00:00"),
        ("t:2026-03-01 08:30:00", timedelta(hours=1), "t:2026-03-01 07:30:00"),
        ("d:2026-03-01", timedelta(days=2), "d:2026-02-27"),
        ("t:A-001", 0, "t:A-001"),
    ],
)
def test_a_look_begins_before_the_place_where_the_last_one_ended(kept, by, begin):
    assert step_back(kept, Overlap(by)) == begin


@pytest.mark.parametrize(("kept", "by"), [("m:2026-03-01T08:30:00", 5), ("n:12", timedelta(hours=1)), ("f:1.5", 1)])
def test_an_overlap_of_another_kind_is_told(kept, by):
    with pytest.raises(FlowError) as refused:
        step_back(kept, Overlap(by))
    assert refused.value.code == "incident.query.unordered"


def test_a_position_neither_goes_back_nor_into_the_future():
    assert advance("n:12", "n:9", Overlap(5), NOW) == "n:12"
    assert advance("n:12", "", Overlap(5), NOW) == "n:12"
    assert advance("m:2026-03-01T08:00:00+00:00", "m:2036-01-01T00:00:00+00:00", Overlap(timedelta(hours=1)), NOW) == (
        "m:2026-03-01T12:00:00+00:00"
    )
    assert advance("n:12", "d:2026-03-01", Overlap(), NOW) == "d:2026-03-01"
