"""The type of a reason: a code, a sentence, an advice, and whom it concerns."""

from __future__ import annotations

from enum import StrEnum

from passerelle.vocabulary.light_dataclass import dataclass


class Concerns(StrEnum):
    """Who can remedy the cause."""

    SUPPLIER = "supplier"
    ORGANISATION = "organisation"
    DEVELOPER = "developer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause. `sentence` and `advice` are English messages, marked with `N_`, with the names of details in braces."""

    code: str
    sentence: str
    advice: str
    concerns: Concerns
