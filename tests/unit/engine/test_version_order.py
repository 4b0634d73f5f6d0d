"""Which of two states is the newer: the moment that a column or a file's name says, to the microsecond, or none."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from passerelle import Connector, Csv
from passerelle.engine.settings import OrderSettings
from passerelle.engine.version_order import find_order
from passerelle.stages.translate import Date, Instant
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.parcels import Parcel, TextTable

NOON = datetime(2024, 12, 31, 12, tzinfo=UTC)


def connector(**more):
    return Connector(id="demo", title="Demo", dialect=Csv(), tables=(), **more)


def moments(order, *cells, rows=None, named_at=None, column="maj"):
    """Return the moments of a column's cells, as datetimes; None where nothing says one."""
    frame = pl.DataFrame({column: cells}, schema={column: pl.String})
    table = TextTable("", frame, pl.Series(range(len(cells)), dtype=pl.UInt32))
    parcel = Parcel("a" * 64, "un", 1, NOON, "", 1, 1, named_at=named_at)
    places = pl.Series(range(len(cells)) if rows is None else rows, dtype=pl.UInt32)
    read = order.read_moments(places, table, parcel).tolist()
    return [datetime.fromtimestamp(moment / 1e6, UTC) if moment else None for moment in read]


def test_the_settings_go_before_the_connector_and_without_either_nothing_orders():
    own = connector(ordered_by=Instant("maj"))
    assert find_order(connector(), None) is None
    assert find_order(own, None).converter == Instant("maj")
    assert find_order(own, OrderSettings(column="date")).converter == Instant("date")
    assert find_order(own, OrderSettings(file_name=True)).converter is None


def test_a_way_of_writing_that_cannot_be_read_stops_the_flow_by_its_column():
    with pytest.raises(FlowError) as refused:
        find_order(connector(), OrderSettings(column="maj", formats=("%B",)))
    assert (refused.value.code, refused.value.details["column"]) == ("settings.order.unreadable", "maj")


def test_a_fraction_of_a_second_decides_and_other_offsets_are_the_same_moment():
    order = find_order(connector(ordered_by=Instant("maj")), None)
    assert moments(
        order, "2024-12-31T12:00:00.5Z", "2024-12-31T13:00:00+01:00", "2024-12-31 13:00:00.000001 +0100"
    ) == [
        NOON.replace(microsecond=500_000),
        NOON,
        NOON.replace(microsecond=1),
    ]


def test_the_hour_that_comes_twice_is_taken_for_the_first_and_the_one_that_never_comes_for_the_next():
    order = find_order(connector(), OrderSettings(column="maj", formats=("%d/%m/%Y %H:%M",)))
    assert moments(order, "27/10/2024 02:30", "31/03/2024 02:30") == [
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
    ]


def test_a_day_is_its_midnight():
    order = find_order(connector(ordered_by=Date("maj")), None)
    assert moments(order, "31/12/2024") == [datetime(2024, 12, 31, tzinfo=UTC)]


def test_a_cell_that_says_nothing_or_cannot_be_read_orders_nothing():
    order = find_order(connector(ordered_by=Instant("maj"), nulls=("", "NC")), None)
    assert moments(order, "", "NC", "hier", None, "2024-12-31T12:00:00Z") == [None, None, None, None, NOON]
    assert moments(order, "2024-12-31T12:00:00Z", column="autre") == [None]


def test_rows_are_read_in_the_order_that_is_asked_for():
    order = find_order(connector(ordered_by=Instant("maj")), None)
    assert moments(order, "hier", "2024-12-31T12:00:00Z", rows=[1, 0, 1]) == [NOON, None, NOON]


@pytest.mark.parametrize("named_at", [NOON, None])
def test_the_date_in_the_name_of_a_file_is_that_of_all_its_rows(named_at):
    order = find_order(connector(), OrderSettings(file_name=True))
    assert moments(order, "x", "y", named_at=named_at) == [named_at, named_at]
