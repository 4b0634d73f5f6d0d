"""Hand-written content of a tender: chapters, requirements, questions before the choice, legal references."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from passerelle.tender import bilingual_texts
from passerelle.tender.requirement import NOTHING, BilingualText, Level, Measure, Proof, Requirement

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
class TenderChapter:
    """A chapter of the document."""

    key: str
    prefix: str
    title: BilingualText
    text: BilingualText
    is_optional: bool = False
    """Left out where a tender asks for nothing of it: what only some trades need."""


@dataclass(frozen=True, slots=True)
class BuyerQuestion:
    """A question that comes before the choice."""

    key: str
    title: BilingualText
    help: BilingualText


@dataclass(frozen=True, slots=True)
class LegalReference:
    """A legal reference; `warning` is printed wherever it is."""

    key: str
    title: BilingualText
    says: BilingualText
    source: BilingualText
    warning: BilingualText


def _make_text(entry: Mapping[str, Any], name: str, **words: BilingualText | str) -> BilingualText:
    # A text that is there in one language only is left out: both readers must be told the same.
    if not all(entry[language].get(name) for language in ("fr", "en")):
        return NOTHING
    return bilingual_texts.make_text({language: entry[language][name] for language in ("fr", "en")}, **words)


@cache
def list_chapters() -> tuple[TenderChapter, ...]:
    """Return the chapters, in order."""
    entries = bilingual_texts.load_texts("chapters")["chapter"]
    return tuple(
        TenderChapter(
            entry["key"],
            entry.get("prefix", ""),
            _make_text(entry, "title"),
            _make_text(entry, "text"),
            entry.get("is_optional", False),
        )
        for entry in entries
    )


def list_chapter_keys() -> tuple[str, ...]:
    """Return the keys of the chapters that hold hand-written requirements."""
    return tuple(chapter.key for chapter in list_chapters() if chapter.prefix)


@cache
def list_questions() -> tuple[BuyerQuestion, ...]:
    """Return the questions, in order."""
    entries = bilingual_texts.load_texts("questions")["question"]
    return tuple(
        BuyerQuestion(entry["key"], _make_text(entry, "title"), _make_text(entry, "help")) for entry in entries
    )


def list_question_keys() -> tuple[str, ...]:
    """Return the keys of the questions."""
    return tuple(question.key for question in list_questions())


@cache
def get_laws() -> Mapping[str, LegalReference]:
    """Return every legal reference, by key."""
    raw = bilingual_texts.load_texts("laws")
    warning = bilingual_texts.make_text(raw["warning"])
    return {
        key: LegalReference(
            key, _make_text(entry, "title"), _make_text(entry, "says"), _make_text(entry, "source"), warning
        )
        for key, entry in raw["law"].items()
    }


@cache
def _load_entries() -> tuple[Mapping[str, Any], ...]:
    """Return every hand-written requirement as data, in the order of the chapters."""
    found = {
        name: bilingual_texts.load_texts(f"{FOLDER}/{name}")["requirement"]
        for name in bilingual_texts.list_names(FOLDER)
    }
    return tuple(entry for key in list_chapter_keys() for entry in found.get(key, ()))


def iter_proposals(trade: str) -> Iterator[tuple[str, str, BilingualText]]:
    """Yield key, proposed level and title of each hand-written requirement that fits a trade."""
    for entry in _load_entries():
        if trade in entry.get("trades", (trade,)):
            yield entry["key"], entry["level"], _make_text(entry, "title")


def list_requirement_keys() -> tuple[str, ...]:
    """Return the keys of all hand-written requirements."""
    return tuple(entry["key"] for entry in _load_entries())


def iter_hand_written(
    trade: str, levels: Mapping[str, str], weights: Mapping[str, int], figures: Mapping[str, str]
) -> Iterator[Requirement]:
    """Yield the hand-written requirements of a trade, without numbers.

    `levels` are the buyer's, by key (`-`: left out; a level brings in what is meant for another trade). `figures` fill
    the words of the texts.
    """
    for entry in _load_entries():
        usual = entry["level"] if trade in entry.get("trades", (trade,)) else "-"
        level = levels.get(entry["key"], usual)
        if level != "-":
            yield Requirement(
                id="",
                key=entry["key"],
                level=Level(level),
                chapter=entry["key"].partition("/")[0],
                domain=entry["domain"],
                measure=Measure.ANSWER,
                weight=weights[level],
                proof=Proof(entry["proof"]),
                title=_make_text(entry, "title"),
                statement=_make_text(entry, "text", **figures),
                evidence=_make_text(entry, "evidence"),
                laws=tuple(entry.get("laws", ())),
            )
