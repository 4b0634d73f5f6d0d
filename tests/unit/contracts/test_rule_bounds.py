"""Cross-field rules at their bounds: the first and the last day, one second, one cent, every word of a status."""

from __future__ import annotations

from typing import Any, get_args

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts import field_types

DAYS = [
    ("person", "birth_date", "death_date"),
    ("related_contact", "start_on", "end_on"),
    ("consent", "valid_from", "valid_until"),
    ("case", "opened_on", "closed_on"),
    ("need", "identified_on", "ended_on"),
    ("goal", "start_on", "end_on"),
    ("action", "start_on", "end_on"),
    ("stay", "entry_on", "exit_on"),
    ("stay", "planned_entry_on", "planned_exit_on"),
    ("aid_request", "opened_on", "decided_on"),
    ("entitlement", "start_on", "end_on"),
    ("funded_plan", "start_on", "end_on"),
    ("absence", "starts_on", "ends_on"),
    ("invoice", "period_start", "period_end"),
    ("invoice_line", "start_on", "end_on"),
]
INSTANTS = [
    ("appointment", "starts_at", "ends_at", True),
    ("planned_visit", "planned_start", "planned_end", True),
    ("visit", "planned_start", "planned_end", True),
    ("visit", "stamped_start", "stamped_end", True),
    ("visit", "retained_start", "retained_end", False),
    ("absence", "starts_at", "ends_at", True),
]
SUMS = [
    ("invoice", ("total_excl_tax", "total_tax", "total_incl_tax")),
    ("invoice_line", ("amount_excl_tax", "amount_tax", "amount_incl_tax")),
]
RESERVED = [
    ("case", "validate.case.closed_while_open", {"closed_on": "2024-07-30", "closing_reason": {"original": "x"}}),
    (
        "appointment",
        "validate.cancellation.unexpected",
        {"cancelled_at": "2024-09-09T17:00:00+02:00", "cancellation_reason": {"original": "x"}},
    ),
    ("aid_request", "validate.request.granted_unaccepted", {"granted_amount": "120.00"}),
    ("aid_request", "validate.request.refusal_unexpected", {"refusal_reason": {"original": "x"}}),
    ("planned_visit", "validate.cancellation.unexpected", {"cancellation_reason": {"original": "x"}}),
    (
        "visit",
        "validate.cancellation.unexpected",
        {name: {"original": "x"} for name in ("cancelled_by", "cancellation_reason", "cancellation_billing")},
    ),
    ("invoice", "validate.invoice.credit_unexpected", {"credited_invoice_ref": "a:invoice:1"}),
]
WORDS_OF_RESERVED = {
    ("case", "validate.case.closed_while_open"): {"closed", "archived"},
    ("appointment", "validate.cancellation.unexpected"): {"excused", "cancelled", "missed"},
    ("aid_request", "validate.request.granted_unaccepted"): {"accepted"},
    ("aid_request", "validate.request.refusal_unexpected"): {"refused", "adjourned", "dismissed"},
    ("planned_visit", "validate.cancellation.unexpected"): {"cancelled"},
    ("visit", "validate.cancellation.unexpected"): {"cancelled", "missed"},
    ("invoice", "validate.invoice.credit_unexpected"): {"credit_note"},
}
EIGHT, NINE = "2024-12-31T08:00:00+01:00", "2024-12-31T09:00:00+01:00"


def find_rule(family: str, *fields: str, code: str = "") -> tuple[Any, Any]:
    contract = contracts.get(f"{family}/1")
    (rule,) = (rule for rule in contract.rules if (rule.code == code if code else rule.fields == fields))
    return contract, rule


