"""What is asked in words: chapters, hand-written requirements, questions before the choice, legal references."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from passerelle.tender import bilingual_texts
from passerelle.tender.requirement import NOTHING, Level, Measure, Proof, Requirement, Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = "requirements"
PREFIXES_OF_CONTRACTS = {
    "person": "PER",
    "related_contact": "CON",
    "organisation": "ORG",
    "professional": "PRO",
    "consent": "ACC",
    "case": "DOS",
    "stay": "SEJ",
    "assessment": "EVA",
    "need": "BES",
    "goal": "OBJ",
    "action": "ACT",
    "interaction": "ENT",
    "appointment": "RDV",
    "aid_request": "DEM",
    "entitlement": "DRO",
    "document": "DOC",
    "note": "NOT",
    "funded_plan": "PLA",
    "planned_visit": "PRE",
    "visit": "VIS",
    "absence": "ABS",
    "invoice": "FAC",
    "invoice_line": "LIG",
}
"""The letters of the numbers of what comes from a contract."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the document."""

    key: str
    prefix: str
    title: Said
    text: Said


@dataclass(frozen=True, slots=True)
class Question:
    """A question that comes before the choice."""

    key: str
    title: Said
    help: Said


@dataclass(frozen=True, slots=True)
class Law:
    """A legal reference; `warning` is printed wherever it is."""

    key: str
    title: Said
    says: Said
    source: Said
    warning: Said


def _part(entry: Mapping[str, Any], name: str, **words: Said | str) -> Said:
    if not all(entry[language].get(name) for language in ("fr", "en")):
        return NOTHING
    return bilingual_texts.said({language: entry[language][name] for language in ("fr", "en")}, **words)


@cache
def chapters() -> tuple[Chapter, ...]:
    """Give the chapters, in order."""
    entries = bilingual_texts.texts("chapters")["chapter"]
    return tuple(
        Chapter(entry["key"], entry.get("prefix", ""), _part(entry, "title"), _part(entry, "text")) for entry in entries
    )


def chapter_keys() -> tuple[str, ...]:
    """Name the chapters that hold requirements in words."""
    return tuple(chapter.key for chapter in chapters() if chapter.prefix)


@cache
def questions() -> tuple[Question, ...]:
    """Give the questions, in order."""
    entries = bilingual_texts.texts("questions")["question"]
    return tuple(Question(entry["key"], _part(entry, "title"), _part(entry, "help")) for entry in entries)


def question_keys() -> tuple[str, ...]:
    """Name the questions."""
    return tuple(question.key for question in questions())


@cache
def laws() -> Mapping[str, Law]:
    """Give every legal reference, by key."""
    raw = bilingual_texts.texts("laws")
    warning = bilingual_texts.said(raw["warning"])
    return {
        key: Law(key, _part(entry, "title"), _part(entry, "says"), _part(entry, "source"), warning)
        for key, entry in raw["law"].items()
    }


@cache
def _entries() -> tuple[Mapping[str, Any], ...]:
    """Give every hand-written requirement as data, in the order of the chapters."""
    found = {name: bilingual_texts.texts(f"{FOLDER}/{name}")["requirement"] for name in bilingual_texts.names(FOLDER)}
    return tuple(entry for key in chapter_keys() for entry in found.get(key, ()))


def proposed(trade: str) -> Iterator[tuple[str, str, Said]]:
    """Give the key, the proposed level and the title of each hand-written requirement that fits a trade."""
    for entry in _entries():
        if trade in entry.get("trades", (trade,)):
            yield entry["key"], entry["level"], _part(entry, "title")


def requirement_keys() -> tuple[str, ...]:
    """Name every hand-written requirement."""
    return tuple(entry["key"] for entry in _entries())


def hand_written(
    trade: str, levels: Mapping[str, str], weights: Mapping[str, int], figures: Mapping[str, str]
) -> Iterator[Requirement]:
    """Give the hand-written requirements of a trade, without numbers.

    `levels` are the buyer's, by key (`-`: left out; a level brings in what is meant for another trade). `figures` fill
    the words of the texts.
    """
    for entry in _entries():
        usual = entry["level"] if trade in entry.get("trades", (trade,)) else "-"
        level = levels.get(entry["key"], usual)
        if level != "-":
            yield _requirement(entry, Level(level), weights[level], figures)


def _requirement(entry: Mapping[str, Any], level: Level, weight: int, figures: Mapping[str, str]) -> Requirement:
    return Requirement(
        id="",
        key=entry["key"],
        level=level,
        chapter=entry["key"].partition("/")[0],
        domain=entry["domain"],
        measure=Measure.ANSWER,
        weight=weight,
        proof=Proof(entry["proof"]),
        title=_part(entry, "title"),
        statement=_part(entry, "text", **figures),
        evidence=_part(entry, "evidence"),
        laws=tuple(entry.get("laws", ())),
    )
