"""Workbooks for people: titles in their language, days that are days, texts that stay texts."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime

import pytest
from python_calamine import CalamineWorkbook

from passerelle import contracts
from passerelle.contracts.types import FieldKind
from passerelle.edges.destinations.column_titles import find_kind, list_titles
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.vocabulary.language import get_current, set_language
from passerelle.vocabulary.outcomes import Fate

NAME = "nuit-visit-1-abababababab-00000"


@pytest.fixture(autouse=True)
def french():
    before = get_current()
    set_language("fr")
    yield
    set_language(before)


def _read(path):
    """Read a workbook with another library than the one that wrote it."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def _read_sheet(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


INJECTIONS = [
    "=1+1",
    "+33612345678",
    "-12,50",
    "@SUM(A1)",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "http://evil.example",
    "007",
    "{=1}",
]


def test_no_text_in_a_workbook_is_a_formula_a_link_or_a_number(tmp_path, ready):
    batch = ready(*({"ref": f"a:b:{number}", "comment": text} for number, text in enumerate(INJECTIONS)))
    FolderDestination(tmp_path, "xlsx").deliver(batch)
    path = tmp_path / f"{NAME}.xlsx"
    rows = _read(path)
    assert rows[0] == ["Référence", "Commentaire"]
    assert [row[1] for row in rows[1:]] == INJECTIONS
    assert "<f>" not in _read_sheet(path)
    assert "hyperlink" not in _read_sheet(path)


def test_numbers_and_flags_of_a_workbook_are_typed(tmp_path, ready):
    FolderDestination(tmp_path, "xlsx").deliver(ready({"ref": "a:b:1", "travel_minutes": 12, "billed": True}))
    titles, first = _read(tmp_path / f"{NAME}.xlsx")
    assert (titles, first) == (["Référence", "Temps de trajet", "Facturée"], ["a:b:1", 12, True])


def test_a_text_that_no_cell_can_hold_is_refused_and_the_others_are_written(tmp_path, ready):
    batch = ready({"ref": "a:b:1", "comment": "x" * 32_768}, {"ref": "a:b:2", "comment": "y" * 32_767})
    answers = FolderDestination(tmp_path, "xlsx").deliver(batch)
    assert [answer.fate for answer in answers] == [Fate.REFUSED, Fate.DELIVERED]
    assert answers[0].reason == "deliver.cell.too_long"
    assert [row[0] for row in _read(tmp_path / f"{NAME}.xlsx")] == ["Référence", "a:b:2"]


def test_days_moments_and_amounts_are_what_they_are_and_references_keep_their_zeros(tmp_path, ready):
    record = {
        "ref": "007",
        "planned_start": "2026-10-25T02:30:00+02:00",
        "billed_quantity": "1.75",
        "identifiers": [{"system": "local", "value": "00042"}],
    }
    FolderDestination(tmp_path, "xlsx").deliver(ready(record))
    titles, row = _read(tmp_path / f"{NAME}.xlsx")
    told = dict(zip(titles, row, strict=True))
    assert told == {
        "Référence": "007",
        "Début planifié": datetime(2026, 10, 25, 2, 30),  # noqa: DTZ001  a cell has no zone
        "Quantité facturée": 1.75,
        "Identifiants – 1 – système": "local",
        "Identifiants – 1 – valeur": "00042",
    }


def test_a_day_before_the_calendar_of_spreadsheets_stays_a_text_and_half_a_day_too(tmp_path, ready):
    days = ["1899-12-31", "1900-02-28", "1900-03-01", "1947-04-03", "1947-04", "1947", None]
    records = ({"ref": f"a:b:{nth}", "birth_date": day} for nth, day in enumerate(days))
    FolderDestination(tmp_path, "xlsx").deliver(ready(*records, contract="person/1"))
    rows = _read(tmp_path / "nuit-person-1-abababababab-00000.xlsx")
    true_days = [date(1900, 3, 1), date(1947, 4, 3)]
    assert [row[1] for row in rows] == ["Date de naissance", *days[:2], *true_days, "1947-04", "1947", ""]


def test_amounts_can_be_added_up(tmp_path, ready):
    record = {"ref": "a:b:1", "amount": "-12.50", "start_on": "2026-01-31"}
    FolderDestination(tmp_path, "xlsx").deliver(ready(record, contract="entitlement/1"))
    _titles, row = _read(tmp_path / "nuit-entitlement-1-abababababab-00000.xlsx")
    assert row == ["a:b:1", -12.5, date(2026, 1, 31)]


def test_the_header_stays_in_sight_can_be_filtered_and_columns_are_as_wide_as_what_they_hold(tmp_path, ready):
    FolderDestination(tmp_path, "xlsx").deliver(ready({"ref": "a:b:1", "comment": "x" * 500}, {"ref": "a:b:22"}))
    sheet = _read_sheet(tmp_path / f"{NAME}.xlsx")
    assert re.search(r'<pane ySplit="1" topLeftCell="A2"[^>]*state="frozen"', sheet)
    assert '<autoFilter ref="A1:B3"/>' in sheet
    assert [float(width) for width in re.findall(r'<col [^>]*width="([0-9.]+)"', sheet)] == [14.7109375, 60.7109375]


def test_titles_are_those_of_the_contract_and_tell_all_columns_apart():
    model = contracts.get("visit/1")
    columns = ["ref", "service.code", "service.original", "tasks.2.label", "extra.compani.Code", "nobody"]
    assert list_titles(model, columns) == [
        "Référence",
        "Prestation – code",
        "Prestation – mot du logiciel",
        "Tâches – 2 – libellé",
        "Hors contrat – compani – Code",
        "nobody",
    ]
    assert list_titles(model, ["ref", "ref"]) == ["Référence", "Référence (ref)"]
    set_language("en")
    assert list_titles(model, ["planned_start"]) == ["Planned start"]


def test_what_a_column_holds_is_found_through_objects_and_lists():
    model = contracts.get("visit/1")
    kinds = {
        "planned_start": FieldKind.INSTANT,
        "source.received_at": FieldKind.INSTANT,
        "source.row": FieldKind.INTEGER,
        "tasks.1.code": FieldKind.TEXT,
        "birth_date": FieldKind.TEXT,
        "extra.compani.Code": FieldKind.TEXT,
        "ref.part": FieldKind.TEXT,
        "tasks.1.nobody": FieldKind.TEXT,
        "nobody": FieldKind.TEXT,
    }
    assert {column: find_kind(model, column) for column in kinds} == kinds
