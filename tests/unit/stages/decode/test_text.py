"""Encodings: declared, else the mark, else strict UTF-8, else cp1252 with a warning."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.errors import ParcelError

ROWS = [("Élodie", "à 12 €"), ("Noël", "l’œuvre")]
TEXT = "nom;note\r\n" + "".join(f"{name};{note}\r\n" for name, note in ROWS)


@pytest.mark.parametrize(
    ("data", "declared", "warned"),
    [
        (TEXT.encode(), "", []),
        (TEXT.encode(), "utf-8", []),
        (codecs.BOM_UTF8 + TEXT.encode(), "", []),
        (codecs.BOM_UTF8 * 2 + TEXT.encode(), "", ["decode.encoding.second_mark"]),
        (codecs.BOM_UTF8 + TEXT.encode(), "cp1252", ["decode.encoding.assumed"]),
        (TEXT.encode("cp1252"), "", ["decode.encoding.assumed"]),
        (TEXT.encode("cp1252"), "windows-1252", []),
        (TEXT.encode("utf-16"), "", []),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "", []),
        (TEXT.encode("utf-16-le"), "", ["decode.encoding.assumed"]),
        (TEXT.encode("utf-16-be"), "utf-16-be", []),
    ],
)
def test_the_text_is_the_same_in_every_encoding(outcome, data, declared, warned):
    for size in (1, 7, 1 << 20):
        found = outcome(data, Csv(encoding=declared), block_bytes=size)
        assert found.rows == ROWS
        assert found.columns == ["nom", "note"]
        assert [item.reason for item in found.warned] == warned


def test_an_assumed_encoding_is_named_in_its_warning(outcome):
    (warned,) = outcome(TEXT.encode("cp1252"), Csv()).warned
    assert warned.details == {"encoding": "cp1252"}


def test_the_first_undecodable_byte_may_be_far_away(outcome):
    data = b"nom;note\n" + b"a;b\n" * 600_000 + "Noël;x\n".encode("cp1252")
    found = outcome(data, Csv(), block_bytes=1 << 20)
    assert found.rows[-1] == ("Noël", "x")
    assert [item.reason for item in found.warned] == ["decode.encoding.assumed"]


def test_a_broken_byte_in_a_file_in_utf8_costs_its_row(outcome):
    data = b"nom;note\n" + "Noël;é\n".encode() * 20 + b"No\xebl;x\n" + "Noël;é\n".encode()
    found = outcome(data, Csv())
    assert len(found.rows) == 21
    assert found.faults == [("decode.text.replaced", 22, 0)]
    assert not found.warned


def test_a_byte_that_cp1252_leaves_undefined_costs_its_row(outcome):
    data = b"nom;note\n" + "Noël;x\n".encode("cp1252") * 3 + b"a\x81;b\n"
    found = outcome(data, Csv())
    assert found.rows == [("Noël", "x")] * 3
    assert found.faults == [("decode.text.control", 5, 0)]


def test_rows_in_utf8_among_rows_in_cp1252_are_set_aside_as_garbled(outcome):
    data = b"nom;note\n" + "Noël;x\n".encode("cp1252") * 5 + "Noël;x\n".encode() + "été;x\n".encode("cp1252")
    found = outcome(data, Csv())
    assert found.rows == [("Noël", "x")] * 5 + [("été", "x")]
    assert found.faults == [("decode.text.mojibake", 7, 0)]


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("nom\n" + "Élodie Noël\n".encode().decode("cp1252") * 20, "", "decode.encoding.mojibake"),
        ("nom\n" + "\ufffdlodie No\ufffdl\n" * 20, "", "decode.encoding.replaced"),
    ],
)
def test_a_file_damaged_throughout_is_parked_whole(outcome, text, declared, code):
    with pytest.raises(ParcelError) as refusal:
        outcome(text.encode(), Csv(encoding=declared))
    assert refusal.value.code == code


def test_a_file_that_cannot_be_in_the_declared_encoding_is_parked_whole(outcome):
    with pytest.raises(ParcelError) as refusal:
        outcome(b"nom\n" + "Élodie\n".encode("cp1252") * 20, Csv(encoding="utf-8"))
    assert refusal.value.code == "decode.encoding.undecodable"
    assert refusal.value.details == {"encoding": "utf-8"}


@given(cells=st.lists(st.text(alphabet="aéàçœ€ÉÀÂâÃÅ«» °’", min_size=1, max_size=8), min_size=1, max_size=8))
@settings(max_examples=count_examples(100), deadline=None)
def test_text_read_twice_in_the_wrong_encoding_is_refused_and_sound_text_is_not_changed(outcome, cells):
    data = "c;d\n" + "".join(f"{cell};x\n" for cell in cells)
    found = outcome(data.encode(), Csv())
    assert {row[0] for row in found.rows} <= set(cells)
    assert len(found.rows) + len(found.aside) == len(cells)


@pytest.mark.parametrize("letter", "éèêëàâîïôöùûüçÉÈÊÀÂÎÔÙÛÇœŒ«»°’–…")
def test_each_french_letter_read_twice_is_recognised(outcome, letter):
    wrong = letter.encode().decode("cp1252", "ignore")
    garbled = letter.encode().decode("latin-1") if len(wrong) < len(letter.encode()) else wrong
    found = outcome(f"c;d\nx;y\n{garbled};z\n{letter};z\n".encode(), Csv())
    assert found.rows == [("x", "y"), (letter, "z")]
    assert len(found.aside) == 1
