"""What a contract asks of a sample."""

from __future__ import annotations

import pytest

from passerelle.contracts.catalogue import catalogue
from passerelle.tender import composing, order_file, trades
from passerelle.tender.deriving import derive
from passerelle.tender.requirement import Level, Measure
from passerelle.vocabulary.formatting import format_share


def _of(small, contract="visit/1"):
    return {one.key: one for one in derive(contract, small.contract[contract], small)}


def test_a_required_field_is_asked_for_even_when_nobody_says_so(small):
    asked = _of(small)["visit/status/filled"]
    assert (asked.level, asked.green, asked.red, asked.weight) == (Level.P, 0.995, 0.9, 5)


def test_an_optional_field_is_asked_to_be_seen_and_one_named_as_filled_to_be_filled(small):
    found = _of(small)
    assert found["visit/planned_end/present"].measure is Measure.PRESENT
    assert found["visit/planned_start/filled"].green == 0.98
    assert "visit/planned_start/present" not in found


def test_a_field_that_must_stay_away_is_never_asked_for(small):
    found = [one for one in _of(small).values() if one.field == "stamped_place"]
    assert [one.measure for one in found] == [Measure.MINIMAL]
    assert "trace d'un travailleur" in found[0].statement.fr


def test_a_reference_is_followed_only_to_a_contract_that_is_asked_for(small):
    found = _of(small)
    assert "visit/organisation_ref/link" in found
    assert "visit/person_ref/link" not in found


def test_a_rule_is_asked_only_when_all_its_fields_are(small):
    rules = {one.rule for one in _of(small).values() if one.measure is Measure.RULE}
    assert rules == {"validate.visit.planned_end_before_start"}


def test_codes_are_asked_of_important_fields_and_forms_of_primordial_ones(small):
    found = _of(small)
    assert "visit/cancellation_reason/codes" in found
    assert "visit/planned_end/form" in found
    assert "visit/tasks/codes" not in found


def test_a_long_sample_is_not_asked_of_what_there_are_few_of(small):
    assert "visit/volume" in _of(small)
    assert "organisation/volume" not in _of(small, "organisation/1")


def test_every_share_that_is_measured_stands_in_the_text():
    usual = order_file.parse(
        composing.compose(trades.get_trade("saad"), composing.BuyerChoices(id="1", date="2027-01-15"), "fr")
    )
    measured = (Measure.PRESENT, Measure.FILLED, Measure.FORM, Measure.CODES, Measure.KEY, Measure.LINK)
    for contract, choice in usual.contract.items():
        for one in derive(contract, choice, usual):
            if one.measure in measured:
                assert format_share(one.green, "fr") in one.statement.fr, one.key
                assert format_share(one.green, "en") in one.statement.en, one.key


def test_the_sum_of_lines_and_the_period_billed_are_asked_of_invoices():
    usual = order_file.parse(
        composing.compose(trades.get_trade("saad"), composing.BuyerChoices(id="1", date="2027-01-15"), "fr")
    )
    found = {one.key: one for one in derive("invoice/1", usual.contract["invoice/1"], usual)}
    assert (found["invoice/validate.invoice.lines_differ/rule"].level, found["invoice/period_start/period"].figure) == (
        Level.I,
        28,
    )
    assert "invoice/issued_on/period" not in found


def test_the_reach_of_a_sample_is_told_with_its_size(small):
    assert "0,99\u202f%" in _of(small)["visit/volume"].statement.fr


@pytest.mark.parametrize("name", trades.list_trades())
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_a_trade_proposes_can_be_read_back_and_names_only_what_exists(name, language):
    decided = composing.BuyerChoices(id="1", date="2027-01-15", title='Un "titre" \\ avec\nlignes')
    proposed = order_file.parse(composing.compose(trades.get_trade(name), decided, language))
    assert proposed.tender.trade == name
    assert proposed.tender.title == decided.title
    assert set(proposed.contract) <= set(catalogue())
    for contract, levels in trades.get_trade(name).contracts.items():
        assert set(levels) <= set(catalogue()[contract].model_fields)
        assert {field for field, level in levels.items() if level != "X"} >= set(
            trades.get_trade(name).filled[contract]
        )
        for field, level in levels.items():
            assert proposed.contract[contract].fields[field] == level


@pytest.mark.parametrize("name", trades.list_trades())
def test_no_text_of_a_requirement_is_left_unfilled(name):
    proposed = order_file.parse(
        composing.compose(trades.get_trade(name), composing.BuyerChoices(id="1", date="2027-01-15"), "fr")
    )
    for contract, choice in proposed.contract.items():
        for one in derive(contract, choice, proposed):
            for said in (one.title, one.statement, one.evidence, one.remedy):
                assert said.fr
                assert said.en
                assert "{" not in said.fr + said.en
