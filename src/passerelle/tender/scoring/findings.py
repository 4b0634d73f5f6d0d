"""The buyer's own findings: read from the filled grid, and weighed. What a sample shows is never overruled by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from passerelle.documents.workbook_reader import read_returned
from passerelle.tender import bilingual_texts, findings_sheet
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.scorecard import BidVerdict, BuyerFinding, BuyerNote
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.requirement import Requirement

APART = 1
"""Two notes that differ by more than this many steps are talked about before they count."""
_NOTE = re.compile(r"([0-4])(\.0+)?\Z")


def read_findings(path: Path, consultation: Consultation) -> dict[str, BuyerFinding]:
    """Read what the buyer noted in the grid, by requirement. Raises UsageError for a note that nobody answers for."""
    sheets = read_returned(path, "usage.grid.unrecognised", findings_sheet.SHEET + 1)
    known = {one.id for one in consultation.requirements}
    if len(sheets) <= findings_sheet.SHEET:
        raise UsageError("usage.findings.unrecognised", file=path.name)
    found: dict[str, BuyerFinding] = {}
    problems: list[UsageError] = []
    for number, line in sheets[findings_sheet.SHEET]:
        cells = {name: line[place].strip() if place < len(line) else "" for name, place in _PLACES}
        if number <= findings_sheet.HEAD_ROW + 1 or cells["number"] not in known:
            continue
        row = _FindingCells(cells, path.name, number, consultation.language)
        problems += row.list_problems()
        if not problems and (finding := row.read()):
            found[cells["number"]] = finding
    if not any(line and line[0].strip() in known for _n, line in sheets[findings_sheet.SHEET]):
        raise UsageError("usage.findings.unrecognised", file=path.name)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        # All at once: whoever noted for a day does not want to hear of them one by one.
        raise UsageError("usage.findings.faulty", problems=problems, file=path.name, count=format_count(len(problems)))
    return found


_PLACES = tuple(findings_sheet.PLACES.items())


@dataclass(frozen=True, slots=True)
class _FindingCells:
    """A row of the sheet as it came back."""

    cells: Mapping[str, str]
    file: str
    line: int
    language: str

    def list_problems(self) -> Iterator[UsageError]:
        """List what keeps the row from being taken over; nothing when nobody noted anything."""
        if not self._is_noted():
            return
        about: dict[str, Any] = {"file": self.file, "line": str(self.line), "id": self.cells["number"]}
        if missing := [*self._list_missing()]:
            columns = (bilingual_texts.get_word("document", "findings", name, self.language) for name in missing)
            yield UsageError("usage.findings.incomplete", columns=", ".join(columns), **about)
        elif self._has_second() and self.cells["second_who"].casefold() == self.cells["who"].casefold():
            yield UsageError("usage.findings.same_person", **about)

    def read(self) -> BuyerFinding | None:
        """Return what a row without problems says; None when nobody noted anything."""
        if not self._is_noted():
            return None
        second = self._read_note("second_") if self._has_second() else None
        kind = self._find_kind() or ""
        return BuyerFinding(kind=kind, evidence=self.cells["evidence"], first=self._read_note(""), second=second)

    def _is_noted(self) -> bool:
        return any(self.cells[name] for name, _width in findings_sheet.FREE)

    def _has_second(self) -> bool:
        return any(self.cells[f"second_{name}"] for name in ("note", "comment", "who", "day"))

    def _list_missing(self) -> Iterator[str]:
        """List the columns that are empty, or hold what cannot be one of theirs."""
        for prefix in ("", "second_") if self._has_second() else ("",):
            note, who, day = (self.cells[f"{prefix}{name}"] for name in ("note", "who", "day"))
            wrong = {"note": not _NOTE.match(note), "who": not who, "day": _read_day(day) is None}
            yield from (f"{prefix}{name}" for name, is_wrong in wrong.items() if is_wrong)
        if self._find_kind() is None:
            yield "kind"
        if not self.cells["evidence"]:
            yield "evidence"

    def _find_kind(self) -> str | None:
        words = {
            bilingual_texts.get_word("document", "findings", kind, self.language).casefold(): kind
            for kind in findings_sheet.KINDS
        }
        return words.get(self.cells["kind"].casefold())

    def _read_note(self, prefix: str) -> BuyerNote:
        note, comment, who, day = (self.cells[f"{prefix}{name}"] for name in ("note", "comment", "who", "day"))
        return BuyerNote(note=int(note[0]), comment=comment, who=who, day=_read_day(day) or "")


def _read_day(text: str) -> str | None:
    """Return a day as it is written in files; None for what is no day.

    A spreadsheet gives the day of a date cell. What was pasted is a text, often as people here write a day.
    """
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text[:10], form).date().isoformat()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def can_be_noted(requirement: Requirement, verdict: BidVerdict) -> bool:
    """Whether the buyer decides: no sample shows it, or this one does not."""
    return requirement.measure in (Measure.ANSWER, Measure.RETURN) or verdict is BidVerdict.UNSEEN


def weigh_finding(finding: BuyerFinding, *, four_eyes: bool) -> tuple[float | None, str]:
    """Return the share of the weight that a finding brings, and why; None while it does not count."""
    notes = [one.note for one in (finding.first, finding.second) if one is not None]
    if four_eyes and len(notes) < 2:
        return None, _("Noted by one person: the tender asks for two.")
    if max(notes) - min(notes) > APART:
        return None, _("The two notes are far apart ({notes}): to be talked about.").format(notes=_join(notes))
    share = sum(notes) / (len(notes) * findings_sheet.HIGHEST)
    return share, _("The buyer's finding: {notes} out of {highest}.").format(
        notes=_join(notes), highest=findings_sheet.HIGHEST
    )


def _join(notes: Sequence[int]) -> str:
    return " / ".join(map(str, notes))
