"""Fields that concern some records only: a cancellation has a reason, a visit that took place has none.

Whether such a field is given is measured on the records that it concerns. All others are measured on every record.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passerelle.tender.requirement import BilingualText

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Concern:
    """Which records a field concerns: those whose `by` holds one of `words`."""

    by: str
    words: tuple[str, ...]
    says: BilingualText
    """The records in words, after «records»."""

    def select(self, frame: pl.DataFrame) -> pl.Expr | None:
        """Return an expression that is true on the records concerned; None where the frame does not show it."""
        if frame.schema.get(self.by) != pl.String():
            return None
        return pl.col(self.by).is_in(self.words).fill_null(value=False)


_CANCELLED = Concern("status", ("cancelled",), BilingualText("annulés", "that are cancelled"))
_CREDIT = Concern("kind", ("credit_note",), BilingualText("qui sont des avoirs", "that are credit notes"))
_PAID = Concern("status", ("paid",), BilingualText("payés", "that are paid"))
_LEFT = Concern("status", ("inactive", "left"), BilingualText("inactifs ou partis", "that are inactive or left"))
_CLOSED = Concern("status", ("closed", "archived"), BilingualText("clos", "that are closed"))

_CONCERNS: Mapping[tuple[str, str], Concern] = MappingProxyType(
    {
        ("visit", "cancelled_by"): _CANCELLED,
        ("visit", "cancellation_reason"): _CANCELLED,
        ("visit", "cancellation_billing"): _CANCELLED,
        ("planned_visit", "cancellation_reason"): _CANCELLED,
        ("invoice", "credited_invoice_ref"): _CREDIT,
        ("invoice", "paid_amount"): _PAID,
        ("invoice", "paid_on"): _PAID,
        ("professional", "end_on"): _LEFT,
        ("case", "closed_on"): _CLOSED,
        ("case", "closing_reason"): _CLOSED,
        ("entitlement", "closed_on"): _CLOSED,
    }
)


def find_concern(family: str, name: str) -> Concern | None:
    """Return which records a field of a family concerns; None when it concerns all of them."""
    return _CONCERNS.get((family, name))
