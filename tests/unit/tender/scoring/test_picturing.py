"""Pictures of a sample: what is counted is what the records say, and every form shows it with its figures."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from python_calamine import CalamineWorkbook

from passerelle.documents import charts
from passerelle.tender import grid as grid_form
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.forms import attestation, grid, page, pictures

from .conftest import consultation, requirement

ASKED = consultation(
    requirement(1, Measure.PRESENT, "planned_start"),
    requirement(2, Measure.PRESENT, "stamped_start"),
    contracts=("visit/1",),
)
STAMPS = {
    "stamped_start": lambda n: f"2026-09-{n % 28 + 1:02d}T08:{n % 7 + 1:02d}:00+02:00" if n % 2 else "",
    "stamped_end": lambda n: f"2026-09-{n % 28 + 1:02d}T09:01:00+02:00" if n % 2 else "",
    "billed_quantity": "1.5",
    "billed_unit": "hour",
}


@pytest.fixture
def scored(sample):
    made = score_bid(ASKED, BidEntry(samples=[sample(40, **STAMPS)]))
    yield made
    made.close()


def test_visits_are_counted_by_hour_and_minute_and_hours_summed_by_month(scored):
    made = {one.key: one for one in scored.score.pictures}
    assert list(made) == ["hours", "minutes", "months"]
    assert dict(zip(made["hours"].names, made["hours"].rows, strict=True))["planned"][8] == 40
    stamped = dict(zip(made["minutes"].names, made["minutes"].rows, strict=True))["stamped"]
    assert sum(stamped) == 20
    assert stamped[0] == 0
    months = dict(zip(made["months"].names, made["months"].rows, strict=True))
    assert (sum(months["planned"]), sum(months["billed"])) == (40.0, 60.0)
    assert "retained" not in months


def test_the_share_of_fields_that_are_filled_is_told_by_month(scored):
    filled = scored.score.filled
    assert filled.months == ("2026-09",)
    assert filled.rows == (("visit/1", (0.75,)),)


def test_every_form_shows_the_pictures_with_their_figures(scored):
    html = page.write(scored.score).decode()
    assert html.count('<svg class="bars"') == 3
    assert html.count('<svg class="fill"') == 1
    assert html.count("<details>") == 4
    with zipfile.ZipFile(io.BytesIO(grid.write(scored))) as book:
        assert len([name for name in book.namelist() if name.startswith("xl/charts/chart")]) == 3
    with zipfile.ZipFile(io.BytesIO(attestation.write(scored.score))) as paper:
        assert len([name for name in paper.namelist() if name.startswith("word/media/")]) == 3
        assert 'descr="' in paper.read("word/document.xml").decode()


def test_figures_under_a_picture_leave_out_where_nothing_is(scored):
    first = next(iter(pictures.iter_charts(scored.score)))[0]
    assert [row[0] for row in pictures.list_figures(first)] == ["08"]


def test_a_sample_without_visits_has_no_pictures(sample):
    asked = consultation(requirement(1, Measure.PRESENT, "usual_name", contract="person/1"), contracts=("person/1",))
    path = sample(1)
    path.write_text("ref,usual_name\ns:person:1,Nom\n", "utf-8")
    made = score_bid(asked, BidEntry(samples=[path.rename(path.with_name("person.csv"))]))
    assert made.score.pictures == ()
    assert "<figure>" not in page.write(made.score).decode()
    made.close()


def test_the_map_of_contracts_and_months_is_native_in_a_workbook_and_tinted_in_a_document(scored):
    (month,) = scored.score.filled.months
    ((_contract, (share,)),) = scored.score.filled.rows
    content = grid.write(scored)
    name = grid_form.make_sheet_name(pictures.write_fill_title())
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()
    assert rows[-2:] == [["", month], [scored.score.coverage[0].title, share]]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(one).decode() for one in archive.namelist() if one.startswith("xl/worksheets/sheet")]
    assert sum("<colorScale>" in sheet for sheet in sheets) == 1
    tables = docx.Document(io.BytesIO(attestation.write(scored.score))).tables
    (shown,) = [table for table in tables if table.rows[0].cells[-1].text == month]
    cell = shown.rows[1].cells[1]
    assert f'w:fill="{charts.compute_tint(share).removeprefix("#")}"' in cell._tc.xml
    assert "%" in cell.text
