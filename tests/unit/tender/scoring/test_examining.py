"""What each requirement costs a bidder: the points, out of 100, that it does not surely bring."""

from __future__ import annotations

import pytest

from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.scorecard import BidVerdict, Waiver

from .conftest import requirement

ASKED = [
    requirement(1, Measure.FORM, "planned_start", weight=5),
    requirement(2, Measure.PRESENT, "stamped_start", weight=3),
    requirement(3, Measure.FORM, "birth_name", contract="person/1", weight=2),
]


def test_a_requirement_costs_what_it_does_not_surely_bring_out_of_a_hundred(sample, scored):
    results = scored(ASKED, sample(40)).score.results
    assert [one.verdict for one in results] == [BidVerdict.MET, BidVerdict.FAILED, BidVerdict.UNSEEN]
    assert [one.cost for one in results] == [0.0, 30.0, 20.0]


def test_one_that_is_met_in_part_costs_the_part_that_it_does_not_bring(sample, scored):
    wrong = sample(100, planned_start=lambda n: "tomorrow" if n < 6 else f"2026-09-{1 + n % 28:02d}T08:00:00+02:00")
    met_in_part, failed, _unseen = scored(ASKED, wrong).score.results
    assert met_in_part.satisfaction == 0.5
    assert (met_in_part.cost, failed.cost) == (25.0, 30.0)


def test_what_is_waived_costs_nothing_and_leaves_more_to_the_others(sample, scored):
    waiver = Waiver(
        requirement=ASKED[1].id, verdict=BidVerdict.WAIVED, reason="Reprise en 2027", who="Le CA", day="2026-11-20"
    )
    results = scored(ASKED, sample(40), waivers=(waiver,)).score.results
    assert [one.cost for one in results] == [0.0, 0.0, round(100 * 2 / 7, 4)]


def test_hundreds_of_costs_and_the_note_add_up_to_a_hundred(sample, scored):
    many = [requirement(number, Measure.ANSWER, weight=1 + 2 * (number % 3)) for number in range(1, 360)]
    score = scored(many, sample(5)).score
    assert score.note.floor + sum(one.cost for one in score.results) == pytest.approx(100, abs=0.06)
