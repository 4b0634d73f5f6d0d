"""Balances, places and reasons as JSON, the same in every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.vocabulary.outcomes import Balance
    from passerelle.vocabulary.place import Place


def describe_balance(balance: Balance) -> dict[str, Any]:
    """Return a balance: `received`, one figure for each fate, values withheld, warnings."""
    return {
        "received": balance.received,
        **{fate.value: balance.fates.get(fate, 0) for fate in Fate},
        "withheld_values": balance.withheld_values,
        "warnings": balance.warnings,
        "vanished": balance.vanished,
        "withdrawn": balance.withdrawn,
        "adds_up": balance.adds_up,
    }


def describe_place(place: Place) -> dict[str, Any]:
    """Return a place, without its empty parts."""
    return {name: value for name, value in place._asdict().items() if value}


def describe_cause(code: str, details: Mapping[str, str]) -> dict[str, str]:
    """Return a reason: its code, its sentence and advice in the reader's language, and whom it concerns."""
    says, advice = explain(code, details)
    return {"reason": code, "says": says, "advice": advice, "concerns": find_reason(code).concerns.value}


def describe_optional(code: str | None, details: Mapping[str, str]) -> dict[str, str] | None:
    """Return a reason with the facts that fill its sentence; None without a code."""
    return describe_cause(code, details) if code else None
