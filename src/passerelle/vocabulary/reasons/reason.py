"""What a reason is: a code, a sentence, an advice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Concerns(StrEnum):
    """Who can do something about it."""

    SUPPLIER = "supplier"
    ORGANISATION = "organisation"
    DEVELOPER = "developer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause. `says` and `advice` are English sentences of the catalogue, marked with `N_`, with `{facts}`."""

    code: str
    sentence: str
    advice: str
    concerns: Concerns
