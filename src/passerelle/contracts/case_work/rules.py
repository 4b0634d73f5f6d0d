"""What must agree within a record of case work."""

from __future__ import annotations

from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rules import days_in_order, filled, one_filled, only_when


def _one_day(record: Any) -> bool:
    """The day is the local day of the moment: both are written as the place of the interaction reads its clock."""
    return record.occurred_on is None or record.occurred_at is None or record.occurred_at.date() == record.occurred_on


def _plainly_one_day() -> pl.Expr:
    both = filled("occurred_on") & filled("occurred_at")
    return ~both | (pl.col("occurred_at").str.slice(0, 10) == pl.col("occurred_on"))


CASE_RULES = (
    days_in_order("validate.case.closed_before_opened", "opened_on", "closed_on"),
    only_when("validate.case.closed_while_open", "status", ("closed", "archived"), ("closed_on", "closing_reason")),
)

INTERACTION_RULES = (
    one_filled("validate.interaction.undated", "occurred_on", "occurred_at"),
    Rule("validate.interaction.two_days", ("occurred_on", "occurred_at"), _one_day, _plainly_one_day, warns=True),
)

NEED_RULES = (
    days_in_order("validate.need.ended_before_identified", "identified_on", "ended_on"),
    one_filled("validate.need.undescribed", "type", "theme", "description", warns=True),
)

ACTION_RULES = (
    days_in_order("validate.action.end_before_start", "start_on", "end_on"),
    one_filled("validate.action.undescribed", "type", "title", "description", warns=True),
)
