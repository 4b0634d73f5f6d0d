"""All reason codes: what is wrong, what to do, and whom it concerns."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import (
    compare,
    decode,
    deliver,
    faults,
    gate,
    incident,
    leaving,
    rules,
    scoring,
    settings,
    silence,
    switching,
    tender,
    translate,
    validate,
    whole,
)
from passerelle.vocabulary.reasons.reason import Concerns, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REASONS", "Concerns", "Reason", "explain", "find_reason"]

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        entry.code: entry
        for room in (
            decode,
            translate,
            validate,
            rules,
            gate,
            compare,
            deliver,
            incident,
            faults,
            settings,
            tender,
            switching,
            leaving,
            scoring,
            whole,
            silence,
        )
        for entry in room.REASONS
    },
)
"""By code, `stage.subject.defect`. Codes are public: they never change their meaning."""


def find_reason(code: str) -> Reason:
    """Return a reason. Raises KeyError for a code that is not declared, which is a defect of ours."""
    return REASONS[code]


# A missing detail must not hide the reason: the sentence is shown with an ellipsis.
class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def explain(code: str, details: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong and what to do, in the reader's language."""
    entry = REASONS[code]
    words = _Details(details)
    return _(entry.sentence).format_map(words), _(entry.advice).format_map(words)
