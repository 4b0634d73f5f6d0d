"""What a person reads of a score, in words: as many names as are said, what was measured, what there is besides."""

from __future__ import annotations

import pytest

from passerelle.tender.requirement import Measure
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import summary, text

from .conftest import requirement


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, ""),
        (1, "n0"),
        (6, "n0, n1, n2, n3, n4, n5"),
        (7, "n0, n1, n2, n3, n4, n5 and 1 more"),
        (9, "n0, n1, n2, n3, n4, n5 and 3 more"),
    ],
)
def test_six_names_are_told_and_how_many_there_are_besides(count, told):
    with score_labels.speak_language("en"):
        assert summary.shorten_names([f"n{place}" for place in range(count)]) == told
        assert summary.shorten_names(["a", "b", "c"], 1) == "a and 2 more"


@pytest.fixture
def told(sample, scored):
    """Score a sample with faults, and give the blocks of lines that the terminal shows of it."""
    asked = [
        requirement(1, Measure.FORM, "planned_start"),
        requirement(2, Measure.PRESENT, "stamped_start"),
        requirement(3, Measure.FORM, "planned_end"),
        requirement(4, Measure.FORM, "birth_name", contract="person/1"),
    ]
    some = sample(100, planned_start=lambda n: "x" if n < 6 else f"2026-09-{1 + n % 28:02d}T08:00:00+02:00")
    done = scored(asked, some).score
    with score_labels.speak_language("en"):
        return text.write(done).split("\n\n"), done


def _block(told, identifier: str) -> list[str]:
    blocks, _done = told
    return next((block.split("\n") for block in blocks if block.startswith(identifier)), [])


def test_what_is_wrong_says_what_was_measured_where_and_what_to_do(told):
    block = _block(told, "PAS-VIS-001")
    with score_labels.speak_language("en"):
        result = told[1].results[0]
        assert score_labels.write_measure(result) in block[1]
    assert any("line 2" in line or "lines 2" in line for line in block)
    assert any(line.strip().startswith("→") for line in block)


def test_what_could_not_be_measured_says_why_and_shows_no_figure(told):
    block = _block(told, "PAS-VIS-002")
    assert len(block) == 2
    assert block[1].strip() == told[1].results[1].why != ""


def test_what_is_met_or_was_not_shown_has_no_block_of_its_own(told):
    assert _block(told, "PAS-VIS-003") == []
    assert _block(told, "PAS-VIS-004") == []
    assert any(block.startswith("Not evaluated:") and "PAS-VIS-004" in block for block in told[0])


def test_what_fails_comes_before_what_is_met_with_reserves_whatever_each_costs(sample, scored):
    asked = [
        requirement(1, Measure.FORM, "planned_start", weight=90),
        requirement(2, Measure.FORM, "planned_end", weight=1),
    ]
    wrong = lambda most: lambda n: "x" if n < most else f"2026-09-{1 + n % 28:02d}T08:30:00+02:00"  # noqa: E731  twice
    score = scored(asked, sample(100, planned_start=wrong(6), planned_end=wrong(20))).score
    costs = {one.id: one.cost for one in score.results}
    assert costs["PAS-VIS-001"] > costs["PAS-VIS-002"] > 0
    assert [one.id for one in summary.list_costly(score)] == ["PAS-VIS-002", "PAS-VIS-001"]
