"""A table that stands behind a notice, or below one, is found where one sheet alone can be meant."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.dialects import Xlsx
from passerelle.vocabulary.formatting import show_name

NOTICE = [["Comment lire ce classeur"], ["Une ligne par personne"]]
TABLE = [["ID", "Nom"], ["7", "a"], ["8", "b"]]
DIALECT = Xlsx(needed=("ID", "Nom"))


def book(*sheets: tuple[str, list[list[str]]], hidden: frozenset[str] = frozenset(), merge: str = "") -> bytes:
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"in_memory": True})
    for number, (name, rows) in enumerate(sheets):
        sheet = made.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        if merge and not number:
            sheet.merge_range(merge, "ID")
        if name in hidden:
            sheet.hide()
    made.close()
    return stream.getvalue()


def told(found) -> list[tuple[str, dict[str, str]]]:
    return [(item.reason, dict(item.details)) for item in found.warned]


def test_a_table_behind_a_notice_is_read_and_the_notice_told_once_as_unread(outcome):
    found = outcome(book(("Lisez-moi", NOTICE), ("Données", TABLE)), DIALECT, block_rows=1)
    assert (found.columns, found.rows, found.lines) == (["ID", "Nom"], [("7", "a"), ("8", "b")], [2, 3])
    assert [batch.table.member for batch in found.batches] == ["", ""]
    assert told(found) == [("decode.unread.sheet", {"name": "Lisez-moi", "count": "2"})]


def test_names_in_other_letters_are_names(outcome):
    found = outcome(book(("Lisez-moi", NOTICE), ("Données", [["id ", "NOM"], ["7", "a"]])), DIALECT)
    assert found.rows == [("7", "a")]


def test_a_table_below_a_notice_is_read_as_in_delimited_text(outcome):
    found = outcome(book(("Tout", [*NOTICE, *TABLE])), DIALECT)
    assert (found.columns, found.lines) == (["ID", "Nom"], [4, 5])
    assert told(found) == [("decode.header.late", {"lines": "2"})]


def test_a_table_below_a_title_behind_a_notice_is_read(outcome):
    found = outcome(book(("Lisez-moi", NOTICE), ("Données", [["Export"], *TABLE])), DIALECT)
    assert found.rows == [("7", "a"), ("8", "b")]
    assert [reason for reason, _details in told(found)] == ["decode.header.late", "decode.unread.sheet"]


def test_a_notice_that_begins_low_hides_no_table(outcome):
    found = outcome(book(("Lisez-moi", [[], [], *NOTICE]), ("Données", TABLE)), DIALECT)
    assert found.rows == [("7", "a"), ("8", "b")]


@pytest.mark.parametrize(
    "sheets",
    [
        pytest.param([("Notice", NOTICE), ("Janvier", TABLE), ("Février", TABLE)], id="two_fit"),
        pytest.param([("Notice", NOTICE), ("Listes", [["ID"], ["7"]])], id="none_has_all"),
        pytest.param([("Notice", [*NOTICE, *TABLE]), ("Données", TABLE)], id="one_below_and_one_behind"),
        pytest.param([("Données", TABLE), ("Suite", TABLE)], id="the_first_fits"),
        pytest.param([("Notice", NOTICE), ("Données", [["-"]] * 11 + TABLE)], id="far_below"),
    ],
)
def test_what_is_not_sure_is_read_as_declared(outcome, sheets):
    found = outcome(book(*sheets), DIALECT)
    assert found.columns == list(sheets[0][1][0])


def test_a_hidden_sheet_is_never_taken(outcome):
    found = outcome(book(("Notice", NOTICE), ("Données", TABLE), hidden=frozenset({"Données"})), DIALECT)
    assert found.columns == NOTICE[0]


def test_a_hidden_sheet_makes_no_other_one_doubtful(outcome):
    sheets = (("Notice", NOTICE), ("Données", TABLE), ("Copie", TABLE))
    found = outcome(book(*sheets, hidden=frozenset({"Copie"})), DIALECT)
    assert found.rows == [("7", "a"), ("8", "b")]


def test_who_names_sheets_has_said_where_to_look(outcome):
    found = outcome(book(("Notice", NOTICE), ("Données", TABLE)), Xlsx(sheets={"Notice": ""}, needed=("ID",)))
    assert found.columns == NOTICE[0]


def test_names_that_merged_cells_spread_are_not_overlooked(outcome):
    data = book(("Une", [["", "Nom"], ["", "usage"], ["7", "a"]]), ("Autre", TABLE), merge="A1:A2")
    assert outcome(data, Xlsx(header_row=2, needed=("ID",))).rows == [("7", "a")]


@settings(deadline=None, max_examples=count_examples(15))
@given(
    names=st.lists(st.sampled_from(["Lisez-moi", "Aide", "Données", "Listes"]), min_size=2, max_size=4, unique=True),
    fitting=st.sets(st.integers(0, 3)),
)
def test_another_sheet_is_read_if_and_only_if_it_alone_fits(outcome, names, fitting):
    fitting = {place for place in fitting if place < len(names)}
    data = book(*((name, TABLE if place in fitting else NOTICE) for place, name in enumerate(names)))
    found = outcome(data, DIALECT)
    taken = next(iter(fitting)) if len(fitting) == 1 else 0
    assert found.columns == (TABLE if taken in fitting else NOTICE)[0]
    unread = [details["name"] for reason, details in told(found) if reason == "decode.unread.sheet"]
    assert unread == [show_name(name) for place, name in enumerate(names) if place != taken]
