"""What an examination of the installation finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious a finding is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """What an examination found, in the language in use, and what to do about it."""

    severity: Severity
    sentence: str
    advice: str = ""
