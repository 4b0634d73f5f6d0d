"""Cross-field rules of case work."""

from __future__ import annotations

from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rule_makers import (
    has_code,
    has_value,
    require_day_order,
    require_instant_order,
    require_one_filled,
    require_period,
    reserve_for,
)

UNDATED = "validate.record.undated"
_TWO_DAYS = {"occurred_on": "2024-03-04", "occurred_at": "2024-03-05T14:30:00+01:00"}
UNDESCRIBED = "validate.record.undescribed"


def _has_closing_date(record: Any) -> bool:
    """Whether a closing is dated. TDDUI: a decision of type 5 has a date of effect; so has a closed entitlement."""
    decision = record.decision_type
    closing = decision is not None and decision.system == "decision-types" and decision.code == "5"
    dated = record.closed_on is not None or record.end_on is not None
    return dated or not (closing or record.status == "closed")


def _has_closing_date_expr() -> pl.Expr:
    closed = (pl.col("status") == "closed").fill_null(value=False)
    return has_value("closed_on", "end_on") | ~(has_code("decision_type", ("5",)) | closed)


CASE_RULES = (
    require_day_order("validate.case.closed_before_opened", "opened_on", "closed_on"),
    reserve_for(
        "validate.case.closed_while_open",
        "status",
        ("closed", "archived"),
        ("closed_on", "closing_reason"),
        {"status": "open", "closed_on": "2024-07-30"},
    ),
)

INTERACTION_RULES = (
    require_one_filled(UNDATED, "occurred_on", "occurred_at"),
    Rule(
        "validate.interaction.two_days",
        ("occurred_on", "occurred_at"),
        # Both are in the local time of the interaction, so its day is that of its moment.
        lambda record: (
            record.occurred_on is None or record.occurred_at is None or record.occurred_at.date() == record.occurred_on
        ),
        lambda: (
            ~(has_value("occurred_on") & has_value("occurred_at"))
            | (pl.col("occurred_at").str.slice(0, 10) == pl.col("occurred_on"))
        ),
        warns=True,
        counter_example=_TWO_DAYS,
    ),
)

NEED_RULES = (
    require_period("identified_on", "ended_on"),
    require_one_filled(UNDESCRIBED, "type", "theme", "description", warns=True),
)

GOAL_RULES = (
    require_period("start_on", "end_on"),
    require_one_filled(UNDESCRIBED, "title", "description", "domain", warns=True),
)

ACTION_RULES = (
    require_period("start_on", "end_on"),
    require_one_filled(UNDESCRIBED, "type", "title", "description", warns=True),
)

STAY_RULES = (
    require_period("entry_on", "exit_on"),
    # It only warns: a plan may still be put right.
    require_period("planned_entry_on", "planned_exit_on", warns=True),
)

ASSESSMENT_RULES = (
    require_one_filled(UNDATED, "assessed_on", warns=True),
    Rule(
        "validate.assessment.no_assessor",
        ("self_assessment", "professional_ref"),
        # TDDUI: an assessor, person in charge or author, unless the person assessed themself.
        lambda record: record.self_assessment is True or record.professional_ref is not None,
        lambda: pl.col("self_assessment").fill_null(value=False) | has_value("professional_ref"),
        warns=True,
        counter_example={"self_assessment": False},
    ),
)

APPOINTMENT_RULES = (
    require_instant_order("validate.period.reversed", "starts_at", "ends_at"),
    reserve_for(
        "validate.cancellation.unexpected",
        "status",
        ("excused", "cancelled", "missed"),
        ("cancelled_at", "cancellation_reason"),
        {"status": "attended", "cancelled_at": "2024-09-09T17:00:00+02:00"},
    ),
)

AID_REQUEST_RULES = (
    require_day_order("validate.request.decided_before_opened", "opened_on", "decided_on", warns=True),
    reserve_for(
        "validate.request.granted_unaccepted",
        "status",
        ("accepted",),
        ("granted_amount",),
        {"status": "in_review", "granted_amount": "120.00"},
    ),
    reserve_for(
        "validate.request.refusal_unexpected",
        "status",
        ("refused", "adjourned", "dismissed"),
        ("refusal_reason",),
        {"status": "accepted", "refusal_reason": {"original": "Ressources supérieures au plafond"}},
    ),
)

ENTITLEMENT_RULES = (
    require_period("start_on", "end_on"),
    Rule(
        "validate.entitlement.closed_without_date",
        ("status", "decision_type", "closed_on", "end_on"),
        _has_closing_date,
        _has_closing_date_expr,
        warns=True,
        counter_example={"status": "closed"},
    ),
)

NOTE_RULES = (require_one_filled(UNDATED, "written_on", "written_at", warns=True),)
