"""The buyer's own findings: read from the filled grid, and weighed. What a sample shows is never overruled by them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from passerelle.documents.workbook_reader import read_returned
from passerelle.tender import bilingual_texts, findings_sheet
from passerelle.tender.requirement import Measure
from passerelle.tender.scoring.scorecard import BidVerdict, BuyerFinding, BuyerNote
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    found = {}
    lines = (line for number, line in sheets[findings_sheet.SHEET] if number > findings_sheet.HEAD_ROW + 1)
    for line in lines:
        cells = {name: line[place].strip() if place < len(line) else "" for name, place in _PLACES}
        if cells["number"] not in known:
            continue
        if finding := _read_row(cells, path.name, consultation.language):
            found[cells["number"]] = finding
    if not any(line and line[0].strip() in known for _n, line in sheets[findings_sheet.SHEET]):
        raise UsageError("usage.findings.unrecognised", file=path.name)
    return found


_PLACES = tuple(findings_sheet.PLACES.items())


def _read_row(cells: dict[str, str], file: str, language: str) -> BuyerFinding | None:
    """Return what a row says; None when nobody noted anything."""
    if not any(cells[name] for name, _width in findings_sheet.FREE):
        return None
    first = _read_note(cells, "", file)
    second = None
    if any(cells[f"second_{name}"] for name in ("note", "comment", "who", "day")):
        second = _read_note(cells, "second_", file)
    words = {
        bilingual_texts.get_word("document", "findings", kind, language).casefold(): kind
        for kind in findings_sheet.KINDS
    }
    if not cells["evidence"] or cells["kind"].casefold() not in words:
        raise UsageError("usage.findings.incomplete", file=file, id=cells["number"])
    if second and second.who.casefold() == first.who.casefold():
        raise UsageError("usage.findings.same_person", file=file, id=cells["number"])
    return BuyerFinding(kind=words[cells["kind"].casefold()], evidence=cells["evidence"], first=first, second=second)


def _read_note(cells: dict[str, str], prefix: str, file: str) -> BuyerNote:
    note, who, day = (cells[f"{prefix}{name}"] for name in ("note", "who", "day"))
    digit = _NOTE.match(note)
    read_day = _read_day(day)
    if digit is None or not who or read_day is None:
        raise UsageError("usage.findings.incomplete", file=file, id=cells["number"])
    return BuyerNote(note=int(digit[1]), comment=cells[f"{prefix}comment"], who=who, day=read_day)


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
