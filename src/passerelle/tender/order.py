"""What the buyer decided: the models of `tender.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from passerelle.contracts.field_meta import Purpose

Grade = Literal["P", "I", "S", "X", "-"]
"""A level; `X`: must not be sent; `-`: not asked for."""
Asked = Literal["P", "I", "S", "-"]
Whole = Annotated[int, Field(strict=True, ge=0)]
Name = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Heading(_Entry):
    """Who asks, for what."""

    id: Name
    title: Name
    buyer: Name
    contact: str = ""
    date: Name
    trade: Name
    context: str = ""
    """Who the buyer is and why it buys, in its own words."""
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]


class Calendar(_Entry):
    """Days, as written by the buyer; what is empty is left to fill in on the document."""

    published: str = ""
    questions_until: str = ""
    offers_until: str = ""
    samples_until: str = ""
    choice: str = ""
    acceptance: str = ""
    go_live: str = ""


class Weights(_Entry):
    """What a requirement counts for, by level."""

    P: Annotated[int, Field(strict=True, ge=1, le=100)] = 5
    I: Annotated[int, Field(strict=True, ge=1, le=100)] = 3  # noqa: E741  the level's own name
    S: Annotated[int, Field(strict=True, ge=1, le=100)] = 1


class Sample(_Entry):
    """How long the sample must be."""

    rows: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 300
    days: Annotated[int, Field(strict=True, ge=1, le=3660)] = 28


class Thresholds(_Entry):
    """Shares from which a measured requirement is satisfied (`keys`: keys and required fields) or not at all."""

    keys: Annotated[float, Field(gt=0, le=1)] = 0.995
    others: Annotated[float, Field(gt=0, le=1)] = 0.98
    red: Annotated[float, Field(ge=0, lt=1)] = 0.9


class Reversibility(_Entry):
    """What must be given back."""

    there_and_back: Asked = "I"
    """Level of the round trip of each contract."""
    delay_days: Annotated[int, Field(strict=True, ge=1, le=365)] = 30
    retrieval_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 90
    rehearsals_per_year: Annotated[int, Field(strict=True, ge=0, le=12)] = 1


class Wired(_Entry):
    """A system to wire."""

    name: Name
    direction: Literal["from", "to", "both"]
    contracts: Annotated[tuple[str, ...], Field(min_length=1)]
    purpose: Purpose
    means: Literal["file", "api", "either"] = "either"
    rhythm: str = ""


class Choice(_Entry):
    """What is asked of one contract."""

    filled: tuple[str, ...] = ()
    fields: Mapping[str, Grade]


class Own(_Entry):
    """A requirement in the buyer's own words."""

    name: Name
    """What its number hangs on."""
    chapter: Name
    level: Literal["P", "I", "S"]
    title: Name
    text: Name
    evidence: str = ""


class Order(_Entry):
    """The whole file."""

    tender: Heading
    calendar: Calendar = Calendar()
    volumes: Mapping[str, Whole] = Field(default_factory=dict)
    weights: Weights = Weights()
    sample: Sample = Sample()
    thresholds: Thresholds = Thresholds()
    reversibility: Reversibility = Reversibility()
    system: tuple[Wired, ...] = ()
    contract: Annotated[Mapping[str, Choice], Field(min_length=1)]
    levels: Mapping[str, Asked] = Field(default_factory=dict)
    """Levels of hand-written requirements, by key, where they differ from what is proposed."""
    answers: Mapping[str, str] = Field(default_factory=dict)
    """To the questions that come before the choice, by key."""
    requirement: tuple[Own, ...] = ()
