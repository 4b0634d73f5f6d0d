"""The tenders of a workspace: the folders beside its settings that hold one, and the scores that are kept there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.tender import consultation as frozen
from passerelle.tender import order_file
from passerelle.tender.building.writing import list_file_names
from passerelle.tender.scoring import scorecard
from passerelle.tender.scoring.forms.written_forms import write_score
from passerelle.vocabulary.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.order import TenderOrder
    from passerelle.tender.scoring.examining import ScoredBid
    from passerelle.tender.scoring.scorecard import Score

SCORES = "notes"
"""Where scores are kept, below the folder of a tender: each in a folder of its own."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class HeldTender:
    """A tender of the workspace."""

    folder: Path
    consultation: Consultation
    order: TenderOrder | None
    """What the buyer decided; None where only the frozen requirements are there."""

    def list_papers(self) -> list[str]:
        """Return the names of the files that were built and are there, in the order of writing."""
        return [name for name in list_file_names(self.consultation.language) if (self.folder / name).is_file()]


def list_tenders(folder: Path) -> Mapping[str, Path]:
    """Return the folders of frozen tenders directly below a folder, by name."""
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{frozen.FILE}"))}


def open_tender(folder: Path) -> HeldTender:
    """Read a frozen tender, with the buyer's decisions where they are there. Raises UsageError."""
    try:
        order = order_file.load(folder)
    except (SettingsError, UsageError):
        # somebody works on it, or handed on the frozen tender alone: what was frozen is what counts
        order = None
    return HeldTender(folder, frozen.read(folder), order)


def list_scores(folder: Path) -> Mapping[str, Path]:
    """Return the folders of the scores that are kept of a tender, by name."""
    return {path.parent.name: path.parent for path in sorted((folder / SCORES).glob(f"*/{scorecard.FILE}"))}


def read_scores(folder: Path) -> dict[str, Score]:
    """Return the scores that are kept of a tender, by name. Raises UsageError for one that was changed."""
    return {name: scorecard.read(path) for name, path in list_scores(folder).items()}


def keep_score(folder: Path, scored: ScoredBid) -> str:
    """Write a score into a folder named after its bidder; return the name.

    Raises UsageError where the bidder has one already (`usage.file.exists`), or nothing can be written there.
    """
    name = name_score(scored.score.bidder)
    try:
        write_score(scored, folder / SCORES / name)
    except FileExistsError:
        raise UsageError("usage.file.exists", file=name) from None
    except OSError:
        raise UsageError("usage.file.unreadable", file=name) from None
    return name


def name_score(bidder: str) -> str:
    """Return the name of a bidder's folder: its letters and digits without accents."""
    plain = unicodedata.normalize("NFKD", bidder).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].strip("-") or "candidat"
