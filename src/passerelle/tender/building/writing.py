"""Builds a tender: all files of its folder, the same bytes for the same decisions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from passerelle.documents import markdown, web_page, word_document
from passerelle.tender import bilingual_texts, federation, grid, numbering, order_file
from passerelle.tender import consultation as frozen
from passerelle.tender.building import changes, kit
from passerelle.tender.building.chapters import count_gaps, lay_out_document
from passerelle.tender.building.program import gather_program
from passerelle.tender.federation import freeze_members
from passerelle.tender.freezing import freeze
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from passerelle.documents.blocks import PrintableDocument
    from passerelle.tender.building.program import BidderProgram
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.federation import MemberTender
    from passerelle.tender.order import TenderOrder


@dataclass(frozen=True, slots=True)
class FileNames:
    """Names of files in a language, without their endings."""

    document: str
    grid: str
    kit: str


NAMES = {
    "fr": FileNames("cahier-des-charges", "grille-de-reponse", "kit-candidat"),
    "en": FileNames("tender-specification", "answer-grid", "bidder-kit"),
}


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The result of building a tender."""

    consultation: Consultation
    changes: changes.TenderChanges
    """Against what was in the folder; nothing when it is the first time."""
    files: tuple[str, ...]
    """Names, in the order of writing."""
    gaps: int = 0
    """Places of the document that are still to be completed."""
    members: tuple[str, ...] = ()
    """Of a federation's tender: whose tenders stand in `membres/`."""


def list_file_names(language: str) -> tuple[str, ...]:
    """Return the names of all files that are written, in order."""
    called = NAMES[language]
    papers = (f"{called.document}.{ending}" for ending in ("docx", "html", "md"))
    return (numbering.FILE, frozen.FILE, changes.FILE, *papers, f"{called.grid}.xlsx", f"{called.kit}.zip")


def build(
    folder: Path,
    *,
    language: Literal["fr", "en"] = "fr",
    date: str = "",
    program: Path | None = None,
    progress: Callable[[], None] = lambda: None,
) -> BuildResult:
    """Freeze the `tender.toml` of a folder and write the whole annex beside it.

    `date` stands in for the one in the file. `program` is a folder of wheels that goes into the kit. `progress` is
    called after each file. Raises SettingsError for a wrong order, UsageError when a folder cannot be read or written.
    """
    tool = gather_program(program) if program else None
    decided = order_file.load(folder)
    given = numbering.read(folder)
    try:
        earlier = frozen.read(folder)
    except UsageError:
        # There is none, or it was altered and cannot be compared.
        earlier = None
    consultation, ledger = freeze(decided, given, language=language, date=date)
    # Compared before anything is written: writing replaces the earlier state.
    compared = changes.compare_states(earlier, consultation) if earlier else changes.TenderChanges()
    members, ledger = freeze_members(folder, consultation, ledger, language=language, date=date)
    paper = lay_out_document(consultation, decided, members)
    written, log = list_file_names(language), folder / changes.FILE
    makers = (
        lambda: numbering.write(ledger),
        lambda: frozen.write(consultation),
        lambda: changes.write_log(
            log.read_text("utf-8") if log.exists() else "", earlier, consultation, language
        ).encode(),
        *_iter_papers(paper, decided, consultation, written[-2], tool),
    )
    for name, make in zip(written, makers, strict=True):
        content = make()
        try:
            write_whole(folder / name, content, ANYBODY)
        except OSError:
            raise UsageError("usage.file.unreadable", file=name) from None
        progress()
    _write_members(folder, members, NAMES[language].grid)
    gaps = count_gaps(paper, bilingual_texts.get_word("document", "words", "to_complete", language))
    return BuildResult(consultation, compared, written, gaps, tuple(one.name for one in members))


def _write_members(folder: Path, members: Sequence[MemberTender], grid_name: str) -> None:
    """Write what is scored for each member, and the grid with its own requirements."""
    for one in members:
        room = folder / federation.FOLDER / one.name
        pieces = {frozen.FILE: frozen.write(one.consultation), f"{grid_name}.xlsx": grid.write(one.consultation)}
        for name, content in pieces.items():
            try:
                room.mkdir(parents=True, exist_ok=True)
                write_whole(room / name, content, ANYBODY)
            except OSError:
                raise UsageError("usage.file.unreadable", file=name) from None


def _iter_papers(
    paper: PrintableDocument,
    decided: TenderOrder,
    consultation: Consultation,
    grid_name: str,
    tool: BidderProgram | None,
) -> Iterator[Callable[[], bytes]]:
    """Yield a maker of each file, in the order of `names`."""
    # The kit holds the same grid: it is written once.
    workbook = cache(lambda: grid.write(consultation))
    yield lambda: word_document.write(paper, consultation.date)
    yield lambda: web_page.write(paper)
    yield lambda: markdown.write(paper)
    yield workbook
    yield lambda: kit.write(consultation, decided, {grid_name: workbook()}, tool)
