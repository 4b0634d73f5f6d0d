"""Cross-field rules: each is seen to hold and to fail, and its two faces agree."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from strategies import records

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.vocabulary.reasons import REASONS

CATALOGUE = contracts.catalogue()
EIGHT, NINE, TEN = (f"2024-12-31T{hour}:00:00+01:00" for hour in ("08", "09", "10"))
SUP, HOR, COA, COD, CRE = (
    {"code": code, "system": "esppadom-adjustment"} for code in ("SUP", "HOR", "COA", "COD", "CRE")
)
LOCAL = {"code": "SUP", "system": "local-codes"}

BROKEN: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("person", "validate.person.nameless", {"first_names": "Jeanne"}, {"usual_name": "MARTIN"}),
    (
        "person",
        "validate.person.dead_before_birth",
        {"birth_date": "1950-06", "death_date": "1950-05-31"},
        {"birth_date": "1950-06", "death_date": "1950"},
    ),
    ("related_contact", "validate.contact.nameless", {}, {"organisation_name": "UDAF"}),
    (
        "related_contact",
        "validate.period.reversed",
        {"start_on": "2024-02-01", "end_on": "2024-01-01"},
        {"start_on": "2024-02-01", "end_on": "2024-02-01"},
    ),
    (
        "consent",
        "validate.period.reversed",
        {"valid_from": "2024-02-01", "valid_until": "2024-01-01"},
        {"valid_until": "2024-01-01"},
    ),
    (
        "case",
        "validate.case.closed_before_opened",
        {"opened_on": "2024-02-01", "closed_on": "2024-01-31"},
        {"opened_on": "2024-02-01", "closed_on": "2024-02-01"},
    ),
    (
        "case",
        "validate.case.closed_while_open",
        {"status": "open", "closed_on": "2024-01-31"},
        {"status": "closed", "closed_on": "2024-01-31"},
    ),
    (
        "stay",
        "validate.period.reversed",
        {"entry_on": "2024-02-01", "exit_on": "2024-01-31"},
        {"entry_on": "2024-02-01", "exit_on": "2024-02-02"},
    ),
    ("assessment", "validate.record.undated", {}, {"assessed_on": "2024-01-01"}),
    ("assessment", "validate.assessment.no_assessor", {"self_assessment": False}, {"self_assessment": True}),
    ("need", "validate.record.undescribed", {}, {"description": "Sortir."}),
    (
        "need",
        "validate.period.reversed",
        {"identified_on": "2024-02-01", "ended_on": "2024-01-31"},
        {"identified_on": "2024-02-01"},
    ),
    ("goal", "validate.record.undescribed", {}, {"title": "Sortir"}),
    ("goal", "validate.period.reversed", {"start_on": "2024-02-01", "end_on": "2024-01-31"}, {"end_on": "2024-01-31"}),
    ("action", "validate.record.undescribed", {"status": "active"}, {"title": "Dossier"}),
    ("action", "validate.period.reversed", {"start_on": "2024-02-01", "end_on": "2024-01-31"}, {}),
    ("interaction", "validate.record.undated", {}, {"occurred_on": "2024-12-31"}),
    (
        "interaction",
        "validate.interaction.two_days",
        {"occurred_on": "2024-12-30", "occurred_at": EIGHT},
        {"occurred_on": "2024-12-31", "occurred_at": EIGHT},
    ),
    ("appointment", "validate.period.reversed", {"starts_at": NINE, "ends_at": EIGHT}, {"starts_at": NINE}),
    (
        "appointment",
        "validate.cancellation.unexpected",
        {"status": "attended", "cancelled_at": EIGHT},
        {"status": "missed", "cancelled_at": EIGHT},
    ),
    (
        "aid_request",
        "validate.request.decided_before_opened",
        {"opened_on": "2024-02-01", "decided_on": "2024-01-31"},
        {"opened_on": "2024-02-01", "decided_on": "2024-02-01"},
    ),
    (
        "aid_request",
        "validate.request.granted_unaccepted",
        {"status": "refused", "granted_amount": "10.00"},
        {"status": "accepted", "granted_amount": "10.00"},
    ),
    (
        "aid_request",
        "validate.request.refusal_unexpected",
        {"status": "accepted", "refusal_reason": {"original": "Plafond"}},
        {"status": "refused", "refusal_reason": {"original": "Plafond"}},
    ),
    (
        "entitlement",
        "validate.period.reversed",
        {"start_on": "2024-02-01", "end_on": "2024-01-31"},
        {"start_on": "2024-02-01", "end_on": "2024-02-28"},
    ),
    (
        "entitlement",
        "validate.entitlement.closed_without_date",
        {"decision_type": {"code": "5", "system": "decision-types"}},
        {"decision_type": {"code": "5", "system": "decision-types"}, "closed_on": "2024-01-31"},
    ),
    ("note", "validate.record.undated", {}, {"written_at": EIGHT}),
    ("funded_plan", "validate.plan.share_above_hundred", {"person_share": "100.5"}, {"person_share": "100"}),
    (
        "funded_plan",
        "validate.period.reversed",
        {"start_on": "2024-02-01", "end_on": "2024-01-31"},
        {"start_on": "2024-02-01", "end_on": "2024-02-28"},
    ),
    (
        "planned_visit",
        "validate.visit.planned_end_before_start",
        {"planned_start": NINE, "planned_end": EIGHT},
        {"planned_start": NINE, "planned_end": NINE},
    ),
    (
        "planned_visit",
        "validate.cancellation.unexpected",
        {"status": "planned", "cancellation_reason": {"original": "Absent"}},
        {"status": "cancelled", "cancellation_reason": {"original": "Absent"}},
    ),
    ("visit", "validate.record.undated", {}, {"stamped_end": EIGHT}),
    (
        "visit",
        "validate.visit.planned_end_before_start",
        {"planned_start": "2024-12-31T08:00:00+01:00", "planned_end": "2024-12-31T08:30:00+02:00"},
        {"planned_start": "2024-12-31T08:00:00+01:00", "planned_end": "2024-12-31T08:00:00+01:00"},
    ),
    (
        "visit",
        "validate.visit.stamped_end_before_start",
        {"stamped_start": NINE, "stamped_end": EIGHT},
        {"stamped_start": NINE, "stamped_end": NINE},
    ),
    (
        "visit",
        "validate.visit.retained_end_not_after_start",
        {"retained_start": NINE, "retained_end": NINE},
        {"retained_start": NINE, "retained_end": TEN},
    ),
    (
        "visit",
        "validate.visit.adjustment_contradicts_stamps",
        {"stamped_start": EIGHT, "adjustment": COA},
        {"stamped_end": NINE, "adjustment": COA},
    ),
    (
        "visit",
        "validate.visit.adjustment_contradicts_stamps",
        {"stamped_end": EIGHT, "adjustment": COD},
        {"stamped_start": EIGHT, "adjustment": COD},
    ),
    (
        "visit",
        "validate.visit.adjustment_contradicts_stamps",
        {"stamped_end": EIGHT, "adjustment": CRE},
        {"planned_start": EIGHT, "adjustment": CRE},
    ),
    ("visit", "validate.visit.deleted_not_cancelled", {"adjustment": SUP}, {"adjustment": LOCAL}),
    (
        "visit",
        "validate.visit.raw_stamps_retained",
        {"adjustment": HOR, "retained_start": EIGHT},
        {"adjustment": HOR, "stamped_start": EIGHT},
    ),
    (
        "visit",
        "validate.visit.stamps_copy_plan",
        {"planned_start": EIGHT, "planned_end": NINE, "stamped_start": EIGHT, "stamped_end": NINE},
        {"planned_start": EIGHT, "planned_end": NINE, "stamped_start": EIGHT, "stamped_end": TEN},
    ),
    (
        "visit",
        "validate.cancellation.unexpected",
        {"cancelled_by": {"code": "person"}},
        {"status": "cancelled", "cancelled_by": {"code": "person"}},
    ),
    (
        "visit",
        "validate.visit.quantity_without_unit",
        {"billed_quantity": "1.5"},
        {"billed_quantity": "1.5", "billed_unit": "hour"},
    ),
    (
        "absence",
        "validate.absence.nobody",
        {"starts_on": "2024-01-01"},
        {"professional_ref": "compani:professional:1"},
    ),
    ("absence", "validate.record.undated", {}, {"starts_at": EIGHT}),
    (
        "absence",
        "validate.period.reversed",
        {"starts_at": NINE, "ends_at": EIGHT},
        {"starts_at": EIGHT, "ends_at": NINE},
    ),
    (
        "invoice",
        "validate.invoice.tax_mismatch",
        {"total_excl_tax": "100.00", "total_tax": "5.50", "total_incl_tax": "105.52"},
        {"total_excl_tax": "100.00", "total_tax": "5.50", "total_incl_tax": "105.51"},
    ),
    (
        "invoice",
        "validate.period.reversed",
        {"period_start": "2024-02-01", "period_end": "2024-01-31"},
        {"period_start": "2024-01-01", "period_end": "2024-01-31"},
    ),
    (
        "invoice",
        "validate.invoice.credit_unexpected",
        {"kind": "invoice", "credited_invoice_ref": "a:invoice:1"},
        {"kind": "credit_note", "credited_invoice_ref": "a:invoice:1"},
    ),
    (
        "invoice_line",
        "validate.invoice.price_mismatch",
        {"quantity": "4.5", "unit_price_incl_tax": "24.50", "amount_incl_tax": "110.50"},
        {"quantity": "4.5", "unit_price_incl_tax": "24.50", "amount_incl_tax": "110.25"},
    ),
    (
        "invoice_line",
        "validate.invoice.tax_mismatch",
        {"amount_excl_tax": "-100.00", "amount_tax": "-5.50", "amount_incl_tax": "105.50"},
        {"amount_excl_tax": "-100.00", "amount_tax": "-5.50", "amount_incl_tax": "-105.50"},
    ),
    (
        "invoice_line",
        "validate.period.reversed",
        {"start_on": "2024-02-01", "end_on": "2024-01-31"},
        {"start_on": "2024-01-01", "end_on": "2024-01-31"},
    ),
]


def _record(contract, fields):
    required = {
        name: contract.describe_fields()[name].example
        for name, info in contract.model_fields.items()
        if info.is_required()
    }
    return contract.model_validate({**required, **fields})


def _codes_broken(contract, fields):
    record = _record(contract, fields)
    return {rule.code for rule in contract.rules if not rule.holds(record)}


def plainly(rule, contract, rows):
    """Evaluate a rule's columnar face on rows in canonical JSON form, as the express lane does."""
    types = {name: dtype for name, dtype in field_types.list_columns(contract).items() if name in rule.fields}
    frame = pl.DataFrame([{name: row.get(name) for name in rule.fields} for row in rows], schema=types)
    return frame.select(rule.columnar()).to_series().to_list()


