"""The buyer's own findings: read from the grid, weighed, and never stronger than what a sample shows."""

from __future__ import annotations

import html
import json
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from passerelle.tender import findings_sheet
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring import findings, scorecard
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.forms import attestation, grid, page
from passerelle.tender.scoring.scorecard import (
    BidReply,
    BidResponse,
    BidVerdict,
    BuyerFinding,
    BuyerNote,
    Waiver,
)
from passerelle.vocabulary.errors import UsageError

from .conftest import consultation, requirement

FORM = requirement(1, Measure.FORM, "planned_start")
SECURITY = requirement(8, Measure.ANSWER, level=Level.I, weight=3, chapter="security", domain="operation")
TRAINING = requirement(9, Measure.ANSWER, level=Level.I, weight=3, chapter="services", domain="operation")
CLAIRE = BuyerNote(note=4, comment="Vu en direct", who="Claire D.", day="2026-11-24")
PAUL = BuyerNote(note=3, who="Paul L.", day="2026-11-25")


def _finding(first=CLAIRE, second=None):
    return BuyerFinding(kind="demonstration", evidence="Séance du 24", first=first, second=second)


@pytest.fixture
def score_with(sample, tmp_path):
    made = []

    def score(noted, *, four_eyes=False, waivers=(), replies=None):
        asked = replace(consultation(FORM, SECURITY, TRAINING), four_eyes=four_eyes)
        entry = BidEntry(samples=[sample(20)], findings=noted, waivers=waivers, replies=replies or {})
        made.append(score_bid(asked, entry))
        return made[-1]

    yield score
    for one in made:
        one.close()


def test_findings_about_everything_that_no_sample_shows_close_the_interval(score_with):
    before = score_with({}).score.note
    assert before.floor < before.ceiling
    after = score_with({"PAS-VIS-008": _finding(), "PAS-VIS-009": _finding(PAUL)}).score.note
    assert after.floor == after.ceiling
    # 5 points that the sample shows, 3 in full, 3 for three steps of four: 10.25 of 11.
    assert after.floor == pytest.approx(100 * (5 + 3 + 3 * 0.75) / 11, abs=0.05)


def test_a_finding_stands_above_what_was_only_declared(score_with):
    replies = {"PAS-VIS-008": BidReply(response=BidResponse.STANDARD)}
    result = score_with({"PAS-VIS-008": _finding(replace(CLAIRE, note=0))}, replies=replies).score
    assert result.find_result("PAS-VIS-008").verdict is BidVerdict.FAILED


def test_what_to_do_follows_the_note_of_the_buyer_where_it_counts(score_with):
    noted = {"PAS-VIS-008": _finding(replace(CLAIRE, note=2)), "PAS-VIS-009": _finding()}
    score = score_with(noted, replies={"PAS-VIS-008": BidReply(response=BidResponse.STANDARD)}).score
    assert "what was missing" in score.find_result("PAS-VIS-008").remedy
    assert score.find_result("PAS-VIS-009").remedy == ""


def test_what_a_sample_shows_is_not_overruled(score_with):
    result = score_with({"PAS-VIS-001": _finding(replace(CLAIRE, note=0))}).score.find_result("PAS-VIS-001")
    assert result.verdict is BidVerdict.MET
    assert "the sample decides" in result.why


def test_a_waiver_stands_above_a_finding(score_with):
    waiver = Waiver(requirement="PAS-VIS-008", verdict=BidVerdict.WAIVED, reason="Repris en 2027", who="D", day="d")
    score = score_with({"PAS-VIS-008": _finding()}, waivers=(waiver,)).score
    assert score.find_result("PAS-VIS-008").verdict is BidVerdict.WAIVED


def test_where_four_eyes_are_asked_for_one_note_does_not_count(score_with):
    one = score_with({"PAS-VIS-008": _finding()}, four_eyes=True).score.find_result("PAS-VIS-008")
    assert (one.verdict, "the tender asks for two" in one.why) == (BidVerdict.UNSEEN, True)
    both = score_with({"PAS-VIS-008": _finding(second=PAUL)}, four_eyes=True).score.find_result("PAS-VIS-008")
    assert (both.verdict, both.satisfaction) == (BidVerdict.RESERVED, 0.875)


@given(st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_two_notes_count_by_their_mean_unless_they_are_far_apart(first, second, four_eyes):
    noted = _finding(replace(CLAIRE, note=first), replace(PAUL, note=second))
    share, why = findings.weigh_finding(noted, four_eyes=four_eyes)
    assert why
    assert (share is None) is (abs(first - second) > findings.APART)
    if share is not None:
        assert share == (first + second) / 8


def _note_in(path, **cells):
    """Write the worksheet as a buyer hands it back."""
    book = Workbook(str(path))
    book.add_worksheet("Grille").write_string(0, 0, "x")
    sheet = book.add_worksheet("Constats")
    line = findings_sheet.HEAD_ROW + 1
    sheet.write_string(findings_sheet.HEAD_ROW, 0, "N°")
    row = {"number": "PAS-VIS-008", "kind": "document", "evidence": "p. 12", "note": "3", "who": "Claire"} | cells
    for name, cell in ({"day": "2026-11-24"} | row).items():
        sheet.write_string(line, findings_sheet.PLACES[name], cell)
    book.close()
    return path


def test_what_a_buyer_noted_is_read_and_written_back_as_it_was(score_with, tmp_path):
    noted = {"PAS-VIS-008": _finding(second=PAUL), "PAS-VIS-009": _finding(PAUL)}
    scored = score_with(noted)
    path = tmp_path / "grille.xlsx"
    path.write_bytes(grid.write(scored))
    assert findings.read_findings(path, scored.consultation) == noted
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(1).to_python(skip_empty_area=False)
    assert [row[0] for row in rows[findings_sheet.HEAD_ROW + 1 :]] == ["PAS-VIS-008", "PAS-VIS-009"]


def test_a_sheet_in_which_nobody_noted_gives_nothing(score_with, tmp_path):
    scored = score_with({})
    (tmp_path / "grille.xlsx").write_bytes(grid.write(scored))
    assert findings.read_findings(tmp_path / "grille.xlsx", scored.consultation) == {}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"note": "5"}, "usage.findings.incomplete"),
        ({"note": ""}, "usage.findings.incomplete"),
        ({"who": ""}, "usage.findings.incomplete"),
        ({"day": "hier"}, "usage.findings.incomplete"),
        ({"evidence": ""}, "usage.findings.incomplete"),
        ({"kind": "intuition"}, "usage.findings.incomplete"),
        ({"second_note": "4"}, "usage.findings.incomplete"),
        (
            {"second_note": "4", "second_who": "CLAIRE", "second_day": "2026-11-24"},
            "usage.findings.same_person",
        ),
        ({"number": "PAS-XXX-001"}, "usage.findings.unrecognised"),
    ],
)
def test_a_note_that_nobody_answers_for_is_refused(tmp_path, cells, code):
    with pytest.raises(UsageError) as caught:
        findings.read_findings(_note_in(tmp_path / "g.xlsx", **cells), consultation(SECURITY))
    assert caught.value.code == code


