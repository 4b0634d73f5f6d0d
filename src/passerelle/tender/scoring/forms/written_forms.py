"""The forms in which a score is written, and the file of each in the folder of a score."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.tender.scoring import score_labels, scorecard
from passerelle.tender.scoring.forms import attestation, grid, listing, page, text
from passerelle.vocabulary.safe_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from passerelle.tender.scoring.examining import ScoredBid

FILES: Mapping[str, str] = {
    "json": scorecard.FILE,
    "html": "score.html",
    "xlsx": "grille.xlsx",
    "docx": "attestation.docx",
    "csv": "resultats.csv",
    "junit": "junit.xml",
    "places": "places.csv",
}
"""The file of each form in a folder."""
SCHEMA = "score.schema.json"
_WRITERS: Mapping[str, Callable[[ScoredBid], bytes]] = {
    "text": lambda scored: (text.write(scored.score) + "\n").encode(),
    "json": lambda scored: scorecard.write(scored.score),
    "html": lambda scored: page.write(scored.score),
    "xlsx": grid.write,
    "docx": lambda scored: attestation.write(scored.score),
    "csv": lambda scored: listing.write_results(scored.score),
    "junit": lambda scored: listing.write_junit(scored.score),
}


def iter_pieces(scored: ScoredBid, form: str) -> Iterable[bytes]:
    """Yield one form of a score, in the language in use, piece by piece."""
    # the list of places may be as long as the samples: it alone is made piece by piece
    return listing.iter_places(scored) if form == "places" else [_WRITERS[form](scored)]


def iter_files(scored: ScoredBid) -> Iterable[tuple[str, Iterable[bytes]]]:
    """Yield every file of the folder of a score, with its pieces, in the language in use."""
    yield from ((name, iter_pieces(scored, form)) for form, name in FILES.items())
    schema = json.dumps(scorecard.make_json_schema(), ensure_ascii=False, indent=2) + "\n"
    yield SCHEMA, [schema.encode()]


def write_score(scored: ScoredBid, folder: Path) -> None:
    """Write every form of a score into a new folder, in the language of the tender. Raises OSError."""
    folder.mkdir(parents=True)
    with score_labels.speak_language(scored.consultation.language):
        for name, pieces in iter_files(scored):
            write_whole(folder / name, pieces)
