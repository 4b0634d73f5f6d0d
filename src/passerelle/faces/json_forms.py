"""How books and causes look as JSON, the same in every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.vocabulary.outcomes import Balance
    from passerelle.vocabulary.place import Place


def balance(books: Balance) -> dict[str, Any]:
    """Give the books: `received`, one figure for each fate, values withheld, warnings."""
    return {
        "received": books.received,
        **{fate.value: books.fates.get(fate, 0) for fate in Fate},
        "withheld_values": books.withheld_values,
        "warnings": books.warnings,
        "adds_up": books.adds_up,
    }


def place(spot: Place) -> dict[str, Any]:
    """Give a place, without what is empty."""
    return {name: value for name, value in spot._asdict().items() if value}


def cause(code: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Give a reason: its code, what it says and advises in the reader's language, and whom it concerns."""
    says, advice = explain(code, facts)
    return {"reason": code, "says": says, "advice": advice, "concerns": find_reason(code).concerns.value}