@pytest.mark.parametrize(("family", "code", "broken", "sound"), BROKEN)
def test_a_rule_is_broken_by_one_record_and_kept_by_its_neighbour(family, code, broken, sound):
    contract = CATALOGUE[f"{family}/1"]
    assert code in _codes_broken(contract, broken)
    assert code not in _codes_broken(contract, sound)
    for rule in (rule for rule in contract.rules if rule.code == code):
        required = {name: contract.describe_fields()[name].example for name in contract.model_fields}
        base = {name: required[name] for name, info in contract.model_fields.items() if info.is_required()}
        held = [rule.holds(_record(contract, fields)) for fields in (broken, sound)]
        assert plainly(rule, contract, [{**base, **broken}, {**base, **sound}]) == held


def test_moments_of_two_offsets_are_left_to_the_verdict():
    contract = CATALOGUE["visit/1"]
    rule = next(rule for rule in contract.rules if rule.code == "validate.visit.planned_end_before_start")
    sound = {"planned_start": "2024-12-31T08:00:00+02:00", "planned_end": "2024-12-31T07:30:00+01:00"}
    assert rule.holds(_record(contract, sound))
    assert plainly(rule, contract, [sound]) == [False]


def test_every_rule_is_seen_broken_and_has_its_reason():
    seen = {(family, code) for family, code, *_ in BROKEN}
    for contract in CATALOGUE.values():
        for rule in contract.rules:
            assert (contract.about.family, rule.code) in seen
            assert rule.code in REASONS
            assert set(rule.fields) <= set(contract.model_fields)


@pytest.mark.parametrize("contract_id", [key for key, contract in CATALOGUE.items() if contract.rules])
@settings(max_examples=count_examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_holds_plainly_holds(contract_id, data):
    contract = CATALOGUE[contract_id]
    fields = tuple({name for rule in contract.rules for name in rule.fields})
    rows = data.draw(st.lists(records(contract, only=fields), min_size=1, max_size=8))
    models = [contract.model_validate(row) for row in rows]
    for rule in contract.rules:
        assert rule.columnar is not None
        for sure, model in zip(plainly(rule, contract, rows), models, strict=True):
            assert not sure or rule.holds(model), rule.code
