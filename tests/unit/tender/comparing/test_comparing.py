"""Bidders side by side, when they were measured the same way."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from zipfile import ZipFile

import docx
import pytest

from passerelle.contracts import get
from passerelle.tender.comparing import comparison, forms, paper
from passerelle.tender.comparing.prices import BidPrice, read_prices
from passerelle.tender.consultation import pin
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.score_labels import speak_language
from passerelle.tender.scoring.scorecard import (
    BidVerdict,
    RequirementResult,
    SampleCoverage,
    Score,
    ScoredSample,
    ScoredTender,
    ScoreNote,
)
from passerelle.vocabulary.errors import UsageError


def _result(number: int, verdict: BidVerdict, cost: float) -> RequirementResult:
    return RequirementResult(
        id=f"PAS-VIS-{number:03d}",
        level=Level.P,
        chapter="visit",
        domain="hours",
        measure=Measure.FORM,
        contract="visit/1",
        field="planned_start",
        weight=5,
        title=f"Requirement {number}",
        statement="",
        verdict=verdict,
        satisfaction=None,
        checked=0,
        held=0,
        unit="",
        reach=None,
        why="",
        causes=(),
        reply=None,
        gap="",
        cost=cost,
        remedy="",
    )


def _score(name: str, floor: float, *verdicts: BidVerdict, digest: str = "") -> Score:
    sample = ScoredSample(
        name="a.csv",
        digest=digest or name,
        size=1,
        rows=1,
        connector="c",
        connector_version="1",
        accepted=1,
        aside=0,
        withheld=0,
        outside=(),
        numbered=(),
    )
    coverage = SampleCoverage(
        contract="visit/1",
        version="1.0.0",
        title="Visit",
        taken=9,
        rejected=0,
        first_day="",
        last_day="",
        asked=("ref", "team"),
        filled=("ref", "comment"),
        empty=("team",),
        absent=(),
        fields=39,
        returned=9,
        tried=9,
        lost=("comment",),
        personal=(),
    )
    tender = ScoredTender(
        id="C-1",
        title="Software",
        buyer="Association",
        date="2026-11-21",
        rules_digest="0" * 64,
        contracts=(pin("visit/1"),),
        weights={"P": 5, "I": 3, "S": 1},
    )
    results = tuple(_result(number, verdict, 2.5) for number, verdict in enumerate(verdicts, start=1))
    return Score(
        language="en",
        date="2026-11-21",
        software="s",
        bidder=name,
        product="",
        command="",
        tender=tender,
        samples=(sample,),
        note=ScoreNote(floor, 90.0, 10),
        gate={one.value: 0 for one in BidVerdict},
        domains=(),
        results=results,
        coverage=(coverage,),
        suspicions=(),
        doubts=(),
        waivers=(),
    )


FIRST = _score("Aster", 40.0, BidVerdict.MET, BidVerdict.FAILED)
SECOND = _score("Boréal", 60.0, BidVerdict.RESERVED, BidVerdict.UNSEEN)


def test_bidders_stand_in_the_order_of_what_they_proved():
    made = comparison.compare([FIRST, SECOND])
    assert [one.name for one in made.bidders] == ["Boréal", "Aster"]
    assert [line.verdicts for line in made.lines] == [
        (BidVerdict.RESERVED, BidVerdict.MET),
        (BidVerdict.UNSEEN, BidVerdict.FAILED),
    ]
    assert made == comparison.compare([SECOND, FIRST])


def test_gaps_that_were_found_are_told_apart_from_what_was_not_shown():
    second, first = comparison.compare([FIRST, SECOND]).bidders
    assert (first.gap_cost, first.unseen_cost) == (2.5, 0.0)
    assert (second.gap_cost, second.unseen_cost) == (2.5, 2.5)
    assert [one.id for one in first.gaps] == ["PAS-VIS-002"]


def test_what_cannot_be_given_back_is_what_is_missing_or_lost():
    given = comparison.compare([FIRST, SECOND]).bidders[0].given[0]
    assert (given.shown, given.asked, given.missing, given.lost) == (1, 2, ("team",), ("comment",))


@pytest.mark.parametrize(
    "other",
    [
        replace(SECOND, tender=replace(SECOND.tender, contracts=(replace(pin("visit/1"), version="1.1.0"),))),
        replace(SECOND, tender=replace(SECOND.tender, rules_digest="1" * 64)),
        replace(SECOND, tender=replace(SECOND.tender, weights={"P": 9, "I": 3, "S": 1})),
        replace(SECOND, software="another"),
        replace(SECOND, language="fr"),
    ],
    ids=["contracts", "rules", "weights", "software", "language"],
)
def test_what_was_measured_in_another_way_is_not_compared(other):
    with pytest.raises(UsageError) as refused:
        comparison.compare([FIRST, other])
    assert refused.value.code == "usage.scores.incomparable"
    assert refused.value.details["difference"]


def test_one_score_alone_is_not_compared():
    with pytest.raises(UsageError) as refused:
        comparison.compare([FIRST])
    assert refused.value.code == "usage.scores.few"


def test_two_bidders_with_the_same_file_are_asked_about():
    made = comparison.compare([replace(FIRST, samples=SECOND.samples), SECOND])
    assert any("same file" in one for one in made.suspicions)


def test_two_bidders_with_several_files_in_common_are_told_of_once():
    one = SECOND.samples[0]
    samples = (one, replace(one, name="b.csv", digest="0" * 64))
    made = comparison.compare([replace(FIRST, samples=samples), replace(SECOND, samples=samples)])
    assert [text for text in made.suspicions if "2 files that are the same" in text] == list(made.suspicions)
    assert len(made.suspicions) == 1


def test_a_price_of_nobody_or_a_second_price_is_refused(tmp_path):
    path = tmp_path / "prix.toml"
    entry = '[[offre]]\ncandidat = "{}"\nmontant = 1\n'
    for text, code in (
        (entry.format("Absent"), "usage.prices.stranger"),
        (entry.format("A") * 2, "usage.prices.twice"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(UsageError) as caught:
            read_prices(path, {"A", "B"})
        assert caught.value.code == code


def test_a_price_keeps_its_cents():
    made = comparison.compare([FIRST, SECOND], prices={FIRST.bidder: BidPrice(71000.5, 20.0)})
    with speak_language("en"):
        told = next(text for one in made.bidders if (text := forms.write_price(one)))
    assert "71,000.50 €" in told
    assert "20 €" in told
    assert "71,020.50 €" in told


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_bidder_of_whom_everything_was_shown_is_written_in_both_languages(language):
    made = comparison.compare([FIRST, SECOND])
    with speak_language(language):
        assert all("0.0" in forms.write_costs(one).replace(",", ".") for one in made.bidders if not one.unseen_cost)
        assert forms.write_text(made)


def test_a_row_of_the_workbook_is_as_high_as_its_longest_text():
    fields = tuple(get("visit/1").list_fields()[:20])
    coverage = tuple(replace(one, asked=fields, filled=()) for one in FIRST.coverage)
    content = forms.write_xlsx(comparison.compare([replace(FIRST, coverage=coverage), SECOND]))
    with ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet3.xml").decode()
    heights = re.findall(r'<row [^>]*?ht="([\d.]+)"', sheet)
    assert len(heights) == sheet.count("<row ")
    assert max(map(float, heights)) > 40


def test_a_table_that_is_wider_than_a_telephone_scrolls_alone():
    told = forms.write_html(comparison.compare([FIRST, SECOND])).decode()
    assert told.count("<table") == told.count('<div class="scroll"><table') == told.count("</table></div>") > 1


def test_what_a_sample_does_not_show_is_not_called_impossible():
    with speak_language("en"):
        told = forms.write_html(comparison.compare([FIRST, SECOND])).decode()
    assert "What each did not show to be able to give back" in told
    assert "annot give back" not in told


def test_the_forms_of_a_comparison_are_the_same_twice_and_run_nothing():
    made = comparison.compare([replace(FIRST, bidder="<script>"), SECOND])
    assert json.loads(comparison.write(made))["schema"] == "passerelle.comparison/2"
    for form in (comparison.write, forms.write_html, forms.write_xlsx):
        assert form(made) == form(made)
    told = forms.write_html(made).decode()
    assert "<script>" not in told
    assert not re.search(r'\b(?:src|href)="(?!#)', told)
    assert told.count('class="heat"') == 1
    assert made.digest in told
    assert made.digest in forms.write_text(made)


def test_the_document_maps_requirements_and_bidders_in_tints_and_in_words():
    made = comparison.compare([FIRST, SECOND])
    with speak_language("en"):
        content = paper.write(made)
        assert paper.write(made) == content
        words = {one: score_labels.write_verdict(one) for one in BidVerdict}
    document = docx.Document(io.BytesIO(content))
    table = document.tables[-1]
    assert [cell.text for cell in table.rows[0].cells] == ["Requirement", "Level", "Boréal", "Aster"]
    for row, line in zip(table.rows[1:], made.lines, strict=True):
        for cell, verdict in zip(row.cells[2:], line.verdicts, strict=True):
            assert cell.text == words[verdict]
            assert f'w:fill="{score_labels.TINTS[verdict].removeprefix("#")}"' in cell._tc.xml
    told = "\n".join(cell.text for each in document.tables for row in each.rows for cell in row.cells)
    assert "between 60.0 and 90.0 / 100" in told
