"""The forms of a score and where they go: one on the screen or in a file, or all of them in a folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.progress import watch_samples
from passerelle.faces.cli.showing import show
from passerelle.tender import consultation as frozen
from passerelle.tender.federation import FOLDER, list_member_folders
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.examining import score_bid
from passerelle.tender.scoring.forms import text
from passerelle.tender.scoring.forms.written_forms import FILES, iter_files, iter_pieces
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.scoring.examining import BidEntry, ScoredBid

_BINARY = ("xlsx", "docx")


def score_and_write(consultation: Consultation, entry: BidEntry, options: dict[str, Any]) -> Exit:
    """Score, write what is asked for, and return ASIDE when some requirement is not met."""
    identifier = options["trace"]
    if identifier and identifier not in {requirement.id for requirement in consultation.requirements}:
        raise UsageError("usage.requirement.unknown", id=identifier)
    form, output = options["form"], options["output"]
    if form in _BINARY and output is None:
        raise UsageError("usage.output.missing")
    with watch_samples() as step:
        scored = score_bid(consultation, entry, step=step)
    with score_labels.speak_language(consultation.language):
        if identifier:
            files = [sample.name for sample in scored.score.samples]
            rows = [
                (files[blame.sample], blame.member, line, blame.column)
                for requirement, blame, line in scored.iter_places()
                if requirement == identifier
            ]
            show(text.write_trace(identifier, rows))
        elif output is not None and form is None:
            _write_all(scored, output)
        elif output is not None:
            write(output, iter_pieces(scored, form))
        else:
            for piece in iter_pieces(scored, form or "text"):
                # the CSV begins with a byte order mark, for spreadsheets: it is nothing to show on a terminal
                show(piece.decode("utf-8-sig"), nl=False)
    scored.close()
    unmet = any(result.verdict is BidVerdict.FAILED for result in scored.score.results)
    return Exit.ASIDE if unmet else Exit.SETTLED


def score_members(tender: Path, entry: BidEntry, folder: Path) -> None:
    """Score the same samples on what each member of a federation asks for, into a folder of its own."""
    # What only a member asks is on that member's grid: silence in the common one says nothing of it.
    entry = replace(entry, asked=frozenset(one.id for one in frozen.read(tender).requirements))
    for room in list_member_folders(tender):
        with watch_samples() as step:
            scored = score_bid(frozen.read(room), entry, step=step)
        target = folder / FOLDER / room.name
        with refuse_unreadable(target):
            target.mkdir(parents=True, exist_ok=True)
        with score_labels.speak_language(scored.consultation.language):
            for form in ("json", "html", "xlsx"):
                write(target / FILES[form], iter_pieces(scored, form))
        scored.close()


def _write_all(scored: ScoredBid, folder: Path) -> None:
    with refuse_unreadable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, pieces in iter_files(scored):
        write(folder / name, pieces)
    show(text.write(scored.score))


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece. Raises UsageError."""
    with refuse_unreadable(path):
        write_whole(path, pieces)
