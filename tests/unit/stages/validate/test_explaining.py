"""From Python: what is wrong with a record, in the reader's language, by shape and never by value."""

from __future__ import annotations

import pytest

from passerelle import contracts, validate
from passerelle.vocabulary import language
from passerelle.vocabulary.reasons import REASONS, Concerns

VISIT = {"ref": "demo:visit:1", "person_ref": "demo:person:1", "status": "done"}


def test_a_right_record_has_nothing_to_explain():
    right = {**VISIT, "retained_start": "2024-12-31T08:00:00+01:00", "retained_end": "2024-12-31T09:00:00+01:00"}
    assert validate(right, "visit/1") == ()
    assert validate(right, contracts.get("visit/1")) == ()


def test_a_wrong_field_is_told_with_its_path_its_shape_what_is_expected_an_example_and_an_advice():
    (told,) = validate({**VISIT, "retained_start": "31/12/2024"}, "visit/1", language="en")
    assert told.reason == "validate.instant.malformed"
    assert (told.path, told.found, told.example) == ("retained_start", "«99/99/9999»", "2024-12-31T08:00:00+01:00")
    assert "offset" in told.expected
    assert "retained_start" in told.says
    assert told.advice.endswith(".")
    assert told.concerns is Concerns.DEVELOPER
    assert not told.warns


def test_each_reader_has_their_language_and_the_choice_does_not_leak():
    before = language.get_current()
    said = {words: validate({}, "visit/1", language=words)[0].says for words in ("fr", "en")}
    assert said["fr"] != said["en"]
    assert language.get_current() == before


def test_no_value_is_repeated():
    wrong = {**VISIT, "person_ref": "Ghislaine TREMEUR", "status": "TREMEUR", "TREMEUR": 1, "retained_start": "TREMEUR"}
    told = validate(wrong, "visit/1")
    assert len(told) == 4
    assert "TREMEUR" not in repr(told)
    assert {one.reason for one in told} <= REASONS.keys()


def test_an_unknown_contract_or_language_is_an_error_and_a_strange_record_is_not():
    with pytest.raises(KeyError):
        validate(VISIT, "visite/1")
    with pytest.raises(ValueError, match="fr, en"):
        validate(VISIT, "visit/1", language="de")
    assert validate(["not", "a", "record"], "visit/1")
