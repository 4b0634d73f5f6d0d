"""The code page of a text is recognised from its words; ordinary texts of cp1252 and UTF-8 are never touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.stages.decode.dialects import Csv

ROWS = [
    ("LEFÈVRE", "Hélène", "12 rue de la Forêt"),
    ("BRUYÈRE", "Noël", "3 allée des Érables"),
    ("MARTIN", "François", "où ça, déjà reçu"),
]
TEXT = "Nom;Prénom;Adresse\r\n" + "".join(";".join(row) + "\r\n" for row in ROWS)


@pytest.mark.parametrize("codec", ["cp850", "cp437", "mac-roman"])
@pytest.mark.parametrize(
    ("declared", "code"), [("", "decode.encoding.assumed"), ("cp1252", "decode.encoding.recognised")]
)
def test_a_text_of_another_code_page_is_read_in_it_with_a_warning(outcome, codec, declared, code):
    text = TEXT if codec != "cp437" else TEXT.replace("È", "E")
    found = outcome(text.encode(codec), Csv(encoding=declared))
    assert found.rows == [tuple(cell if codec != "cp437" else cell.replace("È", "E") for cell in row) for row in ROWS]
    assert [item.reason for item in found.warned] == [code]
    assert found.warned[0].details["encoding"] == ("cp850" if codec == "cp437" else codec)


@pytest.mark.parametrize("word", ["Hélène", "très", "forêt", "reçu", "élève", "naïve", "Élodie", "maître"])
@pytest.mark.parametrize("codec", ["cp850", "mac-roman"])
def test_one_word_is_enough_where_cp1252_cannot_be_right(outcome, codec, word):
    # «août», and «Noël» of Mac Roman, have a dash or a quote of cp1252 between their letters, which may stand there
    found = outcome(f"a;b\n{word};x\n".encode(codec), Csv())
    assert found.rows in ([(word, "x")], [])
    assert found.rows or [item.reason for item in found.aside] in (["decode.text.code_page"], ["decode.text.control"])


@pytest.mark.parametrize("word", ["élise", "école", "étage"])
def test_a_word_that_begins_with_an_accent_is_read_in_the_code_page_of_dos(outcome, word):
    assert outcome(f"a;b\n{word};x\n".encode("cp850"), Csv()).rows == [(word, "x")]


@pytest.mark.parametrize("word", ["sœur", "œuvre", "BŒUF", "12 €", "cœur à cœur"])
def test_latin_9_is_told_from_cp1252(outcome, word):
    found = outcome(f"a;b\n{word};été\n".encode("iso8859-15"), Csv())
    assert found.rows == [(word, "été")]


def test_rows_of_another_code_page_among_many_of_cp1252_are_set_aside(outcome):
    good = "Noël;été\n".encode("cp1252") * 50
    found = outcome(b"a;b\n" + good + "Hélène;x\n".encode("cp850") + good, Csv())
    assert found.rows == [("Noël", "été")] * 100
    assert found.faults == [("decode.text.code_page", 52, 0)]


def test_signs_inside_words_are_damage_in_utf_8_too(outcome):
    found = outcome("a;b\nH‚lŠne;x\nNoël;x\n".encode(), Csv())
    assert found.rows == [("Noël", "x")]
    assert found.faults == [("decode.text.code_page", 2, 0)]


_WORDS = """
Hélène Noël François Gaëlle Zoé Loïc Maëlys LEFÈVRE BRUYÈRE GARÇON Cœur sœur Œuvre n°12 1° l’aide d’été «oui» Yann-Ber
Guénolé Gwenaëlle Kerdoncuff Ñevez Añjela Plougoñven João Conceição Gonçalves Simões Araújo Antónia Muñoz Peña Björn Åse
Søren Müller Groß Jürgen Šimon Šárka Žofie Žižka Tomáš Ağca Gülçin Özgür Çiğdem İbrahim Şule Łukasz Wójcik Małgorzata
Gdańsk Zażółć Świętosława Đorđević usager·e·s 30€ 12,50€ «…» fin… “cité” ‘x’ – — • 100‰ ƒ(x) † „Wort“ ‹a› 15m² ½ 3×2 §4
©2024 10£ 5¢ µg ªº oui…non Rappeler…voir
"""
ORDINARY = _WORDS.split()


def _in_cp1252(word: str) -> bool:
    try:
        word.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@given(words=st.lists(st.sampled_from([word for word in ORDINARY if _in_cp1252(word)]), min_size=1, max_size=12))
@settings(max_examples=count_examples(300), deadline=None)
def test_ordinary_words_in_cp1252_are_never_touched(outcome, words):
    found = outcome(b"a;b\n" + "".join(f"{word};x\n" for word in words).encode("cp1252"), Csv(encoding="cp1252"))
    assert found.rows == [(word, "x") for word in words]
    assert not found.warned


@given(words=st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=12))
@settings(max_examples=count_examples(200), deadline=None)
def test_ordinary_words_in_utf_8_are_never_touched(outcome, words):
    found = outcome(b"a;b\n" + "".join(f"{word};x\n" for word in words).encode(), Csv())
    assert found.rows == [(word, "x") for word in words]
    assert not found.warned
