"""When a state was made is read as the connector or the flow says: exactly, however it is written, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import Connector, Csv, FlowError
from passerelle import convert as to
from passerelle.engine.records.version_order import VersionOrder, find_order
from passerelle.engine.settings.order_settings import OrderSettings
from passerelle.vocabulary.parcels import Parcel, TextTable

PARCEL = Parcel("a" * 64, "f", 1, datetime(2026, 1, 1, tzinfo=UTC), "", 1, 1)
DAYS = ("%d/%m/%Y %H:%M", "%d/%m/%Y")


def read(converter, *cells, words=("", "NULL")):
    frame = pl.DataFrame({"Modif": cells}, schema={"Modif": pl.String})
    table = TextTable("", frame, pl.Series(range(1, len(cells) + 1), dtype=pl.UInt32))
    rows = pl.Series(range(len(cells)), dtype=pl.UInt32)
    return VersionOrder(converter, words).read_moments(rows, table, PARCEL).tolist()


def micro(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def test_moments_are_read_in_every_way_that_the_converter_reads():
    cells = ("2024-11-04T09:31:02+01:00", "2024-11-04 09:31:02 +0100", "2024-11-04T08:31:02Z", " 2024-11-04T08:31:02Z ")
    assert set(read(to.Instant("Modif"), *cells)) == {micro("2024-11-04T08:31:02+00:00")}


def test_local_times_and_days_are_read_in_their_zone():
    column = to.LocalDateTime("Modif", formats=DAYS, missing="later", twice="earlier")
    expected = [micro("2024-11-04T09:31:00+01:00"), micro("2024-11-04T00:00:00+01:00"), micro("2024-10-27T02:30+02:00")]
    assert read(column, "04/11/2024 09:31", "04/11/2024", "27/10/2024 02:30") == expected
    assert read(to.Date("Modif"), "04/11/2024") == [micro("2024-11-04T00:00:00+00:00")]


def test_what_says_nothing_is_0():
    assert read(to.Instant("Modif"), "", "NULL", None, "hier", "2024-11-04T08:31:02") == [0] * 5
    assert read(to.Instant("Autre"), "2024-11-04T08:31:02Z") == [0]
    assert read(None, "2024-11-04T08:31:02Z") == [0], "a name without a date"


def test_the_date_of_the_name_counts_for_every_row():
    dated = replace(PARCEL, named_at=datetime(2024, 11, 3, tzinfo=UTC))
    table = TextTable("", pl.DataFrame({"Nom": ["a", "b"]}), pl.Series([1, 2], dtype=pl.UInt32))
    moments = VersionOrder(None, ()).read_moments(pl.Series([0, 1]), table, dated)
    assert moments.tolist() == [micro("2024-11-03T00:00:00+00:00")] * 2


@given(st.lists(st.integers(0, 10**6 - 1), min_size=1, max_size=9))
def test_fractions_of_a_second_order_too(fractions):
    cells = [f"2024-11-04T08:31:02.{fraction:06d}Z" for fraction in fractions]
    start = micro("2024-11-04T08:31:02+00:00")
    assert read(to.Instant("Modif"), *cells) == [start + fraction for fraction in fractions]


def test_a_flow_says_it_else_its_connector():
    connector = Connector(id="c", title="C", dialect=Csv(), tables=())
    assert find_order(connector, None) is None
    own = replace(connector, ordered_by=to.Instant("Modif"))
    assert find_order(own, None).converter == to.Instant("Modif")
    assert find_order(own, OrderSettings(file_name=True)).converter is None
    assert find_order(own, OrderSettings(column="X", formats=("%d/%m/%Y",))).converter.columns == ("X",)
    with pytest.raises(FlowError) as refused:
        find_order(connector, OrderSettings(column="X", formats=("%q",)))
    assert refused.value.code == "settings.order.unreadable"


def test_the_hour_that_never_comes_is_taken_for_the_next_one():
    order = find_order(
        Connector(id="c", title="C", dialect=Csv(), tables=()),
        OrderSettings(column="Modif", formats=("%d/%m/%Y %H:%M",)),
    )
    assert read(order.converter, "31/03/2024 02:30") == [micro("2024-03-31T03:30:00+02:00")]


def test_rows_are_read_in_the_order_that_is_asked_for():
    table = TextTable("", pl.DataFrame({"Modif": ["hier", "2024-11-04T08:31:02Z"]}), pl.Series([1, 2], dtype=pl.UInt32))
    rows = pl.Series([1, 0, 1], dtype=pl.UInt32)
    moments = VersionOrder(to.Instant("Modif"), ()).read_moments(rows, table, PARCEL).tolist()
    assert moments == [micro("2024-11-04T08:31:02+00:00"), 0, micro("2024-11-04T08:31:02+00:00")]
