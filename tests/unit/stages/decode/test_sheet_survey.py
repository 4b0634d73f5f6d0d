"""One look through what the reader wrote of a workbook: where the names stand, how many rows, what nobody reads."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode.dialects import Xlsx
from passerelle.stages.decode.sheet_survey import survey
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.formatting import is_seen, show_name


def write(*sheets, marked=True, names=None):
    """Write what the reader of workbooks writes; each sheet is its own line and its rows."""
    names = names or [about.get("sheet") or about["unread"] for about, _rows in sheets]
    lines = [{"sheets": names, "marked": marked}]
    for about, rows in sheets:
        lines += [about, *([number, list(cells)] for number, cells in rows)]
    return io.BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode())


def sheet(*rows, name="Feuil1", left=0, merged=(), twice=()):
    about = {"sheet": name, "left": left, "merged": [list(map(list, one)) for one in merged], "twice": list(twice)}
    return about, rows


def test_names_stand_in_the_declared_row_and_rows_below_are_counted():
    output = write(sheet((1, ["Titre"]), (3, ["ID", "Nom", ""]), (4, ["1", "a"]), (6, ["2", "b"])))
    (found,) = survey(output, Xlsx(header_row=3)).sheets
    assert (found.columns, found.rows) == (("ID", "Nom"), 2)
    output.seek(found.offset)
    assert json.loads(output.readline()) == [4, ["1", "a"]]


def test_columns_that_begin_to_the_right_have_names_by_their_place():
    (found,) = survey(write(sheet((1, ["ID"]), left=2)), Xlsx()).sheets
    assert (found.columns, found.blanks) == (("#1", "#2", "ID"), 2)


def test_a_title_over_several_columns_names_each_of_them():
    output = write(sheet((1, ["Adresse", "", "Nom"]), (2, ["", "", "x"]), merged=[((0, 0), (1, 1))]))
    (found,) = survey(output, Xlsx(header_row=2)).sheets
    assert found.header == ("Adresse", "Adresse", "x")
    assert found.columns == ("Adresse", "Adresse#2", "x")


@pytest.mark.parametrize(
    ("rows", "twice", "code"),
    [
        ((), (), "decode.parcel.empty"),
        (((3, ["ID"]),), (), "decode.header.blank"),
        (((2, ["ID"]), (3, ["1"])), (2,), "decode.header.unreadable"),
    ],
)
def test_a_sheet_without_sure_names_is_refused(rows, twice, code):
    with pytest.raises(ParcelError) as refused:
        survey(write(sheet(*rows, twice=twice)), Xlsx(header_row=2))
    assert refused.value.code == code


def test_a_workbook_with_none_of_the_expected_sheets_is_refused_and_one_that_lacks_some_says_which():
    dialect = Xlsx(sheets={"Gens": "people", "Visites": "visits"})
    with pytest.raises(ParcelError) as refused:
        survey(write(names=["Autre"]), dialect)
    assert refused.value.code == "decode.member.none"
    found = survey(write(sheet((1, ["ID"]), name="Gens")), dialect)
    assert found.sheets[0].member == "people"
    assert [(one.reason, one.place.member) for one in found.warned] == [("decode.member.missing", "visits")]


def test_a_sheet_that_nobody_reads_is_told_with_its_values_and_without_what_commands_a_terminal():
    other = ({"unread": "Notice\x1b2024", "values": 7, "head": []}, ())
    (told,) = survey(write(sheet((1, ["ID"])), other), Xlsx()).warned
    assert (told.reason, told.details) == ("decode.unread.sheet", {"name": "Notice\ufffd2024", "count": "7"})


def test_where_else_names_may_stand_is_kept_as_names_of_columns_are_read():
    other = ({"unread": "Notice", "values": 7, "head": [[1, ["ID ", "", "Ne\u0301\nle"]]]}, ())
    output = write(sheet((1, ["Titre"]), (2, ["ID"]), (3, ["1"])), other)
    (found,) = survey(output, Xlsx(header_row=2)).sheets
    assert [(one.sheet, one.row, set(one.columns)) for one in found.others] == [
        ("Feuil1", 1, {"Titre"}),
        ("Feuil1", 3, {"1"}),
        ("Notice", 1, {"ID", "Né le"}),
    ]


def test_merged_cells_are_doubted_where_nobody_says_what_they_mean():
    output = sheet((1, ["ID"]), (2, ["a"]), (40, ["b"]), merged=[((39, 0), (41, 0))])
    (doubt,) = survey(write(output), Xlsx()).warned
    assert (doubt.reason, doubt.place.line) == ("decode.cell.merged", 40)
    assert survey(write(output), Xlsx(merged="repeat")).warned == []


def test_where_marks_could_not_be_read_that_is_told():
    assert [one.reason for one in survey(write(sheet((1, ["ID"])), marked=False), Xlsx()).warned] == [
        "decode.workbook.unmarked"
    ]


@given(st.text(max_size=8))
def test_the_name_of_a_sheet_shows_all_that_can_be_seen_and_is_as_long_as_it_was(name):
    shown = show_name(name)
    assert len(shown) == len(name)
    assert all(map(is_seen, shown))
