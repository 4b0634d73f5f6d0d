"""A cell that a spreadsheet left without value sets its record aside; it never empties a field."""

from __future__ import annotations

from dataclasses import replace

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


def translated(columns: dict[str, list[str]], *, nulls: tuple[str, ...] = ("",), table: Table = TABLE, scopes=()):
    frame = pl.DataFrame(columns)
    lines = pl.Series("line", range(2, frame.height + 2), dtype=pl.UInt32)
    plan = compile_plan([table], supplier="s", nulls=nulls, out_of_scope=scopes)
    both = [translate(TextTable("", frame, lines, marked=True), plan, columnar=columnar) for columnar in (True, False)]
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


def test_of_several_conditions_only_the_one_that_could_decide_needs_a_value():
    scope = OutOfScope(where=(Where("actif", ("non",)), Where("type", ("pause",))), fr="pauses", en="breaks")
    done = translated(
        {"id": ["1", "2", "3"], "nom": ["a"] * 3, "actif": ["oui", "non", "non"], "type": ["#REF!", "#REF!", "pause"]},
        table=replace(TABLE, where=()),
        scopes=[scope],
    )
    assert [(item.row, item.reason, item.place.column) for item in done.aside] == [
        (1, "decode.cell.error", "type"),
        (2, "translate.row.out_of_scope", ""),
    ]
    assert done.records[0].frame["birth_name"].to_list() == ["a"]


@pytest.mark.parametrize(
    "where",
    [
        Where.other_than("type", "visite"),
        Where.holds("type"),
        Where.holds("autre", "type"),
        Where.equals("type", "visite"),
        Where.begins("type", "total"),
    ],
)
def test_a_cell_that_decides_whether_the_row_is_left_out_is_needed(where):
    (aside,) = translated(
        {"id": ["1"], "nom": ["a"], "type": [" #N/A"], "autre": [""]},
        table=replace(TABLE, where=()),
        scopes=[OutOfScope(where=(where,), fr="partis", en="gone")],
    ).aside
    assert (aside.fate, aside.reason, aside.place.column) == (Fate.REJECTED, "decode.cell.error", "type")


def test_what_another_scope_surely_leaves_out_is_left_out():
    sure = OutOfScope(where=(Where.equals("actif", "non"),), fr="partis", en="gone")
    open_one = OutOfScope(where=(Where.equals("type", "pause"),), fr="pauses", en="breaks")
    columns = {"id": ["1"], "nom": ["a"], "actif": ["non"], "type": ["#REF!"]}
    (aside,) = translated(columns, table=replace(TABLE, where=()), scopes=[open_one, sure]).aside
    assert (aside.fate, aside.reason) == (Fate.WITHHELD, "translate.row.out_of_scope")


@pytest.mark.parametrize(
    "gone", [Where.equals("fin", "oui"), Where.holds("fin"), Where.other_than("fin", "non"), Where.begins("fin", "o")]
)
def test_an_error_of_a_formula_deletes_no_record_and_hides_no_deletion(gone):
    done = translated(
        {"id": ["1", "2"], "nom": ["a", "b"], "actif": ["", ""], "fin": ["#N/A", "oui"]},
        table=replace(TABLE, deleted=(gone,)),
    )
    (aside,) = done.aside
    assert (aside.row, aside.reason, aside.place.column) == (0, "decode.cell.error", "fin")
    assert [frame["ref"].to_list() for _contract, frame in done.deleted] == [["s:person:2"]]
    assert not done.warned


def test_whose_deletion_is_announced_must_have_a_value():
    done = translated(
        {"id": ["#N/A", "2"], "nom": ["a", "b"], "actif": ["", ""], "fin": ["oui", "oui"]},
        table=replace(TABLE, deleted=(Where.equals("fin", "oui"),)),
    )
    (aside,) = done.aside
    assert (aside.row, aside.reason, aside.place.column) == (0, "decode.cell.error", "id")
    assert [frame["ref"].to_list() for _contract, frame in done.deleted] == [["s:person:2"]]


def test_a_row_that_no_table_claims_is_told_with_the_cell_that_would_have_said_whose_it_is():
    done = translated(
        {"id": ["1", "2"], "nom": ["a", "b"], "type": ["#REF!", "autre"]},
        table=replace(TABLE, where=(Where.equals("type", "visite"),)),
    )
    assert [(item.reason, item.place.column) for item in done.aside] == [
        ("decode.cell.error", "type"),
        ("translate.row.no_table", ""),
    ]
    assert not done.warned
