"""Compatibility of two editions of a contract, as four questions, and the version number that it demands.

C1  what the old edition emits is read by the new one        protects whoever reads with the new one
C2  what the new edition emits is read by the old one        protects readers who stayed behind
C3  who conforms to the old edition conforms to the new one  protects certified suppliers and signed tenders
C4  the same data mean the same thing, and are as protected  protects everybody
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.contracts.evolution.inclusion import prove_inclusion
from passerelle.contracts.evolution.schema_verdict import PROVED, ProofState, SchemaVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.contracts.evolution.edition import Edition

PROTECTION = ("ordinary", "identifying", "surveillance", "special")
"""Sensitivities, the least protected first."""


class CompatibilityQuestion(StrEnum):
    """The four questions."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"


class Bump(IntEnum):
    """What a change demands of the version number."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class ShiftKind(StrEnum):
    """Kinds of change of a field's meaning that no schema shows."""

    UNIT = "unit"
    KEY = "key"
    REFERENCE = "reference"
    CODES = "codes"
    CLOSED = "codes_closed"
    SUBJECT = "subject"
    LESS_PROTECTED = "less_protected"
    MORE_PROTECTED = "more_protected"
    PURPOSE_ADDED = "purpose_added"
    PURPOSE_REMOVED = "purpose_removed"
    SPECIAL_ADDED = "special_added"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class MeaningShift:
    """One change of meaning of one field. A shift of wording is undecided until the author declares it harmless."""

    field: str
    meaning: ShiftKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EditionComparison:
    """Answers to the four questions, the version change they demand and the one that was declared."""

    old: Edition
    new: Edition
    answers: Mapping[CompatibilityQuestion, SchemaVerdict]
    shifts: tuple[MeaningShift, ...]
    demanded: Bump
    declared: Bump
    is_backwards: bool = False
    """The new number is lower than the old one."""
    earlier: tuple[str, ...] = ()
    """Earlier versions of the same line that the new one breaks although the latest is not broken."""

    @property
    def is_honest(self) -> bool:
        """Whether the new version number announces at least the change that the answers demand."""
        return not self.is_backwards and self.declared >= self.demanded


def compare_editions(old: Edition, new: Edition, *, line: Sequence[Edition] = ()) -> EditionComparison:
    """Answer the four questions, against `old` and every earlier edition of the same major line."""
    answers, shifts = _answer_questions(old, new)
    demanded = _find_demanded_bump(old, new, answers)
    before = [edition for edition in line if edition.number[0] == new.number[0] and edition.version != old.version]
    broken = tuple(
        edition.version
        for edition in before
        if any(verdict.state is not ProofState.PROVED for verdict in _answer_questions(edition, new)[0].values())
    )
    # Readers of any earlier edition of the line may still be in use, not only of the latest.
    if broken:
        demanded = Bump.MAJOR
    return EditionComparison(
        old, new, answers, shifts, demanded, _find_declared_bump(old, new), new.number < old.number, broken
    )


def _answer_questions(
    old: Edition, new: Edition
) -> tuple[dict[CompatibilityQuestion, SchemaVerdict], tuple[MeaningShift, ...]]:
    shifts = tuple(list_shifts(old, new))
    return {
        CompatibilityQuestion.C1: prove_inclusion(old.emission, new.reading),
        CompatibilityQuestion.C2: prove_inclusion(new.emission, old.reading),
        CompatibilityQuestion.C3: prove_inclusion(old.emission, new.emission),
        CompatibilityQuestion.C4: _judge_meaning(shifts, new),
    }, shifts


def _judge_meaning(shifts: Sequence[MeaningShift], new: Edition) -> SchemaVerdict:
    hard = [shift for shift in shifts if shift.meaning is not ShiftKind.WORDING]
    if hard:
        shift = hard[0]
        return SchemaVerdict(
            ProofState.BROKEN, {shift.field: {"before": shift.before, "after": shift.after}}, (shift.field,)
        )
    if any(shift.field not in new.reworded for shift in shifts):
        return SchemaVerdict(ProofState.UNDECIDED)
    return PROVED


def _find_demanded_bump(old: Edition, new: Edition, answers: Mapping[CompatibilityQuestion, SchemaVerdict]) -> Bump:
    if any(verdict.state is not ProofState.PROVED for verdict in answers.values()):
        return Bump.MAJOR
    # New documents in either direction: the schema says something else, though nobody is broken.
    pairs = ((old.emission, new.emission), (old.reading, new.reading))
    if any(
        prove_inclusion(one, other).state is not ProofState.PROVED
        for pair in pairs
        for one, other in (pair, pair[::-1])
    ):
        return Bump.MINOR
    return Bump.NONE if (old.emission, old.reading) == (new.emission, new.reading) else Bump.PATCH


def _find_declared_bump(old: Edition, new: Edition) -> Bump:
    for place, bump in enumerate((Bump.MAJOR, Bump.MINOR, Bump.PATCH)):
        if old.number[place] != new.number[place]:
            # below 1.0.0 the minor part plays the major
            return Bump.MAJOR if old.number[0] == 0 and bump is Bump.MINOR else bump
    return Bump.NONE


def list_shifts(old: Edition, new: Edition) -> list[MeaningShift]:
    """Return the changes of meaning of the fields that both editions have, and the new fields of special category."""
    found: list[MeaningShift] = []
    for name, after in new.fields.items():
        before = old.fields.get(name)
        if before is not None:
            found += _compare_field(name, before, after)
        elif after.get("sensitivity") == "special":
            found.append(MeaningShift(name, ShiftKind.SPECIAL_ADDED, "", "special"))
    return found


_MEANING_OF_KEY = (
    ("unit", ShiftKind.UNIT),
    ("key", ShiftKind.KEY),
    ("reference", ShiftKind.REFERENCE),
    ("codes", ShiftKind.CODES),
    ("subject", ShiftKind.SUBJECT),
)


def _compare_field(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[MeaningShift]:
    found = [
        MeaningShift(name, meaning, str(before.get(key, "")), str(after.get(key, "")))
        for key, meaning in _MEANING_OF_KEY
        if before.get(key) != after.get(key)
    ]
    if before.get("codes") and before.get("open_codes", True) and not after.get("open_codes", True):
        found.append(MeaningShift(name, ShiftKind.CLOSED, "open", "closed"))
    found += _compare_protection(name, before, after)
    found += _compare_purposes(name, before, after)
    if any(before.get(key) != after.get(key) for key in ("fr", "en")):
        found.append(MeaningShift(name, ShiftKind.WORDING, str(before.get("fr", "")), str(after.get("fr", ""))))
    return found


def _compare_protection(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[MeaningShift]:
    was, now = (str(about.get("sensitivity", "ordinary")) for about in (before, after))
    if was == now:
        return []
    lower = PROTECTION.index(now) < PROTECTION.index(was)
    return [MeaningShift(name, ShiftKind.LESS_PROTECTED if lower else ShiftKind.MORE_PROTECTED, was, now)]


def _compare_purposes(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[MeaningShift]:
    was, now = set(before.get("purposes", ())), set(after.get("purposes", ()))
    found = []
    if now - was:
        found.append(MeaningShift(name, ShiftKind.PURPOSE_ADDED, "", ", ".join(sorted(now - was))))
    if was - now:
        found.append(MeaningShift(name, ShiftKind.PURPOSE_REMOVED, ", ".join(sorted(was - now)), ""))
    return found
