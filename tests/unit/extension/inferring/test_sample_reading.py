"""How a sample is written, guessed."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from unit.extension.inferring.exports import export

from passerelle.extension.inferring.sample_reading import CUT, MOST_ROWS, read_sample
from passerelle.stages.decode.dialects import Csv, Json, Xml

ROWS = ["A1;03/03/2025;Réalisée", "A2;04/03/2025;Annulée", "A3;05/03/2025;Réalisée"]


def sample(text, encoding="utf-8"):
    return read_sample(BytesIO(text.encode(encoding)))


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separator_and_encoding_are_found(mark, encoding):
    found = sample("\r\n".join(["N°;Date;État", *ROWS]).replace(";", mark), encoding)
    assert isinstance(found.dialect, Csv)
    assert (found.dialect.delimiter, found.rows, list(found.columns)) == (mark, 3, ["N°", "Date", "État"])


def test_lines_before_the_names_are_skipped():
    found = sample("\n".join(["Export du 3 mars", "", "N°;Date;État", *ROWS]))
    assert (found.dialect.skip_lines, list(found.columns), found.rows) == (2, ["N°", "Date", "État"], 3)


def test_a_name_on_two_lines_and_names_that_repeat_are_those_of_the_decode_stage():
    found = sample('N°;"Mode de\ntransport";Motif;Motif\nA1;Bus;x;y\n')
    assert list(found.columns) == ["N°", "Mode de transport", "Motif", "Motif#2"]


def test_a_file_without_names_gets_numbered_ones():
    found = sample("1;03/03/2025;12,5\n2;04/03/2025;13,5\n")
    assert (len(found.dialect.header), found.rows) == (3, 2)


def test_rows_that_cannot_be_read_are_counted():
    assert sample("\n".join(["N°;Date;État", *ROWS, "A4"])).aside == 1


def test_a_workbook_is_read_from_the_row_that_names_its_columns():
    with export("factures").open("rb") as stream:
        found = read_sample(stream)
    assert (found.dialect.header_row, found.rows, next(iter(found.columns))) == (4, 24, "N° pièce")


def test_the_longest_list_of_a_json_document_is_found():
    document = {"meta": [{"page": 1}], "data": {"visits": [{"id": "1", "who": {"id": "P"}}, {"id": "2"}]}}
    found = sample(json.dumps(document))
    assert found.dialect == Json(lists={"data.visits": ""})
    assert found.columns == {"id": ["1", "2"], "who.id": ["P", None]}


def test_one_object_a_line_is_found():
    assert sample('{"id": "1"}\n{"id": "2"}\n').dialect == Json(lists={"": ""}, lines=True)


def test_the_element_that_repeats_is_found():
    found = sample("<a><b><n>1</n></b><b><n>2</n></b></a>")
    assert (found.dialect, found.columns) == (Xml(rows={"/a/b": ""}), {"n": ["1", "2"]})


def test_only_so_many_rows_and_characters_are_looked_at():
    found = sample("N°;Texte\n" + f"1;{'x' * 1000}\n" * (MOST_ROWS + 1000))
    assert found.rows == MOST_ROWS
    assert {len(cell) for cell in found.columns["Texte"]} == {CUT}


def test_a_total_is_no_example_of_a_row():
    found = read_sample(BytesIO(b"N;Client;Montant\n1;A;2,00\n2;B;3,00\nTOTAL;;5,00\n"))
    assert (found.rows, found.totals) == (2, ("N",))


def test_names_in_two_rows_are_read_with_their_groups():
    found = read_sample(BytesIO("Usager;;Visite;\nNom;Code;Jour;Début\nA;1;02/03/2025;08:00\n".encode()))
    assert list(found.columns) == ["Usager / Nom", "Usager / Code", "Visite / Jour", "Visite / Début"]
