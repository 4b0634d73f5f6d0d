"""The price schedule of the grid: written for the bidder, read back, shown beside the note and never in it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from passerelle.tender import grid, price_sheet
from passerelle.tender.comparing import comparison, forms
from passerelle.tender.comparing.prices import BidPrice
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring import scorecard
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.forms import grid as filled_grid
from passerelle.tender.scoring.pricing import read_prices
from passerelle.tender.scoring.score_labels import speak_language
from passerelle.tender.scoring.scorecard import BidReply, BidResponse
from passerelle.vocabulary.errors import UsageError

from .conftest import consultation, requirement

FORM = requirement(1, Measure.FORM, "planned_start")
SECURITY = requirement(8, Measure.ANSWER, level=Level.I, weight=3, chapter="security", domain="operation")
BASE = [f"B-{nth:02}" for nth in range(1, 9)]


@pytest.fixture
def tender():
    return replace(consultation(FORM, SECURITY), price_years=4, price_options=("Family portal",))


def _read_sheet(content, name="Prices"):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python(skip_empty_area=False)


def _fill(tender, path, lines, *, unfilled=()):
    """Write the schedule of the tender's grid as a bidder hands it back; nothing is in the lines of `unfilled`."""
    wanted = {**{code: {"once": 0} for code in BASE if code not in unfilled}, **lines}
    with Workbook(str(path)) as book:
        book.add_worksheet("Grid").write_string(0, 0, "x")
        sheet = book.add_worksheet("Prices")
        for number, cells in enumerate(_read_sheet(grid.write(tender))):
            filled = {price_sheet.PLACES[name]: cell for name, cell in wanted.get(cells[0], {}).items()}
            for place, cell in enumerate(cells):
                sheet.write(number, place, filled.get(place, cell))
    return path


