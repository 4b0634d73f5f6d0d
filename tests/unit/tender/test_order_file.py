"""`tender.toml`: every problem is told at once, with its line and what would do."""

from __future__ import annotations

import pytest

from passerelle.tender import order_file
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.language import set_language

HEAD = """
[tender]
id = "1"
title = "t"
buyer = "b"
date = "2027-01-15"
trade = "saad"
purposes = ["effectivity"]
"""
CONTRACT = """
[contract."visit/1"]
fields = { planned_start = "P" }
"""


def _problems(text):
    with pytest.raises(SettingsError) as caught:
        order_file.parse(text)
    return {(problem.code, problem.details["key"]): problem for problem in caught.value.problems}


def test_the_least_that_is_needed_is_enough():
    assert order_file.parse(HEAD + CONTRACT).weights.P == 5


@pytest.mark.parametrize(
    ("more", "code", "key"),
    [
        ("[levels]\n'security/hostin' = 'P'", "settings.supplier.unknown", "levels.security/hostin"),
        ("[answers]\nwhat-form = 'x'", "settings.supplier.unknown", "answers.what-form"),
        ("[volumes]\npeople = 3", "settings.supplier.unknown", "volumes.people"),
        ("[thresholds]\nred = 0.98", "settings.value.invalid", "thresholds.red"),
        ("[weights]\nP = 0", "settings.value.invalid", "weights.P"),
        ("[wieghts]\nP = 1", "settings.key.misspelt", "wieghts"),
        (
            "[[requirement]]\nname='x'\nchapter='none'\nlevel='P'\ntitle='t'\ntext='t'",
            "settings.supplier.unknown",
            "requirement.chapter",
        ),
        (
            "[[system]]\nname='x'\ndirection='to'\ncontracts=['visite/1']\npurpose='billing'",
            "settings.supplier.unknown",
            "system.contracts",
        ),
    ],
)
def test_what_does_not_exist_is_named_with_its_place(more, code, key):
    assert (code, key) in _problems(HEAD + CONTRACT + more)


@pytest.mark.parametrize(
    ("contract", "code", "key"),
    [
        ('[contract."visits/1"]\nfields = {}', "settings.supplier.unknown", "contract.visits/1"),
        (
            '[contract."visit/1"]\nfields = { plannd_start = "P" }',
            "settings.supplier.unknown",
            "contract.visit/1.fields.plannd_start",
        ),
        (
            '[contract."visit/1"]\nfields = { status = "-" }',
            "settings.value.invalid",
            "contract.visit/1.fields.status",
        ),
        (
            '[contract."visit/1"]\nfilled = ["tasks"]\nfields = { tasks = "X" }',
            "settings.supplier.unknown",
            "contract.visit/1.filled",
        ),
    ],
)
def test_what_the_contract_does_not_allow_is_named(contract, code, key):
    assert (code, key) in _problems(HEAD + contract)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"2027-01-15"', '"2027-02-30"', "tender.date"),
        ('"2027-01-15"', '"demain"', "tender.date"),
        ('id = "1"', 'id = "1\\u0007"', "tender.id"),
    ],
)
def test_texts_that_no_document_can_hold_are_named(old, new, key):
    assert ("settings.value.invalid", key) in _problems((HEAD + CONTRACT).replace(old, new))


def test_the_name_of_an_own_requirement_is_one_that_lasts():
    own = "[[requirement]]\nname='À vélo'\nchapter='technical'\nlevel='P'\ntitle='t'\ntext='t'"
    assert ("settings.value.invalid", "requirement.name") in _problems(HEAD + CONTRACT + own)


def test_several_problems_are_told_together_with_their_lines():
    found = _problems(HEAD + CONTRACT + "[volumes]\npeople = 3\n[answers]\nx = ''")
    assert len(found) == 2
    assert found["settings.supplier.unknown", "volumes.people"].details["line"] == "13"


def test_what_is_not_toml_is_told_with_its_line():
    with pytest.raises(SettingsError) as caught:
        order_file.parse("[tender]\nid = ")
    assert caught.value.problems[0].code == "settings.file.syntax"


def test_a_folder_without_an_order_says_how_to_write_one(tmp_path):
    with pytest.raises(UsageError) as caught:
        order_file.load(tmp_path)
    assert caught.value.code == "usage.tender.missing"


def test_an_empty_list_is_told_in_words():
    set_language("en")  # whatever the environment of who runs the tests
    with pytest.raises(SettingsError) as caught:
        order_file.parse(HEAD.replace("purposes", "purposes = []\n#") + CONTRACT)
    told = {problem.details["key"]: problem.details["expected"] for problem in caught.value.problems}
    assert told["tender.purposes"] == "a list that is not empty"
