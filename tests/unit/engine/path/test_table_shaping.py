"""Names in another spelling are read; totals, repeated names and notes are no records, each with its own fate."""

from __future__ import annotations

import io
from unittest.mock import patch

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.supplier import Connector
from passerelle.stages.decode import notes
from passerelle.stages.decode.dialects import Csv, Json, Xlsx
from passerelle.stages.decode.notes import find_notes, match_spellings
from passerelle.stages.translate import Ref, Table, Text
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import Fate

FIELDS = {"ref": Ref("N°", system="x", entity="organisation"), "name": Text("Nom")}
TABLE = Table(contract="organisation/1", fields=FIELDS, carried=("Montant", "Tel"))
HEADER = "N°;Nom;Montant;Tel\n"


def _check(data: str, dialect=None):
    connector = Connector(id="x-all", title="X", dialect=dialect or Csv(), tables=(TABLE,))
    return check(io.BytesIO(data.encode()), "x", connector)


def _reasons(report) -> dict[str, int]:
    return {key.code: cause.count for key, cause in report.causes.items()}


@pytest.mark.parametrize("header", ["n°;NOM;montant;TEL", " N° ; Nom;Montant\u00a0;\u200bTel", "N°;nom;Montant;Tel"])
def test_names_with_other_capitals_and_spaces_are_read_and_told_once(header):
    report = _check(f"{header}\n1;A;;\n2;B;;\n")
    assert report.balance.fates[Fate.DELIVERED] == 2
    assert set(_reasons(report)) <= {"decode.header.spelling"}


def test_an_exact_name_wins_and_two_spellings_of_one_name_are_not_guessed():
    assert match_spellings(["Nom", "NOM"], ["Nom"]) == {}
    assert match_spellings(["nom", "NOM"], ["Nom"]) == {}
    assert match_spellings(["NOM"], ["Nom", "nom"]) == {}
    assert match_spellings(["NOM", "x"], ["Nom", "Prénom"]) == {"NOM": "Nom"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Total;;45 216 €;", "decode.row.total"),
        (";TOTAL GÉNÉRAL;45 216,00;12", "decode.row.total"),
        (";Sous-total :;1 200;", "decode.row.total"),
        ("Somme;;-3,50 €;", "decode.row.total"),
        ("Total;45", "decode.row.total"),
        ("N°;Nom;Montant;Tel", "decode.row.header_again"),
        ("n° ;NOM;Montant;Tel", "decode.row.header_again"),
        ("-- fin --;;;", "decode.row.footer"),
        ("-- fin --", "decode.row.footer"),
        ("Nombre de lignes : 12;;;", "decode.row.footer"),
        ("Nombre de lignes : 12", "decode.row.footer"),
        (";Fin de liste;;", "decode.row.footer"),
        ("Édité le 01/02/2024;;;", "decode.row.footer"),
        ("*** page 3/12 ***;;;", "decode.row.footer"),
    ],
)
@pytest.mark.parametrize("place", ["between", "last"])
def test_a_row_that_is_no_record_is_withheld_with_its_reason(row, reason, place):
    rows = ["1;A;10;", row, "2;B;20;"] if place == "between" else ["1;A;10;", "2;B;20;", row]
    report = _check(HEADER + "\n".join(rows) + "\n")
    assert report.balance.fates == {Fate.DELIVERED: 2, Fate.WITHHELD: 1}
    assert report.balance.adds_up
    assert _reasons(report)[reason] == 1


@pytest.mark.parametrize(
    "row",
    [
        "17;Total;10;0601020304",
        "17;TOTAL;;",
        "Total;Jean;10;",
        "17;Fin;;",
        "17;Nom;Montant;Tel",
        "17;Nombre;3;",
        "Somme;Marie;;",
        "17;;45;12",
        "Totaline;;4;",
        ";Total;;0601020304",
        ";Somme;;06 01 02 03 04",
        ";Total;12;+33 6.01.02.03.04",
        "Total;0601020304",
        ";Nom;;",
        "N°;;;",
    ],
)
def test_a_record_whose_cells_look_like_a_note_stays_a_record(row):
    assert _check(f"{HEADER}{row}\n").balance.fates.get(Fate.WITHHELD, 0) == 0


def test_a_row_without_reference_is_rejected_and_no_note():
    report = _check(f"{HEADER};Martin;45;\n;;45 €;\n")
    assert report.balance.fates == {Fate.REJECTED: 2}


def test_documents_have_no_such_rows():
    report = _check('[{"N°":"Total","Nom":"","Montant":"45"}]', Json())
    assert report.balance.fates.get(Fate.WITHHELD, 0) == 0


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 10**6).map(str), st.sampled_from(["Total", "Somme", "Fin", "", "12", "Nom", "-- a"])),
        min_size=1,
        max_size=10,
    )
)
@settings(max_examples=count_examples(100))
def test_a_row_with_a_reference_of_its_own_is_never_a_note(rows):
    frame = pl.DataFrame(rows, schema={"N°": pl.String, "Nom": pl.String}, orient="row")
    assert find_notes(frame, ["N°"]) == {}


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(
                ["12", "A7", "", "Total", "total 3", "Sous-total : 4", "Fin", "nb 12", "No", " 12", "-- a", "Page 2"]
            ),
            st.sampled_from(["", "1", "Total", "Nom", "5 €", "Fin de liste"]),
        ),
        min_size=1,
        max_size=8,
    ),
    names=st.sampled_from([("No", "Nom"), ("1er no", "Nom")]),
    refs=st.sampled_from([(0,), (1,), (0, 1)]),
)
@settings(max_examples=count_examples(150))
def test_references_that_are_passed_over_at_once_change_no_judgement(rows, names, refs):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    chosen = [names[place] for place in refs]
    with patch.object(notes, "_REFERENCE", "^\\x00$"):  # nothing is passed over
        expected = find_notes(frame, chosen)
    assert find_notes(frame, chosen) == expected


def _check_sheets(*sheets: list[list[str]]):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as made:
        for rows in sheets:
            sheet = made.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return check(stream, "x", Connector(id="x-all", title="X", dialect=Xlsx(), tables=(TABLE,)))


def test_a_table_behind_a_notice_is_read_by_the_columns_that_the_tables_need():
    report = _check_sheets([["Notice"]], [["N°", "Nom", "Montant", "Tel"], ["1", "A", "", ""]])
    assert report.balance.fates[Fate.DELIVERED] == 1
    assert _reasons(report) == {"decode.unread.sheet": 1}


def test_two_tables_behind_a_notice_stay_a_question():
    table = [["N°", "Nom"], ["1", "A"]]
    with pytest.raises(ParcelError) as refused:
        _check_sheets([["Notice"]], table, table)
    assert refused.value.code == "translate.header.elsewhere"


def test_a_note_among_rows_that_are_cut_off_is_still_a_note():
    report = _check(f"{HEADER}1;A;;\n2;B\n-- fin --\n")
    assert _reasons(report) == {"decode.row.too_few_cells": 1, "decode.row.footer": 1}