def is_kept(contract: Any, rule: Any, fields: dict[str, Any], *, is_sure: bool = True) -> bool:
    """Whether a record keeps a rule; the columnar check must agree, but where it leaves the row to the model."""
    required = {
        name: entry.example
        for name, entry in contract.describe_fields().items()
        if contract.model_fields[name].is_required()
    }
    row = {**required, **fields}
    kept = rule.holds(contract.model_validate({name: value for name, value in row.items() if value is not None}))
    types = {name: dtype for name, dtype in field_types.list_columns(contract).items() if name in rule.fields}
    frame = pl.DataFrame([{name: row.get(name) for name in rule.fields}], schema=types)
    assert frame.select(rule.columnar()).item() is (kept if is_sure else False)
    return kept


@pytest.mark.parametrize(("family", "first", "last"), DAYS)
def test_a_period_may_end_on_its_first_day_and_not_on_the_day_before(family, first, last):
    contract, rule = find_rule(family, first, last)
    assert not is_kept(contract, rule, {first: "2024-03-01", last: "2024-02-29"})
    assert is_kept(contract, rule, {first: "2024-03-01", last: "2024-03-01"})
    assert is_kept(contract, rule, {first: "2024-02-29", last: "2024-03-01"})
    assert not is_kept(contract, rule, {first: "2025-01-01", last: "2024-12-31"})
    for only in (first, last):
        assert is_kept(contract, rule, {only: "2024-03-01"})


@pytest.mark.parametrize(
    ("birth", "death", "kept"),
    [
        ("1950", "1950", True),
        ("1950", "1949", False),
        ("1950-06", "1950", True),
        ("1950", "1950-01-01", True),
        ("1950-06", "1950-05", False),
        ("1950-06-02", "1950-06", True),
        ("1950-06-02", "1950-05", False),
        ("1950-06-02", "1949", False),
    ],
)
def test_partial_days_are_compared_as_far_as_both_are_known(birth, death, kept):
    contract, rule = find_rule("person", "birth_date", "death_date")
    assert is_kept(contract, rule, {"birth_date": birth, "death_date": death}) is kept


@pytest.mark.parametrize(("family", "first", "last", "may_be_equal"), INSTANTS)
def test_an_interval_ends_one_second_after_its_start_or_later(family, first, last, may_be_equal):
    contract, rule = find_rule(family, first, last)
    assert not is_kept(contract, rule, {first: EIGHT, last: "2024-12-31T07:59:59+01:00"})
    assert is_kept(contract, rule, {first: EIGHT, last: EIGHT}) is may_be_equal
    assert is_kept(contract, rule, {first: EIGHT, last: "2024-12-31T08:00:01+01:00"})
    assert not is_kept(contract, rule, {first: EIGHT, last: "2024-12-31T08:59:59+02:00"}, is_sure=False)
    assert is_kept(contract, rule, {first: EIGHT, last: "2024-12-31T07:00:01+00:00"}, is_sure=False)
    for missing in (first, last):
        if not contract.model_fields[missing].is_required():
            assert is_kept(contract, rule, {first: EIGHT, last: EIGHT, missing: None})


@pytest.mark.parametrize(("family", "names"), SUMS)
@pytest.mark.parametrize(
    ("total", "kept"), [("105.48", False), ("105.49", True), ("105.50", True), ("105.51", True), ("105.52", False)]
)
def test_totals_with_tax_agree_within_one_cent_above_and_below(family, names, total, kept):
    contract, rule = find_rule(family, *names)
    amounts = dict(zip(names, ("100.00", "5.50", total), strict=True))
    assert is_kept(contract, rule, amounts) is kept
    for missing in names:
        if not contract.model_fields[missing].is_required():
            assert is_kept(contract, rule, {**amounts, missing: None})


@pytest.mark.parametrize(
    ("amount", "kept"), [("110.23", False), ("110.24", True), ("110.25", True), ("110.26", True), ("110.27", False)]
)
def test_quantity_times_price_is_the_amount_within_one_cent(amount, kept):
    names = ("quantity", "unit_price_incl_tax", "amount_incl_tax")
    contract, rule = find_rule("invoice_line", *names)
    assert is_kept(contract, rule, dict(zip(names, ("4.5", "24.50", amount), strict=True))) is kept


