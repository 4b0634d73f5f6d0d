"""Findings about a record: a reason, the field, details for the sentence; never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary import reasons
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ValidationFinding:
    """One thing that is wrong with a record, or doubtful when it `warns`."""

    reason: str
    field: str
    """The contract's field, dotted inside objects and lists: `identifiers.value`."""
    details: Mapping[str, str]
    """Words for the sentence, in the language of the moment: `path`, `found`, `expected`, `example` …"""
    warns: bool = False


def explain(finding: ValidationFinding) -> str:
    """Return in the reader's language what is wrong and what to do."""
    return " ".join(filter(None, reasons.explain(finding.reason, finding.details)))
