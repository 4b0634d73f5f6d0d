"""A cell that a spreadsheet left without value sets its record aside; it never empties a field."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate import OutOfScope, Ref, Table, Text, Where
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.translation import translate
from passerelle.vocabulary.cell_marks import ERRORS
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import TextTable

TABLE = Table(
    contract="person/1",
    fields={"ref": Ref("id", system="s", entity="person"), "birth_name": Text("nom")},
    where=(Where("actif", ("oui",), negated=True),),
)


def translated(columns: dict[str, list[str]], *, marked: bool = True, nulls: tuple[str, ...] = ("",)):
    frame = pl.DataFrame(columns)
    lines = pl.Series("line", range(2, frame.height + 2), dtype=pl.UInt32)
    plan = compile_plan([TABLE], supplier="s", nulls=nulls)
    both = [
        translate(TextTable("", frame, lines, marked=marked), plan, columnar=columnar) for columnar in (True, False)
    ]
    assert both[0].aside == both[1].aside
    assert both[0].warned == both[1].warned
    return both[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *((error, "decode.cell.error") for error in sorted(ERRORS)),
        (" #N/A ", "decode.cell.error"),
        ("#FORMULA!", "decode.cell.not_computed"),
        ("#DIGITS! 1234567890123450", "decode.cell.too_long"),
    ],
)
def test_the_record_is_set_aside_with_the_column_and_the_field(text, reason):
    done = translated({"id": ["1", "2"], "nom": ["Noël", text], "actif": ["", ""]})
    (aside,) = done.aside
    assert (aside.fate, aside.reason, aside.row) == (Fate.REJECTED, reason, 1)
    assert (aside.place.line, aside.place.column, aside.place.field) == (3, "nom", "birth_name")
    assert aside.details == ({"error": text.strip()} if reason.endswith("error") else {})
    assert done.records[0].frame["birth_name"].to_list() == ["Noël"]


@pytest.mark.parametrize("text", ["#1 rue", "#", "N/A", "a #N/A", "#N/A et suite", "#URGENT!"])
def test_any_other_text_is_a_text(text):
    done = translated({"id": ["1"], "nom": [text], "actif": [""]})
    assert not done.aside
    assert done.records[0].frame["birth_name"].to_list() == [text]


def test_a_cell_that_decides_to_which_table_the_row_belongs_is_needed_too():
    (aside,) = translated({"id": ["1"], "nom": ["a"], "actif": ["#REF!"]}).aside
    assert (aside.reason, aside.place.column, aside.place.field) == ("decode.cell.error", "actif", "")


def test_a_column_that_nobody_reads_warns_once_with_a_count():
    done = translated(
        {"id": ["1", "2", "3"], "nom": ["a", "b", "c"], "actif": [""] * 3, "total": ["", "#N/A", "#DIV/0!"]}
    )
    assert not done.aside
    assert [(item.reason, item.place.line, item.place.column, item.details) for item in done.warned] == [
        ("decode.cell.error", 3, "total", {"error": "#N/A", "count": "2"})
    ]


def test_what_the_connector_declares_as_unknown_is_no_error():
    assert not translated({"id": ["1"], "nom": ["#N/A"], "actif": [""]}, nulls=("", "#N/A")).aside


def test_a_row_is_counted_once_whatever_follows_of_the_error():
    (aside,) = translated({"id": ["#N/A"], "nom": ["#N/A"], "actif": [""]}).aside
    assert (aside.place.column, aside.details) == ("id", {"error": "#N/A"})


def test_a_row_that_is_out_of_scope_needs_no_value():
    scope = OutOfScope(where=(Where("actif", ("non",)),), fr="partis", en="gone")
    frame = pl.DataFrame({"id": ["#N/A"], "nom": ["#N/A"], "actif": ["non"]})
    plan = compile_plan([TABLE], supplier="s", out_of_scope=[scope])
    (aside,) = translate(TextTable("", frame, pl.Series("line", [2], dtype=pl.UInt32)), plan).aside
    assert aside.reason == "translate.row.out_of_scope"
