"""The forms of a score: same bytes, nothing that runs, the digest at the foot of each."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from passerelle.tender import grid as answer_grid
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring import score_labels, scorecard
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.forms import attestation, drawing, grid, listing, page, text
from passerelle.tender.scoring.scorecard import BidVerdict, ScoreNote
from passerelle.vocabulary.errors import UsageError

from .conftest import consultation, requirement, write_visits

ASKED = [
    requirement(1, Measure.FORM, "planned_start"),
    requirement(2, Measure.PRESENT, "stamped_start"),
    requirement(3, Measure.FORM, "birth_name", contract="person/1", chapter="person"),
    requirement(4, Measure.MINIMAL, green=1.0, red=0.0, level=Level.S, weight=1),
]
EVIL = '=1+1<script>alert("x")</script>'


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Give one score of a sample with a fault and a dangerous heading."""
    path = tmp_path_factory.mktemp("forms") / "visit.csv"
    changes = {"planned_start": lambda n: "x" if n == 3 else "2026-09-01T08:00:00+02:00", EVIL: "1"}
    write_visits(path, 40, changes)
    made = score_bid(consultation(*ASKED), BidEntry(samples=[path], bidder=EVIL, product="P 1"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def forms(done):
    """Give every form of it, written once."""
    return _all(done)


def _all(done):
    score = done.score
    with score_labels.speak_language("en"):
        return {
            "html": page.write(score),
            "csv": listing.write_results(score),
            "junit": listing.write_junit(score),
            "docx": attestation.write(score),
            "xlsx": grid.write(done),
            "text": text.write(score).encode(),
            "places": b"".join(listing.iter_places(done)),
        }


def test_the_same_score_gives_the_same_bytes(done, forms):
    assert _all(done) == forms


def _parts(content: bytes) -> str:
    """Give the text of a form; of an office file, that of all its parts."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_the_digest_is_in_every_form(done, forms):
    digest = done.score.digest
    for form, content in forms.items():
        if form != "places":
            assert digest[:16] in _parts(content), form


def test_the_page_runs_nothing_and_escapes_everything(done, forms):
    told = forms["html"].decode()
    assert "<script" not in told
    assert "&lt;script&gt;" in told
    assert not re.search(r'\b(?:src|href)="(?!#)', told)
    assert '<html lang="en">' in told
    for table in re.findall(r"<table>.*?</table>", told, re.DOTALL):
        assert '<th scope="col"' in table


def test_a_table_that_is_wider_than_a_telephone_scrolls_alone(forms):
    told = forms["html"].decode()
    assert told.count("<table") == told.count('<div class="scroll"><table') == told.count("</table></div>") > 5


def test_no_cell_of_a_list_is_a_formula(done, forms):
    rows = list(csv.reader(io.StringIO(_parts(forms["places"])), delimiter=";"))
    assert [row[4] for row in rows if "script" in row[4]] == [f"'{EVIL}"]


def test_the_list_of_results_has_a_line_for_each_requirement(done, forms):
    rows = list(csv.reader(io.StringIO(_parts(forms["csv"])), delimiter=";"))
    assert [row[0] for row in rows[1:-1]] == [one.id for one in ASKED]
    assert rows[-1] == ["digest", done.score.digest]


def test_pipelines_see_what_is_not_met_as_failed_and_what_was_not_shown_as_skipped(done, forms):
    suites = ET.fromstring(forms["junit"])  # noqa: S314  our own
    states = {case.get("name").split()[0]: [child.tag for child in case] for case in suites.iter("testcase")}
    assert states["PAS-VIS-002"] == ["failure"]
    assert states["PAS-VIS-003"] == ["skipped"]
    assert sum(int(suite.get("failures")) for suite in suites.iter("testsuite")) == 1


def test_the_grid_holds_findings_in_its_own_columns(done, forms):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(forms["xlsx"])).get_sheet_by_index(0).to_python()
    found = {row[0]: row[answer_grid.PLACES["verdict"]] for row in rows if str(row[0]).startswith("PAS-")}
    with score_labels.speak_language("en"):
        assert found["PAS-VIS-002"] == score_labels.write_verdict(BidVerdict.FAILED)


def test_the_terminal_says_what_is_wrong_where_and_what_to_do(done, forms):
    told = forms["text"].decode()
    assert "PAS-VIS-001" in told
    assert "line 5" in told
    assert "→" in told


def test_an_interval_is_drawn_to_scale():
    with score_labels.speak_language("en"):
        told = drawing.draw_interval(ScoreNote(25.0, 50.0, 3))
    assert re.findall(r'<rect width="([\d.]+)"', told) == ["400", "200.0", "100.0"]
    assert 'aria-label="between 25.0 and 50.0 / 100"' in told


def test_every_verdict_has_a_word_a_sign_and_a_colour():
    for table in (score_labels.VERDICTS, score_labels.MARKS, score_labels.COLOURS, score_labels.TINTS):
        assert set(table) == set(BidVerdict)
    assert len(set(score_labels.MARKS.values())) == len(BidVerdict)


@pytest.mark.parametrize("content", ["", "[", "[]", "1", "null", '"score"', "{}", '{"schema": "other/1"}', "[{}]"])
def test_a_file_that_is_no_score_is_refused_in_words(tmp_path, content):
    (tmp_path / "score.json").write_text(content, "utf-8")
    with pytest.raises(UsageError) as refused:
        scorecard.read(tmp_path / "score.json")
    assert refused.value.code == "usage.score.unreadable"
