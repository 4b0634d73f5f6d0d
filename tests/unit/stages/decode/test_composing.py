"""Decomposed letters are composed before anything is compared: names of columns, cells, members; replays too."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.documents.workbook_reader import open_rows
from passerelle.stages.decode.decoding import peek
from passerelle.stages.decode.dialects import Csv, Json, Xml
from passerelle.stages.decode.replay import decode_replay, write_replay_line


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


CASES = [
    (Csv(), "Prénom;Ville\nHélène;Nîmes\nPaul;Pau\n"),
    (Json(), '[{"Prénom":"Hélène","Ville":"Nîmes"},{"Prénom":"Paul","Ville":"Pau"}]'),
    (Json(lines=True), '{"Prénom":"Hélène","Ville":"Nîmes"}\n{"Prénom":"Paul","Ville":"Pau"}\n'),
    (Json(), '[{"Prénom":"H\\u00e9le\\u0300ne","Ville":"Ni\\u0302mes"},{"Prénom":"Paul","Ville":"Pau"}]'),
    (
        Xml(rows={"/E/R": ""}),
        "<E><R><Prénom>Hélène</Prénom><Ville>Nîmes</Ville></R><R><Prénom>Paul</Prénom><Ville>Pau</Ville></R></E>",
    ),
]


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(("dialect", "text"), CASES)
def test_names_and_cells_are_composed(outcome, dialect, text, size):
    for written in (text, nfd(text)):
        found = outcome(written.encode(), dialect, block_bytes=size, block_rows=size)
        assert found.columns == ["Prénom", "Ville"]
        assert found.rows == [("Hélène", "Nîmes"), ("Paul", "Pau")]


def test_names_that_become_the_same_stay_apart(outcome):
    header = f"é;{nfd('é')}"
    assert outcome(f"{header}\n1;2\n".encode(), Csv()).columns == ["é", "é#2"]
    assert peek(io.BytesIO(f"{header}\n1;2\n".encode()), Csv(), open_rows) == {"": ("é", "é#2")}


@pytest.mark.parametrize("name", ["*", "^.*$", "^Ville$"])
@pytest.mark.parametrize(("dialect", "write"), [(Csv(), "Ville;{}\nPau;é\n"), (Json(), '[{{"Ville":"Pau","{}":"é"}}]')])
def test_a_name_that_a_library_would_read_as_a_pattern_stops_nothing(outcome, dialect, write, name):
    found = outcome(write.format(name).encode(), dialect)
    assert found.columns == ["Ville", f"{name}#1"]
    assert found.rows == [("Pau", "é")]


def test_rows_to_replay_are_composed():
    line = write_replay_line(1, "", 2, {nfd("Prénom"): nfd("Hélène"), "Ville": None})
    (batch,) = decode_replay(io.BytesIO(line), block_rows=10)
    assert batch.table.frame.to_dicts() == [{"Prénom": "Hélène", "Ville": None}]


def test_names_of_files_in_an_archive_are_composed(outcome):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(nfd("bénéficiaires.csv"), "a\n1\n")
    assert outcome(stream.getvalue(), Csv(members={"bénéficiaires*.csv": "p"})).rows == [("1",)]


@given(cells=st.lists(st.text(alphabet="éèçÅñşğĭụệa b'", max_size=6), min_size=1, max_size=6))
@settings(max_examples=count_examples(100), deadline=None)
def test_whatever_is_written_is_what_its_composed_form_is(outcome, cells):
    data = json.dumps([{"id": "x", "a": nfd(cell)} for cell in cells], ensure_ascii=False)
    assert [row[1] for row in outcome(data.encode(), Json()).rows] == [
        unicodedata.normalize("NFC", cell) for cell in cells
    ]
