"""Constructors of cross-field rules, each with a row-wise check and a columnar check.

The columnar check reads all of the rule's `fields`; a field that a frame lacks counts as a column of nulls.
It is true only where the rule surely holds: where it is false or null, the row-wise check decides.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.contract import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Suppliers round per line or per total: sums may differ by one cent without any of them being wrong.
CENT = Decimal("0.01")


def has_same_offset(one: str, other: str) -> pl.Expr:
    """Return an expression true where two instants have one offset, so that text order is order in time."""
    # An instant holds 19 characters before its offset.
    return pl.col(one).str.slice(19) == pl.col(other).str.slice(19)


def to_decimal(name: str) -> pl.Expr:
    """Return a column of canonical amounts or quantities as exact decimals; null where the text is none."""
    # 18 digits hold the longest amount and quantity of the contracts (`types.AMOUNT`, `types.QUANTITY`).
    return pl.col(name).cast(pl.Decimal(18, 3), strict=False)


def has_value(*names: str) -> pl.Expr:
    """Return an expression true where at least one of some scalar columns has a value."""
    return pl.any_horizontal(*(pl.col(name).is_not_null() for name in names))


def has_code(name: str, codes: tuple[str, ...]) -> pl.Expr:
    """Return an expression true where a coded column holds one of some codes; never null."""
    return pl.col(name).struct.field("code").is_in(codes).fill_null(value=False)


def require_day_order(code: str, first: str, last: str, *, warns: bool = False) -> Rule:
    """Return the rule that a day (or a partial day, as far as it is known) is not before another."""

    def is_kept(record: Any) -> bool:
        one, other = getattr(record, first), getattr(record, last)
        if one is None or other is None:
            return True
        if isinstance(one, str):
            # Partial days: `1950-06` against `1950` is compared by year only, and not known to be reversed.
            known = min(len(one), len(other))
            return bool(other[:known] >= one[:known])
        return bool(other >= one)

    def build_expr() -> pl.Expr:
        # `1950` after `1950-06` is vaguer, not earlier.
        vaguer = pl.col(first).str.starts_with(pl.col(last))
        return ~(has_value(first) & has_value(last)) | (pl.col(last) >= pl.col(first)) | vaguer

    return Rule(code, (first, last), is_kept, build_expr, warns, {first: "2024-02-01", last: "2024-01-31"})


def require_period(first: str, last: str, *, warns: bool = False) -> Rule:
    """Return the rule that a period does not end before it starts."""
    return require_day_order("validate.period.reversed", first, last, warns=warns)


def require_instant_order(code: str, first: str, last: str, *, strictly: bool = False, warns: bool = False) -> Rule:
    """Return the rule that a moment is not before another; `strictly`: that it is after it."""

    def is_kept(record: Any) -> bool:
        one, other = getattr(record, first), getattr(record, last)
        if one is None or other is None:
            return True
        return bool(other > one or (other == one and not strictly))

    def build_expr() -> pl.Expr:
        one, other = pl.col(first), pl.col(last)
        in_order = other > one if strictly else other >= one
        return ~(has_value(first) & has_value(last)) | (in_order & has_same_offset(first, last))

    broken = {first: "2024-12-31T09:00:00+01:00", last: "2024-12-31T08:00:00+01:00"}
    return Rule(code, (first, last), is_kept, build_expr, warns, broken)


def require_one_filled(code: str, *names: str, warns: bool = False) -> Rule:
    """Return the rule that at least one of some scalar fields has a value."""

    def is_kept(record: Any) -> bool:
        return any(getattr(record, name) is not None for name in names)

    return Rule(code, names, is_kept, lambda: has_value(*names), warns, dict.fromkeys(names))


def reserve_for(
    code: str, status: str, words: tuple[str, ...], names: tuple[str, ...], broken: Mapping[str, Any]
) -> Rule:
    """Return the rule that some fields have values only under some words of a status (or an unknown one). It warns."""

    def is_kept(record: Any) -> bool:
        word = getattr(record, status)
        return word is None or word in words or all(getattr(record, name) is None for name in names)

    def build_expr() -> pl.Expr:
        # An unknown status contradicts nothing.
        return pl.col(status).is_null() | pl.col(status).is_in(words) | ~has_value(*names)

    return Rule(code, (status, *names), is_kept, build_expr, warns=True, counter_example=broken)


def require_within_a_cent(
    code: str, names: tuple[str, ...], gap: Callable[..., Any], broken: tuple[str, ...], *, warns: bool = False
) -> Rule:
    """Return the rule that amounts agree within one cent; `gap` computes the difference from their values.

    `gap` receives numbers for a record and expressions for columns. Where one is unknown, the rule holds.
    """

    def is_kept(record: Any) -> bool:
        values = [getattr(record, name) for name in names]
        return any(value is None for value in values) or bool(abs(gap(*values)) <= CENT)

    def build_expr() -> pl.Expr:
        unknown = pl.any_horizontal(*(pl.col(name).is_null() for name in names))
        difference: pl.Expr = gap(*(to_decimal(name) for name in names))
        return unknown | (difference.abs() <= CENT)

    return Rule(code, names, is_kept, build_expr, warns, dict(zip(names, broken, strict=True)))
