"""What must agree within a record about funding, absences and invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rules import instants_in_order, number, one_filled, only_when, period, within_a_cent

_HUNDRED = Decimal(100)


def _share_is_a_part(record: Any) -> bool:
    return record.person_share is None or record.person_share <= _HUNDRED


def _taxed(excluding: Any, tax: Any, including: Any) -> Any:
    return excluding + tax - including


def _priced(quantity: Any, unit_price: Any, amount: Any) -> Any:
    return quantity * unit_price - amount


FUNDED_PLAN_RULES = (
    period("start_on", "end_on"),
    Rule(
        "validate.plan.share_above_hundred",
        ("person_share",),
        _share_is_a_part,
        lambda: pl.col("person_share").is_null() | (number("person_share") <= _HUNDRED),
    ),
)

ABSENCE_RULES = (
    one_filled("validate.absence.nobody", "person_ref", "professional_ref"),
    one_filled("validate.record.undated", "starts_on", "starts_at"),
    period("starts_on", "ends_on"),
    instants_in_order("validate.period.reversed", "starts_at", "ends_at"),
)

INVOICE_RULES = (
    within_a_cent("validate.invoice.tax_mismatch", ("total_excl_tax", "total_tax", "total_incl_tax"), _taxed),
    period("period_start", "period_end"),
    only_when("validate.invoice.credit_unexpected", "kind", ("credit_note",), ("credited_invoice_ref",)),
)

INVOICE_LINE_RULES = (
    within_a_cent("validate.invoice.tax_mismatch", ("amount_excl_tax", "amount_tax", "amount_incl_tax"), _taxed),
    within_a_cent(
        "validate.invoice.price_mismatch",
        ("quantity", "unit_price_incl_tax", "amount_incl_tax"),
        _priced,
        warns=True,
    ),
    period("start_on", "end_on"),
)