def _note_rows(path, *rows):
    """Write the worksheet with several rows, the first in the first row below the heads."""
    book = Workbook(str(path))
    book.add_worksheet("Grille").write_string(0, 0, "x")
    sheet = book.add_worksheet("Constats")
    for line, row in enumerate(rows, start=findings_sheet.HEAD_ROW + 1):
        for name, cell in row.items():
            sheet.write(line, findings_sheet.PLACES[name], cell)
    book.close()
    return path


def test_every_faulty_row_is_told_at_once_with_its_place_and_what_it_lacks(tmp_path):
    good = {
        "number": "PAS-VIS-001",
        "note": 3,
        "kind": "document",
        "evidence": "p. 1",
        "who": "C.",
        "day": "2026-11-24",
    }
    rows = (
        {"number": "PAS-VIS-008", "note": 5, "who": "Claire", "day": "hier"},
        good,
        {**good, "number": "PAS-VIS-009", "second_note": 2, "second_who": "c.", "second_day": "2026-11-25"},
    )
    with pytest.raises(UsageError) as caught:
        findings.read_findings(_note_rows(tmp_path / "g.xlsx", *rows), consultation(FORM, SECURITY, TRAINING))
    assert (caught.value.code, caught.value.details["count"]) == ("usage.findings.faulty", "2")
    first = findings_sheet.HEAD_ROW + 2
    told = [(one.code, one.details["line"], one.details["id"]) for one in caught.value.problems]
    assert told == [
        ("usage.findings.incomplete", str(first), "PAS-VIS-008"),
        ("usage.findings.same_person", str(first + 2), "PAS-VIS-009"),
    ]
    assert (
        caught.value.problems[0].details["columns"] == "Note (0 to 4), On, Rests on, Which (page, date, who was asked)"
    )


def test_notes_and_days_are_numbers_and_dates_to_a_spreadsheet_and_notes_come_from_a_list(score_with, tmp_path):
    (tmp_path / "g.xlsx").write_bytes(grid.write(score_with({"PAS-VIS-008": _finding(second=PAUL)})))
    book = CalamineWorkbook.from_path(str(tmp_path / "g.xlsx"))
    row = book.get_sheet_by_index(1).to_python(skip_empty_area=False)[findings_sheet.HEAD_ROW + 1]
    noted = {name: row[findings_sheet.PLACES[name]] for name in ("note", "second_note", "day", "second_day")}
    days = {"day": date(2026, 11, 24), "second_day": date(2026, 11, 25)}
    assert noted == {"note": 4.0, "second_note": 3.0, **days}
    with zipfile.ZipFile(tmp_path / "g.xlsx") as archive:
        checks = html.unescape(archive.read("xl/worksheets/sheet2.xml").decode())
    assert checks.count('"0,1,2,3,4"') == 2


def test_a_day_and_a_kind_are_read_as_people_here_write_them(tmp_path):
    path = _note_in(tmp_path / "g.xlsx", day="24/11/2026", kind="Document")
    read = findings.read_findings(path, consultation(SECURITY))["PAS-VIS-008"]
    assert (read.first.day, read.kind) == ("2026-11-24", "document")


def test_a_grid_without_that_sheet_is_refused(tmp_path):
    book = Workbook(str(tmp_path / "g.xlsx"))
    book.add_worksheet("Grille").write_string(0, 0, "x")
    book.close()
    with pytest.raises(UsageError) as caught:
        findings.read_findings(tmp_path / "g.xlsx", consultation(SECURITY))
    assert caught.value.code == "usage.findings.unrecognised"


def test_every_form_tells_who_noted_and_on_what(score_with, tmp_path):
    score = score_with({"PAS-VIS-008": _finding(second=PAUL)}).score
    text = page.write(score).decode()
    assert all(word in text for word in ("Claire D.", "Paul L.", "Séance du 24", "Vu en direct"))
    assert attestation.write(score)
    (tmp_path / "score.json").write_bytes(scorecard.write(score))
    read = scorecard.read(tmp_path / "score.json")
    assert read.find_result("PAS-VIS-008").finding == _finding(second=PAUL)
    assert json.loads(scorecard.write(score))["results"][2]["finding"] is None


def test_four_eyes_are_part_of_the_rules_and_earlier_tenders_keep_their_digest():
    plain = consultation(SECURITY)
    assert replace(plain, four_eyes=True).rules_digest != plain.rules_digest
