"""Pages speak to people without a terminal: no reason sends them to a command, no field has its raw name."""

from __future__ import annotations

import pytest

from passerelle.contracts.catalogue import catalogue
from passerelle.faces.web.plain_words import TERMINAL, explain_plainly, name_contract, name_field
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.reasons import REASONS, explain


@pytest.fixture(params=["fr", "en"])
def language(request):
    set_language(request.param)
    return request.param


def test_no_advice_of_a_page_names_a_command_an_option_or_a_setting(language):
    replaced = 0
    for code in REASONS:
        _sentence, advice = explain_plainly(code, {})
        assert not TERMINAL.search(advice.replace(code, "")), code
        replaced += advice != explain(code, {})[1]
    # others are told as they are: most people can do what they say
    assert 0 < replaced < len(REASONS) / 2


def test_fields_and_contracts_are_called_by_their_titles(language):
    for contract, model in catalogue().items():
        assert name_contract(contract) not in ("", contract)
        for field in model.describe_fields():
            title = name_field(contract, field)
            assert title
            assert "_" not in title, (contract, field)


def test_what_a_reason_says_of_fields_is_said_in_words():
    set_language("fr")
    details = {"contract": "person/1", "purpose": "planification", "fields": "birth_name, birth_date"}
    sentence, _advice = explain_plainly("gate.purpose.unserved", details, "person/1")
    assert "birth" not in sentence
    assert "person/1" not in sentence
    assert name_field("person/1", "birth_name") in sentence
    assert name_field("person/1", "names[0].birth_name") != ""
    assert name_field("", "") == "–"
    assert name_contract("autre/9") == "autre/9"
