"""Codes, words and flags: the list that is declared, and what is made of words outside it."""

from __future__ import annotations

import pytest
from converter_outcomes import CANARY, ROW_WISE, read_columns, reason

from passerelle.stages.translate import Code, Word, YesNo


def test_a_coded_word_keeps_the_word_of_the_supplier():
    code = Code("a", table={"Ménage": "M"}, system="s", labels={"M": "Entretien"})
    assert code.parse({"a": "Ménage"}) == {"code": "M", "system": "s", "label": "Entretien", "original": "Ménage"}
    unknown = code.parse({"a": "Autre"})
    assert unknown.value == {"code": None, "system": None, "label": None, "original": "Autre"}
    assert reason(unknown) == "translate.code.unknown"
    assert reason(Code("a", table={}, closed=True).parse({"a": CANARY})) == "translate.code.unknown"


def test_a_code_of_another_supplier_is_written_with_our_word():
    code = Code("a", table={"Ménage": "M"})
    assert code.render({"code": "M", "original": "Nettoyage"}) == {"a": "Ménage"}


def test_a_word_gives_ours_and_an_empty_cell_the_default():
    word = Word("a", table={"Oui": "cancelled", "Non": "done"}, default="done")
    assert word.parse({"a": "Oui"}) == "cancelled"
    assert word.parse({"a": None}) == "done"
    assert reason(word.parse({"a": "Peut-être"})) == "translate.word.unknown"
    assert reason(Word("a", table={"Oui": "x"}).parse({"a": CANARY})) == "translate.word.unknown"


def test_a_flag_is_read_with_the_declared_words_only():
    assert [YesNo("a").parse({"a": text}) for text in ("Oui", "Non", None)] == [True, False, None]
    assert reason(YesNo("a").parse({"a": "oui"})) == "translate.word.unknown"
    with pytest.raises(ValueError, match="both"):
        YesNo("a", yes=("O",), no=("O",))


def test_what_is_doubtful_does_not_show_its_value():
    doubtful = Code("a", table={"Ménage": "M"}).parse({"a": CANARY})
    assert doubtful.value["original"] == CANARY
    assert CANARY not in repr(doubtful)


def test_without_a_table_the_word_is_the_code_where_there_is_a_system():
    assert Code("a", system="s").parse({"a": "X1"}) == {"code": "X1", "system": "s", "label": None, "original": "X1"}
    assert Code("a").parse({"a": "X1"}) == {"code": None, "system": None, "label": None, "original": "X1"}
    unlisted = Code("a", labels={"M": "Entretien"}).parse({"a": "X1"})
    assert (unlisted.value["code"], reason(unlisted)) == (None, "translate.code.unknown")


def test_of_several_words_for_one_code_the_first_is_written_and_each_keeps_its_own():
    code = Code("a", table={"Ménage": "M", "Entretien": "M"})
    assert code.render({"code": "M"}) == {"a": "Ménage"}
    assert code.render({"code": "M", "original": "Entretien"}) == {"a": "Entretien"}
    assert code.render({"code": "Z", "original": None}) == {"a": "Z"}


def test_columns_find_the_words_of_the_list_and_leave_the_others():
    code = Code("a", table={"Ménage": "M", "à\rrevoir": "R"}, system="s")
    found, untidy, other, empty = read_columns(code, "Ménage", "à\rrevoir", "Autre", None)
    assert found == {"code": "M", "system": "s", "label": None, "original": "Ménage"}
    assert (untidy, other, empty) == (ROW_WISE, ROW_WISE, None)


def test_an_empty_list_knows_no_word():
    assert read_columns(Code("a", table={}), "x", None) == [ROW_WISE, None]
    assert read_columns(Word("a", table={}), "x", None) == [ROW_WISE, None]


def test_the_word_for_an_empty_cell_goes_before_the_default():
    word = Word("a", table={"Oui": "cancelled", "": "done"}, default="other")
    assert [word.parse({"a": text}) for text in (None, "Oui")] == ["done", "cancelled"]
    assert read_columns(word, None, "Oui", "?") == ["done", "cancelled", ROW_WISE]
    assert word.render("done") == {"a": ""}


def test_what_was_expected_is_told_without_the_empty_word_and_without_what_was_found():
    fault = Word("a", table={"Oui": "x", "": "y", "Non": "z"}).parse({"a": CANARY})
    assert fault.details == {"expected": "Oui / Non"}


@pytest.mark.parametrize(("value", "text"), [(True, "O"), (False, "N"), (None, "")])
def test_a_flag_is_written_with_the_first_of_its_words(value, text):
    flag = YesNo("a", yes=("O", "Oui"), no=("N", "Non"))
    assert flag.render(value) == {"a": text}
    assert read_columns(flag, "Oui", "N", "n", None) == [True, False, ROW_WISE, None]
