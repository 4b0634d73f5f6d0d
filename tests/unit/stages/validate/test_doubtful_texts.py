"""Names, towns and streets that are none: which words are taken for nothing, and which are somebody's name."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.contracts.catalogue import get
from passerelle.stages.validate.doubtful_texts import (
    check_texts,
    has_addresses,
    iter_text_doubts,
    judge_text,
    list_names,
)

PERSON = get("person/1")


@pytest.mark.parametrize(
    "text", ["Nan", "Nulle", "Testu", "Aucuny", "Videau", "Noné", "O", "Xxi", "D'", "Nc-Durand", "Toto Y"]
)
def test_a_name_that_only_looks_like_a_stand_in_is_a_name(text):
    assert judge_text(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "nan",
        "NéANT",
        "neant",
        "INCONNUE",
        "n/a",
        "N.C.",
        "xxx",
        "#N/A",
        "#VALEUR!",
        "####",
        "000",
        "-",
        "«»",
        "?\n",
        "test",
        "À PRÉCISER",
        "a completer",
        "A définir",
    ],
)
def test_what_programs_and_people_write_for_nothing_is_a_stand_in(text):
    assert judge_text(text) == "validate.text.placeholder"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[", "placeholder"), ("{", "placeholder"), ("[a]", "structured"), ('{"nom": "X"}', "structured")],
)
def test_a_list_or_an_object_written_as_text_is_told_apart_from_a_sign(text, reason):
    assert judge_text(text) == f"validate.text.{reason}"


def test_a_sentence_that_ends_with_a_line_break_is_no_stand_in_for_that():
    assert judge_text("néant\n") == ""
    assert judge_text("DURAND\n") == ""


def test_what_holds_a_name_is_known_by_its_name_and_a_file_is_none():
    names = list_names(PERSON)
    assert {"birth_name", "usual_name", "first_names", "birth_place"} <= set(names)
    assert "comment" not in names
    assert "file_name" not in list_names(get("document/1"))
    assert (has_addresses(PERSON), has_addresses(get("visit/1"))) == (True, False)


def test_each_doubtful_text_is_told_at_its_place():
    record = {
        "birth_name": "NULL",
        "first_names": "Anne",
        "addresses": [{"city": "LYON"}, {"city": "?", "lines": ["1 rue X", "-"]}],
    }
    assert [(doubt.field, doubt.details["path"]) for doubt in iter_text_doubts(record, PERSON)] == [
        ("birth_name", "birth_name"),
        ("addresses.city", "addresses[1].city"),
        ("addresses.lines", "addresses[1].lines"),
    ]


def test_columns_are_sure_of_plain_names_and_of_none():
    frame = pl.DataFrame({"birth_name": ["DURAND", "NULL", "[a]", "[", None], "comment": ["?"] * 5})
    (sure,) = check_texts(frame, PERSON)
    assert frame.select(sure).to_series().to_list() == [True, False, False, False, True]
