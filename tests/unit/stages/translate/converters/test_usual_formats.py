"""What is said of a cell that no declared format reads: the usual format that is missing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.translate.converters import usual_formats
from passerelle.stages.translate.converters.days import Date
from passerelle.stages.translate.converters.moments import LocalDateTime
from passerelle.stages.translate.converters.usual_formats import describe_unread
from passerelle.vocabulary.reasons import explain

PAIR = ("Jour", "Heure")


def fault(converter, **cells):
    return converter.parse(cells)


@pytest.mark.parametrize(
    ("time", "missing"),
    [
        ("7h30", "%d/%m/%Y %-Hh%M"),
        ("07h30", "%d/%m/%Y %Hh%M"),
        ("9h", "%d/%m/%Y %-Hh"),
        ("9:05", "%d/%m/%Y %-H:%M"),
        ("9 h 05", "%d/%m/%Y %-H h %M"),
        ("09:05:00", "%d/%m/%Y %H:%M:%S"),
    ],
)
def test_a_time_that_is_written_otherwise_names_the_format_that_would_read_it(time, missing):
    converter = LocalDateTime(PAIR, formats=("%d/%m/%Y %H:%M",))
    details = fault(converter, Jour="03/11/2024", Heure=time).details
    assert details["nearest"] == missing
    wider = LocalDateTime(PAIR, formats=("%d/%m/%Y %H:%M", missing))
    assert isinstance(fault(wider, Jour="03/11/2024", Heure=time), str)


def test_a_start_that_its_end_cannot_read_names_the_format_too():
    converter = LocalDateTime(("Jour", "Fin"), formats=("%d/%m/%Y %H:%M",), after="Début")
    details = fault(converter, Jour="03/11/2024", Début="7h30", Fin="09:00").details
    assert details["nearest"] == "%d/%m/%Y %-Hh%M"


def test_a_day_that_is_written_otherwise_names_the_format_that_would_read_it():
    converter = Date("Jour", formats=("%d/%m/%Y",))
    assert fault(converter, Jour="3/11/2024").details["nearest"] == "%-d/%-m/%Y"
    assert fault(converter, Jour="2024-11-03").details["nearest"] == "%Y-%m-%d"
    assert fault(converter, Jour="03/11/24").details["nearest"] == "%d/%m/%y"


@pytest.mark.parametrize("text", ["hier", "12/31/2024", "31/02/24", "2024", "99:99"])
def test_what_no_usual_format_reads_names_none(text):
    assert "nearest" not in describe_unread(text, ("%d/%m/%Y",))


def test_the_advice_says_the_format_and_is_silent_without_one():
    _, told = explain("translate.time.malformed", {"expected": "…", "nearest": "%d/%m/%Y %-Hh%M"})
    _, silent = explain("translate.time.malformed", {"expected": "…"})
    assert told.startswith(silent)
    assert "%d/%m/%Y %-Hh%M" in told.removeprefix(silent)
    assert "…" not in silent


@settings(max_examples=count_examples(100))
@given(st.text(max_size=12))
def test_nothing_of_a_cell_is_in_what_is_said(text):
    details = describe_unread(text, ("%d/%m/%Y",))
    assert details.get("nearest", "%").startswith("%")


@given(
    st.sampled_from([("%d/%m/%Y",), ("%d/%m/%Y %H:%M", "%d/%m/%Y"), ("%Y%m%d",)]),
    st.one_of(
        st.text("0123456789/-.: hHT", max_size=17),
        st.builds("{}{}{}".format, st.dates(), st.sampled_from(("", " ", "T")), st.times()),
    ),
)
@settings(max_examples=count_examples(60))
def test_texts_of_one_shape_are_tried_with_the_formats_of_that_shape_alone_and_none_is_lost(formats, text):
    tried = usual_formats._list_tried(formats)
    each = [form for form in tried if usual_formats._is_read_by(usual_formats._compile(form), text)]
    assert describe_unread(text, formats).get("nearest", "") == (each[0] if each else "")


def test_many_cells_of_one_shape_cost_one_look_at_the_formats():
    usual_formats._list_alike.cache_clear()
    for day in range(1000):
        describe_unread(f"2024/{day % 90 + 10}/{day % 70 + 10}", ("%d/%m/%Y %H:%M",))
    assert usual_formats._list_alike.cache_info().misses == 1