@pytest.mark.parametrize(("share", "kept"), [("0", True), ("99.999", True), ("100", True), ("100.001", False)])
def test_the_share_of_the_person_is_at_most_all_of_it(share, kept):
    contract, rule = find_rule("funded_plan", "person_share")
    assert is_kept(contract, rule, {"person_share": share}) is kept
    assert is_kept(contract, rule, {})


@pytest.mark.parametrize(("family", "code", "fields"), RESERVED)
def test_a_reserved_field_goes_with_its_words_of_the_status_and_no_other(family, code, fields):
    contract, rule = find_rule(family, code=code)
    status = rule.fields[0]
    assert set(rule.fields[1:]) == set(fields)
    words = get_args(field_types.strip_optional(contract.model_fields[status].annotation))
    for name, value in fields.items():
        kept = {word for word in words if is_kept(contract, rule, {status: word, name: value})}
        assert kept == WORDS_OF_RESERVED[family, code]
    for word in words:
        assert is_kept(contract, rule, {status: word})


@pytest.mark.parametrize("system", ["esppadom-adjustment", "ESPPADOM_EFFECTIVITY_AJUST", "local-codes"])
@pytest.mark.parametrize("stamp", ["stamped_start", "stamped_end"])
def test_an_adjustment_forbids_the_stamps_that_it_says_are_missing(system, stamp):
    contract, rule = find_rule("visit", code="validate.visit.adjustment_contradicts_stamps")
    forbidding = {
        code
        for code in ("COA", "COD", "CO2", "CRE", "HOR", "SUP")
        if not is_kept(contract, rule, {"adjustment": {"code": code, "system": system}, stamp: EIGHT})
    }
    expected = {"COA", "CO2", "CRE"} if stamp == "stamped_start" else {"COD", "CO2", "CRE"}
    assert forbidding == (set() if system == "local-codes" else expected)
    assert is_kept(contract, rule, {stamp: EIGHT})


@pytest.mark.parametrize("status", ["planned", "done", "cancelled", "missed", None])
def test_a_visit_that_an_adjustment_deletes_was_cancelled_or_missed(status):
    contract, rule = find_rule("visit", code="validate.visit.deleted_not_cancelled")
    words = get_args(field_types.strip_optional(contract.model_fields["status"].annotation))
    deleted = {"adjustment": {"code": "SUP", "system": "esppadom-adjustment"}}
    if status in words:
        assert is_kept(contract, rule, {**deleted, "status": status}) is (status in ("cancelled", "missed"))
        assert is_kept(contract, rule, {"status": status})


@pytest.mark.parametrize("retained", ["retained_start", "retained_end"])
def test_raw_stamps_come_without_either_end_of_a_retained_period(retained):
    contract, rule = find_rule("visit", code="validate.visit.raw_stamps_retained")
    raw = {"adjustment": {"code": "HOR", "system": "esppadom-adjustment"}}
    assert not is_kept(contract, rule, {**raw, retained: EIGHT})
    assert is_kept(contract, rule, raw)
    assert is_kept(contract, rule, {retained: EIGHT})


