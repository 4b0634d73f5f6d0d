"""Cross-field rules of funding, absences and invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rule_makers import (
    require_instant_order,
    require_one_filled,
    require_period,
    require_within_a_cent,
    reserve_for,
    to_decimal,
)

_HUNDRED = Decimal(100)
_WRONG = ("100.00", "5.50", "105.52")


def _compute_tax_gap(excluding: Any, tax: Any, including: Any) -> Any:
    return excluding + tax - including


FUNDED_PLAN_RULES = (
    require_period("start_on", "end_on"),
    Rule(
        "validate.plan.share_above_hundred",
        ("person_share",),
        lambda record: record.person_share is None or record.person_share <= _HUNDRED,
        lambda: pl.col("person_share").is_null() | (to_decimal("person_share") <= _HUNDRED),
        counter_example={"person_share": "100.5"},
    ),
)

ABSENCE_RULES = (
    require_one_filled("validate.absence.nobody", "person_ref", "professional_ref"),
    require_one_filled("validate.record.undated", "starts_on", "starts_at"),
    require_period("starts_on", "ends_on"),
    require_instant_order("validate.period.reversed", "starts_at", "ends_at"),
)

INVOICE_RULES = (
    require_within_a_cent(
        "validate.invoice.tax_mismatch", ("total_excl_tax", "total_tax", "total_incl_tax"), _compute_tax_gap, _WRONG
    ),
    require_period("period_start", "period_end"),
    reserve_for(
        "validate.invoice.credit_unexpected",
        "kind",
        ("credit_note",),
        ("credited_invoice_ref",),
        {"kind": "invoice", "credited_invoice_ref": "compani:invoice:FACT-0124-00007"},
    ),
)

INVOICE_LINE_RULES = (
    require_within_a_cent(
        "validate.invoice.tax_mismatch", ("amount_excl_tax", "amount_tax", "amount_incl_tax"), _compute_tax_gap, _WRONG
    ),
    require_within_a_cent(
        # It only warns: a quantity that was rounded for display no longer gives the amount to the cent.
        "validate.invoice.price_mismatch",
        ("quantity", "unit_price_incl_tax", "amount_incl_tax"),
        lambda quantity, unit_price, amount: quantity * unit_price - amount,
        ("4.5", "24.50", "110.50"),
        warns=True,
    ),
    require_period("start_on", "end_on"),
)
