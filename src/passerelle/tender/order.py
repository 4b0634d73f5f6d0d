"""The models of `tender.toml`, the buyer's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from passerelle.contracts.field_meta import Purpose

Grade = Literal["P", "I", "S", "X", "-"]
"""A level; `X`: must not be sent; `-`: not asked for."""
RequestedLevel = Literal["P", "I", "S", "-"]
WholeNumber = Annotated[int, Field(strict=True, ge=0)]
FilledText = Annotated[str, Field(min_length=1)]


class _OrderTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TenderHeading(_OrderTable):
    """The table `[tender]`: who asks, for what."""

    id: FilledText
    title: FilledText
    buyer: FilledText
    contact: str = ""
    date: FilledText
    trade: FilledText
    context: str = ""
    """Who the buyer is and why it buys, in its own words."""
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]


class TenderCalendar(_OrderTable):
    """Days, as written by the buyer; what is empty is left to fill in on the document."""

    published: str = ""
    questions_until: str = ""
    offers_until: str = ""
    samples_until: str = ""
    choice: str = ""
    acceptance: str = ""
    go_live: str = ""


class LevelWeights(_OrderTable):
    """The weight of a requirement, by level."""

    P: Annotated[int, Field(strict=True, ge=1, le=100)] = 5
    I: Annotated[int, Field(strict=True, ge=1, le=100)] = 3  # noqa: E741  the level's own name
    S: Annotated[int, Field(strict=True, ge=1, le=100)] = 1


class RequestedSample(_OrderTable):
    """The size that a sample must have."""

    rows: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 300
    days: Annotated[int, Field(strict=True, ge=1, le=3660)] = 28


class NoteThresholds(_OrderTable):
    """Shares from which a measured requirement is satisfied (`keys`: keys and required fields) or not at all.

    `present`: share of the records that must fill a field that is only asked to be given.
    """

    # A wrong key costs its record and those that refer to it; any other value costs itself.
    keys: Annotated[float, Field(gt=0, le=1)] = 0.995
    others: Annotated[float, Field(gt=0, le=1)] = 0.98
    red: Annotated[float, Field(ge=0, lt=1)] = 0.9
    # One value in a whole sample shows a test that somebody typed, not a field that is exported.
    present: Annotated[float, Field(gt=0, le=1)] = 0.05


class ReversibilityTerms(_OrderTable):
    """What the supplier must return when the contract ends."""

    there_and_back: RequestedLevel = "I"
    """Level of the round trip of each contract."""
    delay_days: Annotated[int, Field(strict=True, ge=1, le=365)] = 30
    retrieval_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 90
    rehearsals_per_year: Annotated[int, Field(strict=True, ge=0, le=12)] = 1


class FindingRules(_OrderTable):
    """How the buyer's own findings (demonstrations, documents, references) count."""

    four_eyes: Annotated[bool, Field(strict=True)] = False
    """Whether two persons have to note each."""


class PriceTerms(_OrderTable):
    """What every offer prices in the grid besides the usual lines, and over which duration."""

    years: Annotated[int, Field(strict=True, ge=0, le=30)] = 0
    """0: to be completed."""
    options: Annotated[tuple[FilledText, ...], Field(max_length=40)] = ()


class WiredSystemEntry(_OrderTable):
    """A system to wire."""

    name: FilledText
    direction: Literal["from", "to", "both"]
    contracts: Annotated[tuple[str, ...], Field(min_length=1)]
    purpose: Purpose
    means: Literal["file", "api", "either"] = "either"
    rhythm: str = ""


class ContractChoice(_OrderTable):
    """The buyer's choice for one contract."""

    filled: tuple[str, ...] = ()
    fields: Mapping[str, Grade]


class OwnRequirement(_OrderTable):
    """A requirement in the buyer's own words."""

    name: FilledText
    """What its number hangs on."""
    chapter: FilledText
    level: Literal["P", "I", "S"]
    title: FilledText
    text: FilledText
    evidence: str = ""


class TenderOrder(_OrderTable):
    """The whole of `tender.toml`."""

    tender: TenderHeading
    calendar: TenderCalendar = TenderCalendar()
    volumes: Mapping[str, WholeNumber] = Field(default_factory=dict)
    weights: LevelWeights = LevelWeights()
    sample: RequestedSample = RequestedSample()
    thresholds: NoteThresholds = NoteThresholds()
    findings: FindingRules = FindingRules()
    prices: PriceTerms = PriceTerms()
    reversibility: ReversibilityTerms = ReversibilityTerms()
    system: tuple[WiredSystemEntry, ...] = ()
    contract: Annotated[Mapping[str, ContractChoice], Field(min_length=1)]
    levels: Mapping[str, RequestedLevel] = Field(default_factory=dict)
    """Levels of hand-written requirements, by key, where they differ from what is proposed."""
    plausibility: Mapping[str, RequestedLevel] = Field(default_factory=dict)
    """Levels of plausibility rules, by name, where they differ from what is usual; `-`: not told."""
    answers: Mapping[str, str] = Field(default_factory=dict)
    """To the questions that come before the choice, by key."""
    requirement: tuple[OwnRequirement, ...] = ()