def test_the_grid_asks_every_offer_for_the_same_lines_and_for_the_options_of_the_buyer(tender):
    content = grid.write(tender)
    rows = _read_sheet(content)
    codes = [row[0] for row in rows if str(row[0])[:2] in ("B-", "O-", "E-")]
    assert codes[: len(BASE) + 1] == [*BASE, "O-01"]
    assert len(codes) > len(BASE) + 10
    assert any("Family portal" in row for row in rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (check,) = re.findall(r"<dataValidation .*?>", archive.read("xl/worksheets/sheet2.xml").decode())
    assert 'type="decimal"' in check
    assert 'operator="greaterThanOrEqual"' in check


def test_the_grid_of_a_member_leaves_prices_to_the_common_one(tender):
    names = [
        CalamineWorkbook.from_filelike(io.BytesIO(grid.write(one))).sheet_names
        for one in (tender, replace(tender, member="aube"))
    ]
    assert ["Prices" in each for each in names] == [True, False]


def test_amounts_are_read_back_and_add_up_over_the_contract(tender, tmp_path):
    lines = {
        "B-01": {"once": 12000.5},
        "B-05": {"once": None, "yearly": "9 000,25 €"},
        "B-06": {"once": "inclus"},
        "O-01": {"yearly": 500},
        "E-01": {"line": "Signature", "requirement": "PAS-VIS-008", "once": 1000, "yearly": 100, "remark": "2028"},
    }
    replies = {"PAS-VIS-008": BidReply(response=BidResponse.DEVELOPMENT)}
    read = read_prices(_fill(tender, tmp_path / "g.xlsx", lines), tender, replies)
    assert (read.compute_base(), read.compute_gaps(), read.unpriced) == (12000.5 + 4 * 9000.25, 1400, ())
    by_code = {one.code: one for one in read.lines}
    assert (by_code["B-06"].once, by_code["O-01"].yearly, by_code["E-01"].remark) == (0, 500, "2028")


def test_a_line_without_a_price_is_named_and_no_sum_is_made_of_the_others(tender, tmp_path):
    read = read_prices(_fill(tender, tmp_path / "g.xlsx", {}, unfilled=("B-02",)), tender, {})
    assert (read.list_missing(), read.compute_base()) == (["Take-over of data"], None)
    nowhere = replace(tender, price_years=0)
    assert read_prices(_fill(nowhere, tmp_path / "h.xlsx", {}), nowhere, {}).compute_base() is None


def test_an_answer_that_is_priced_apart_and_has_no_price_is_told(tender, tmp_path):
    replies = {"PAS-VIS-008": BidReply(response=BidResponse.NOT_COVERED)}
    read = read_prices(_fill(tender, tmp_path / "g.xlsx", {}), tender, replies)
    assert (read.unpriced, read.compute_gaps()) == (("PAS-VIS-008",), None)


def test_a_schedule_in_which_nobody_wrote_gives_nothing(tender, tmp_path):
    (tmp_path / "g.xlsx").write_bytes(grid.write(tender))
    assert read_prices(tmp_path / "g.xlsx", tender, {}) is None


def test_every_line_that_cannot_be_read_is_named_at_once(tender, tmp_path):
    lines = {
        "B-01": {"once": "sur devis"},
        "B-02": {"yearly": -5},
        "E-01": {"once": 10},
        "E-02": {"line": "x", "requirement": "PAS-ZZZ-001", "yearly": 10},
    }
    with pytest.raises(UsageError) as caught:
        read_prices(_fill(tender, tmp_path / "g.xlsx", lines), tender, {})
    assert (caught.value.code, caught.value.details["count"]) == ("usage.prices.faulty", "4")
    told = [(one.details["id"], one.details["columns"]) for one in caught.value.problems]
    once, yearly = "Once (€, no tax)", "By year (€, no tax)"
    assert told == [("B-01", once), ("B-02", yearly), ("E-01", "Item"), ("E-02", "Requirement")]
    with pytest.raises(UsageError) as caught:
        read_prices(_fill(tender, tmp_path / "h.xlsx", {"B-01": {"once": "sur devis"}}), tender, {})
    assert caught.value.code == "usage.prices.unreadable_line"


@pytest.fixture
def scores(tender, sample, tmp_path):
    made = []
    for name, yearly in (("Aster", 9000), ("Mosaïque", None)):
        lines = {"B-05": {"once": None, "yearly": yearly}, "E-01": {"line": "Application", "once": 700}}
        offered = read_prices(_fill(tender, tmp_path / f"{name}.xlsx", lines), tender, {})
        made.append(score_bid(tender, BidEntry(samples=[sample(20)], bidder=name, prices=offered)))
    yield made
    for one in made:
        one.close()


def test_prices_stand_beside_the_notes_of_a_comparison_and_change_none(scores, tender, sample):
    plain = score_bid(tender, BidEntry(samples=[sample(20)]))
    plain.close()
    assert {one.score.note for one in scores} == {plain.score.note}
    made = comparison.compare([one.score for one in scores])
    with speak_language("en"):
        text, page = forms.write_text(made), forms.write_html(made).decode()
        rows = {row[0]: row[2:] for row in _read_sheet(forms.write_xlsx(made))}
    assert "Price: 36,000 €, without tax" in text
    assert "No price yet, the schedule leaves empty: Subscription or licence" in text
    assert "9,000 € by year" in page
    assert "included" in page
    assert rows["B-05"] == ["–", "–", 9000, "–"]
    assert rows["E"] == [700, 700, 0, 0]


def test_what_the_buyer_notes_goes_before_what_the_schedule_adds_up_to(scores):
    priced = {"Aster": BidPrice(35000.0)}
    made = comparison.compare([one.score for one in scores], prices=priced)
    assert {one.name: one.price.amount if one.price else None for one in made.bidders} == {
        "Aster": 35000.0,
        "Mosaïque": None,
    }


def test_a_score_and_its_grid_keep_the_schedule(scores, tender, tmp_path):
    first = scores[0]
    (tmp_path / "score.json").write_bytes(scorecard.write(first.score))
    assert scorecard.read(tmp_path / "score.json").prices == first.score.prices
    (tmp_path / "grille.xlsx").write_bytes(filled_grid.write(first))
    assert read_prices(tmp_path / "grille.xlsx", tender, {}) == first.score.prices
