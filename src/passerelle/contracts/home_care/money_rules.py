"""What must agree within a record about funding, absences and invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rules import instants_in_order, number, one_filled, only_when, period, within_a_cent

_HUNDRED = Decimal(100)
_WRONG = ("100.00", "5.50", "105.52")


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
        broken={"person_share": "100.5"},
    ),
)

ABSENCE_RULES = (
    one_filled("validate.absence.nobody", "person_ref", "professional_ref"),
    one_filled("validate.record.undated", "starts_on", "starts_at"),
    period("starts_on", "ends_on"),
    instants_in_order("validate.period.reversed", "starts_at", "ends_at"),
)

INVOICE_RULES = (
    within_a_cent("validate.invoice.tax_mismatch", ("total_excl_tax", "total_tax", "total_incl_tax"), _taxed, _WRONG),
    period("period_start", "period_end"),
    only_when(
        "validate.invoice.credit_unexpected",
        "kind",
        ("credit_note",),
        ("credited_invoice_ref",),
        {"kind": "invoice", "credited_invoice_ref": "compani:invoice:FACT-0124-00007"},
    ),
)

INVOICE_LINE_RULES = (
    within_a_cent(
        "validate.invoice.tax_mismatch", ("amount_excl_tax", "amount_tax", "amount_incl_tax"), _taxed, _WRONG
    ),
    within_a_cent(
        "validate.invoice.price_mismatch",
        ("quantity", "unit_price_incl_tax", "amount_incl_tax"),
        _priced,
        ("4.5", "24.50", "110.50"),
        warns=True,
    ),
    period("start_on", "end_on"),
)
