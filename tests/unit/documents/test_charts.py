"""Charts: every figure is drawn, to scale, without a word of anybody becoming markup."""

from __future__ import annotations

import io
import re
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from passerelle.documents.charts import (
    ChartSeries,
    GroupedBars,
    add_chart,
    draw_bars,
    draw_fill_map,
    draw_png,
    find_ceiling,
)

CHART = GroupedBars(
    "Heures <par> mois",
    ("2026-01", "2026-02"),
    (ChartSeries("prévues & dues", (10.0, 20.0)), ChartSeries("badgées", (5.0, 0.0))),
    'Le plus en "février"',
)


def _bars(svg):
    tree = etree.fromstring(svg)
    return tree, [one for one in tree.iter("{*}rect", "rect") if float(one.get("height")) != 11]


def test_each_bar_is_as_high_as_its_figure_and_what_is_nought_is_not_drawn():
    _tree, bars = _bars(draw_bars(CHART))
    heights = [float(one.get("height")) for one in bars]
    assert len(heights) == 3
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.11)
    assert heights[2] == pytest.approx(heights[0] / 2, abs=0.11)


def test_words_stay_words_and_a_reader_hears_the_picture():
    tree, _rects = _bars(draw_bars(CHART))
    assert tree.get("role") == "img"
    assert tree.get("aria-label") == 'Le plus en "février"'
    assert "prévues & dues" in [one.text for one in tree.iter("{*}text", "text")]


def test_labels_that_would_run_into_one_another_are_thinned():
    many = GroupedBars("t", tuple(f"m{n}" for n in range(60)), (ChartSeries("x", tuple(map(float, range(60)))),))
    shown = re.findall(r">(m\d+)<", draw_bars(many))
    assert 10 <= len(shown) <= 16


@given(st.floats(0.001, 1e9))
def test_an_axis_ends_at_a_round_figure_not_far_above_the_highest(highest):
    ceiling = find_ceiling(highest)
    assert highest <= ceiling * 1.000001
    assert ceiling <= highest * 4


def test_an_empty_chart_is_drawn_without_bars():
    empty = GroupedBars("t", (), ())
    assert empty.is_empty
    assert "<rect" not in draw_bars(empty)


def test_a_share_has_its_figure_and_what_is_not_known_has_none():
    svg = draw_fill_map(("01", "02"), (("Interventions", (0.5, None)),), "Part <remplie>")
    assert re.findall(r">(\d+ %)<", svg) == ["50 %"]
    assert etree.fromstring(svg).get("aria-label") == "Part <remplie>"


def test_a_workbook_has_the_figures_and_a_chart_of_its_own():
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True})
    add_chart(book, "Heures", CHART)
    book.close()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue())).get_sheet_by_index(0).to_python()
    assert rows == [["", "prévues & dues", "badgées"], ["2026-01", 10.0, 5.0], ["2026-02", 20.0, 0.0]]
    assert b"xl/charts/chart1.xml" in stream.getvalue()


def test_a_png_has_a_column_of_colour_for_each_bar():
    png = draw_png(CHART, scale=1)
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT")
    size = struct.unpack(">I", png[start - 4 : start])[0]
    raw = zlib.decompress(png[start + 4 : start + 4 + size])
    lines = [raw[n * (width * 3 + 1) + 1 : (n + 1) * (width * 3 + 1)] for n in range(height)]
    counts = {colour: sum(line.count(bytes.fromhex(colour)) for line in lines) for colour in ("1f5f8b", "c26a1a")}
    assert counts["1f5f8b"] > 4 * counts["c26a1a"] > 0
