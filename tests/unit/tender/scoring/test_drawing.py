"""Small drawings: every part is where its figure says, and a reader without eyes hears the same."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import drawing
from passerelle.tender.scoring.scorecard import BidVerdict, ScoreNote


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  drawn here


def widths(svg: str) -> list[float]:
    return [float(one.get("width")) for one in read(svg).iter("rect")]


@pytest.mark.parametrize(("floor", "ceiling", "expected"), [(0, 100, [400, 400, 0]), (25, 50, [400, 200, 100])])
def test_an_interval_is_drawn_on_its_track_what_may_be_below_what_is_sure(floor, ceiling, expected):
    assert widths(drawing.draw_interval(ScoreNote(floor, ceiling, 10))) == expected


def test_verdicts_stand_side_by_side_in_proportion():
    with score_labels.speak_language("en"):
        svg = read(drawing.draw_stack({"met": 3, "reserved": 0, "failed": 1}))
    places = [(float(one.get("x")), float(one.get("width"))) for one in svg.iter("rect")]
    assert places == [(0, 300), (300, 100)]
    assert "3" in svg.get("aria-label")
    assert ", " in svg.get("aria-label")


def test_a_share_is_that_part_of_its_track():
    assert widths(drawing.draw_share(0.25, "un quart")) == [400, 100]


def test_a_heat_map_has_a_cell_with_its_sign_for_each_requirement_and_bidder():
    rows = [("PAS-1", ["met", "failed"]), ("PAS-2", ["unseen", "met"])]
    svg = read(drawing.draw_heat_map(["A & B", "C"], rows, "Carte <1>"))
    assert svg.get("aria-label") == "Carte <1>"
    cells = [(int(one.get("x")), int(one.get("y"))) for one in svg.iter("rect")]
    assert cells == [(109, 25), (155, 25), (109, 40), (155, 40)]
    texts = [one.text for one in svg.iter("text")]
    signs = [score_labels.MARKS[BidVerdict(verdict)] for _name, verdicts in rows for verdict in verdicts]
    assert texts == ["A & B", "C", "PAS-1", *signs[:2], "PAS-2", *signs[2:]]
    assert int(svg.get("height")) == 24 + 15 * 2
    assert int(svg.get("width")) == 108 + 46 * 2
