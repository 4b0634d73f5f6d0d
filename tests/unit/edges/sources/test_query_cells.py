"""Values of a database become text by one rule a type, and rows come back from the CSV as they were."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.sources.query_cells import write_rows, write_value
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.errors import FlowError

SIGNS = "aé€;,|\"\r\n\t '"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Été", "Été"),
        (None, None),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-12, "-12"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.0000001"), "0.0000001"),
        (0.1, "0.1"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, 30), "2026-03-01T08:30:00"),  # noqa: DTZ001  a moment without zone is one of them
        (datetime(2026, 3, 1, 8, 30, 0, 1000, tzinfo=UTC), "2026-03-01T08:30:00.001000+00:00"),
        (time(8, 5), "08:05:00"),
        (timedelta(hours=26, minutes=30), "26:30:00"),
        (-timedelta(minutes=5), "-00:05:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_each_type_has_one_text(value, text):
    assert write_value(value) == text


def test_nothing_and_the_empty_text_stay_apart_and_one_cell_is_a_row():
    assert write_rows(["a", "b"], [(None, ""), ("x;y", 'z"')]) == b';""\n"x;y";"z"""\n'
    assert write_rows(["a"], [(None,)]) == b'""\n'


@pytest.mark.parametrize("value", [b"\x00Mme Untel", [1], {"a": 1}, memoryview(b"x")])
def test_what_has_no_text_is_refused_with_its_column_and_without_its_value(value):
    with pytest.raises(FlowError) as refused:
        write_rows(["id", "photo"], [(1, value)])
    assert refused.value.code == "incident.query.untextual"
    assert refused.value.details == {"column": "photo", "type": type(value).__name__}


@given(st.lists(st.tuples(st.text(SIGNS), st.text(SIGNS)), min_size=1, max_size=20))
def test_texts_come_out_of_the_reader_as_they_went_in(rows):
    rows = [(f"x{one}", f"{two}y") for one, two in rows]  # a row of nothing but white space is no row to anybody
    content = write_rows(["un", "deux"], [("un", "deux"), *rows])
    stream, dialect = io.BytesIO(content), Csv(encoding="utf-8")
    batches = decode(stream, dialect, block_bytes=1 << 20, block_rows=100, open_workbook=None)
    assert [row for decoded in batches for row in decoded.table.frame.iter_rows()] == rows
