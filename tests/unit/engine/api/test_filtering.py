"""Filters: forms that are taken, days and moments that exist, spans that are half-open."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle import contracts
from passerelle.contracts.query_filters import FieldFilter, list_filters
from passerelle.contracts.types import FieldKind
from passerelle.engine.api.filtering import can_read, match_records

VISIT = contracts.get("visit/1")
START = FieldFilter("planned_start", FieldKind.INSTANT)


def test_filters_are_keys_references_and_days_of_the_fields_that_are_served():
    names = [one.name for one in list_filters(VISIT, ("ref", "person_ref", "planned_start", "status"))]
    assert names == ["ref", "person_ref", "planned_start", "planned_start.ge", "planned_start.lt"]
    assert list_filters(VISIT, ()) == ()


@pytest.mark.parametrize(
    ("kind", "value", "is_taken"),
    [
        (FieldKind.URN, "atelier:person:P1", True),
        (FieldKind.URN, "P1", False),
        (FieldKind.DAY, "2026-02-28", True),
        (FieldKind.DAY, "2026-02-29", False),
        (FieldKind.DAY, "2026-02", False),
        (FieldKind.PARTIAL_DAY, "1947", True),
        (FieldKind.PARTIAL_DAY, "1947-05", True),
        (FieldKind.PARTIAL_DAY, "1947-13", False),
        (FieldKind.INSTANT, "2026-11-02", True),
        (FieldKind.INSTANT, "2026-11-02T08:00:00+01:00", True),
        (FieldKind.INSTANT, "2026-11-02T08:00:00", False),
        (FieldKind.INSTANT, "0000-01-01", False),
        (FieldKind.INSTANT, "2026-11-02T08:00:00+01:00\n", False),
    ],
)
def test_a_value_has_a_form_and_exists(kind, value, is_taken):
    assert can_read(FieldFilter("x", kind), value) is is_taken


MOMENTS = st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 26)).map(lambda one: one.replace(microsecond=0))  # noqa: DTZ001  an offset follows
OFFSETS = st.sampled_from(["+00:00", "+01:00", "+02:00", "-04:00"])
INSTANTS = st.builds(lambda moment, offset: moment.isoformat() + offset, MOMENTS, OFFSETS)


@settings(max_examples=count_examples(100))
@given(st.lists(INSTANTS, min_size=1, max_size=8), INSTANTS)
def test_two_neighbouring_spans_share_nothing_and_lose_nothing(values, bound):
    frame = pl.DataFrame({"planned_start": values})
    later = match_records(FieldFilter("planned_start", FieldKind.INSTANT, "ge"), frame, bound)
    before = match_records(FieldFilter("planned_start", FieldKind.INSTANT, "lt"), frame, bound)
    assert (later ^ before).all()
    wanted = datetime.fromisoformat(bound)
    assert later.to_list() == [datetime.fromisoformat(value) >= wanted for value in values]
    assert match_records(START, frame, bound).to_list() == [datetime.fromisoformat(one) == wanted for one in values]


def test_a_day_is_that_of_the_place_of_the_record():
    frame = pl.DataFrame({"planned_start": ["2026-11-02T23:30:00-04:00", "2026-11-02T00:10:00+01:00", None]})
    assert match_records(START, frame, "2026-11-02").to_list() == [True, True, False]


def test_a_field_that_no_record_knows_keeps_none():
    assert match_records(START, pl.DataFrame({"ref": ["a"]}), "2026-11-02").to_list() == [False]


@pytest.mark.parametrize("ref", ["x:person:1", "demo:person:1"], ids=["as long as a day", "longer"])
def test_a_reference_is_not_that_of_somebody_whose_number_begins_alike(ref):
    frame = pl.DataFrame({"person_ref": [ref, f"{ref}0", None]})
    assert match_records(FieldFilter("person_ref", FieldKind.URN), frame, ref).to_list() == [True, False, False]
