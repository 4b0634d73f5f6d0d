"""One requirement of a tender: what is asked, of which field, how it is measured, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a requirement matters. Only the buyer draws a legal consequence from it."""

    P = "P"
    """Primordiale: stated apart from the note, as a gate."""
    I = "I"  # noqa: E741  the word that buyers and bidders use
    """Importante."""
    S = "S"
    """Souhaitable."""


class Measure(StrEnum):
    """What a sample is asked, automatically; `ANSWER` is what no sample can show."""

    PRESENT = "present"
    """The field can be given: at least one record fills it."""
    FILLED = "filled"
    """The field is filled on (nearly) every record."""
    FORM = "form"
    """Values have the form of the contract; without a field: whole rows can be read as records."""
    CODES = "codes"
    """Coded values are words of the field's list."""
    KEY = "key"
    """The field is different on every record."""
    LINK = "link"
    """The record that the field refers to is in the sample too."""
    RULE = "rule"
    """The cross-field rule named by `rule` holds."""
    PERIOD = "period"
    """From the first to the last value of the field there are at least `figure` days."""
    VOLUME = "volume"
    """There are at least `figure` records of the contract."""
    MINIMAL = "minimal"
    """Without a field: nothing outside the contract. With one: this field stays empty, nobody may send it."""
    RETURN = "return"
    """Export, import, and the records are equal."""
    ANSWER = "answer"
    """Only the bidder's answer and documents tell."""


class Proof(StrEnum):
    """What a bidder proves a requirement with."""

    SAMPLE = "sample"
    INTERFACE = "interface"
    DOCUMENT = "document"
    DEMONSTRATION = "demonstration"
    DECLARATION = "declaration"


@dataclass(frozen=True, slots=True)
class BilingualText:
    """A text in both languages."""

    fr: str
    en: str

    def of(self, language: str) -> str:
        """Return the text in a language."""
        return self.fr if language == "fr" else self.en


NOTHING = BilingualText("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One numbered line of the answer grid. All that people read is in it: a frozen tender keeps its words."""

    id: str
    """`PAS-VIS-012`: given once, never given again, kept over rebuilds."""
    key: str
    """What the id stands for, as the ledger of numbers knows it: `visit/planned_start/form`."""
    level: Level
    chapter: str
    """Key of the chapter that states it: `visit` for what comes from a contract, else `security`, `reversibility` …"""
    domain: str
    """What its note counts towards: `identity`, `planning`, `hours`, `billing`, `casework`, `export`, `operation`."""
    measure: Measure
    contract: str = ""
    """`visit/1`; empty for a hand-written requirement."""
    field: str = ""
    """Field of the contract."""
    rule: str = ""
    """For RULE: its reason code."""
    figure: int = 0
    """For VOLUME: records; for PERIOD: days."""
    green: float = 1.0
    """Share from which it is satisfied."""
    red: float = 0.0
    """Share below which it is not at all; linear in between."""
    weight: int
    proof: Proof
    title: BilingualText
    """Three to eight words."""
    statement: BilingualText
    """What is asked."""
    evidence: BilingualText
    """What the bidder hands in to prove it."""
    remedy: BilingualText = NOTHING
    """What to do when it does not hold, and who."""
    laws: tuple[str, ...] = ()
    """Keys of the legal references that it rests on; each is printed with its source and its warning."""

    @property
    def is_measured(self) -> bool:
        """Whether a sample can answer it."""
        return self.measure is not Measure.ANSWER