@pytest.mark.parametrize("differing", ["planned_start", "planned_end", "stamped_start", "stamped_end"])
def test_stamps_copy_the_plan_only_when_all_four_times_are_there_and_both_ends_are_equal(differing):
    contract, rule = find_rule("visit", code="validate.visit.stamps_copy_plan")
    times = {"planned_start": EIGHT, "planned_end": NINE, "stamped_start": EIGHT, "stamped_end": NINE}
    assert not is_kept(contract, rule, times)
    assert is_kept(contract, rule, {**times, differing: times[differing].replace(":00+", ":01+")})
    assert is_kept(contract, rule, {name: time for name, time in times.items() if name != differing})


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"status": "closed"}, False),
        ({"status": "closed", "closed_on": "2024-01-31"}, True),
        ({"status": "closed", "end_on": "2024-01-31"}, True),
        ({"decision_type": {"code": "5", "system": "decision-types"}}, False),
        ({"decision_type": {"code": "4", "system": "decision-types"}}, True),
        ({}, True),
    ],
)
def test_an_entitlement_that_is_closed_has_the_day_of_it(fields, kept):
    contract, rule = find_rule("entitlement", code="validate.entitlement.closed_without_date")
    assert is_kept(contract, rule, fields) is kept


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"self_assessment": True}, True),
        ({"self_assessment": False}, False),
        ({}, False),
        ({"self_assessment": False, "professional_ref": "a:professional:1"}, True),
        ({"self_assessment": True, "professional_ref": "a:professional:1"}, True),
    ],
)
def test_an_assessment_has_an_assessor_unless_the_person_assessed_themself(fields, kept):
    contract, rule = find_rule("assessment", code="validate.assessment.no_assessor")
    assert is_kept(contract, rule, fields) is kept


@pytest.mark.parametrize(
    ("day", "kept"), [("2024-12-30", False), ("2024-12-31", True), ("2025-01-01", False), (None, True)]
)
@pytest.mark.parametrize("moment", ["2024-12-31T00:00:00+01:00", "2024-12-31T23:59:59+01:00"])
def test_an_interaction_is_on_the_local_day_of_its_moment(day, kept, moment):
    contract, rule = find_rule("interaction", code="validate.interaction.two_days")
    assert is_kept(contract, rule, {"occurred_on": day, "occurred_at": moment}) is kept


@pytest.mark.parametrize(
    ("fields", "kept"),
    [({"billed_quantity": "1.5"}, False), ({"billed_quantity": "1.5", "billed_unit": "hour"}, True), ({}, True)],
)
def test_a_billed_quantity_has_a_unit(fields, kept):
    contract, rule = find_rule("visit", code="validate.visit.quantity_without_unit")
    assert is_kept(contract, rule, {"billed_unit": None, **fields}) is kept


@pytest.mark.parametrize("contract", contracts.catalogue().values(), ids=lambda contract: contract.about.family)
def test_each_field_of_which_one_is_needed_is_enough(contract):
    for rule in contract.rules:
        if all(value is None for value in rule.counter_example.values()):
            assert not is_kept(contract, rule, dict.fromkeys(rule.fields))
            for name in rule.fields:
                assert is_kept(
                    contract, rule, {**dict.fromkeys(rule.fields), name: contract.describe_fields()[name].example}
                )


def test_which_rules_refuse_a_record_and_do_not_only_warn():
    refusing = {
        (contract.about.family, rule.code)
        for contract in contracts.catalogue().values()
        for rule in contract.rules
        if not rule.warns
    }
    reversed_periods = {"absence", "action", "appointment", "consent", "entitlement", "funded_plan", "goal", "invoice"}
    reversed_periods |= {"invoice_line", "need", "related_contact", "stay"}
    assert refusing == {(family, "validate.period.reversed") for family in reversed_periods} | {
        ("absence", "validate.absence.nobody"),
        ("absence", "validate.record.undated"),
        ("case", "validate.case.closed_before_opened"),
        ("funded_plan", "validate.plan.share_above_hundred"),
        ("interaction", "validate.record.undated"),
        ("invoice", "validate.invoice.tax_mismatch"),
        ("invoice_line", "validate.invoice.tax_mismatch"),
        ("person", "validate.person.dead_before_birth"),
        ("planned_visit", "validate.visit.planned_end_before_start"),
        ("visit", "validate.record.undated"),
        ("visit", "validate.visit.deleted_not_cancelled"),
        ("visit", "validate.visit.planned_end_before_start"),
        ("visit", "validate.visit.retained_end_not_after_start"),
    }
