"""What `passerelle score` writes, and where: one form on the screen or in a file, or all of them in a folder."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from passerelle.engine import worker
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.progress import watching
from passerelle.tender.scoring import score_labels, scorecard
from passerelle.tender.scoring.examining import Scored, score
from passerelle.tender.scoring.forms import attestation, grid, listing, page, text
from passerelle.tender.scoring.scorecard import Verdict
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.scoring.examining import Entry, Step

_BINARY = ("xlsx", "docx")
FILES: Mapping[str, str] = {
    "json": scorecard.FILE,
    "html": "score.html",
    "xlsx": "grille.xlsx",
    "docx": "attestation.docx",
    "csv": "resultats.csv",
    "junit": "junit.xml",
    "places": "places.csv",
}
"""What each form is called in a folder."""
SCHEMA = "score.schema.json"
_WRITERS: Mapping[str, Callable[[Scored], bytes]] = {
    "text": lambda scored: (text.write(scored.score) + "\n").encode(),
    "json": lambda scored: scorecard.write(scored.score),
    "html": lambda scored: page.write(scored.score),
    "xlsx": grid.write,
    "docx": lambda scored: attestation.write(scored.score),
    "csv": lambda scored: listing.results(scored.score),
    "junit": lambda scored: listing.junit(scored.score),
}


def score_and_write(consultation: Consultation, entry: Entry, options: dict[str, Any]) -> Exit:
    """Score, write what is asked for, and say by the exit code whether something is not met."""
    identifier = options["trace"]
    if identifier and identifier not in {one.id for one in consultation.requirements}:
        raise UsageError("usage.requirement.unknown", id=identifier)
    form, output = options["form"], options["output"]
    if form in _BINARY and output is None:
        raise UsageError("usage.output.missing")
    with _watch_steps() as step:
        scored = score(consultation, entry, step=step)
    with score_labels.spoken(consultation.language):
        if identifier:
            click.echo(_write_trace(scored, identifier))
        elif output is not None and form is None:
            _write_all(scored, output)
        else:
            _write_one(scored, form or "text", output)
    scored.close()
    unmet = any(one.verdict is Verdict.FAILED for one in scored.score.results)
    return Exit.ASIDE if unmet else Exit.SETTLED


@contextmanager
def _watch_steps() -> Iterator[Step]:
    """Show a bar for each sample on a terminal, and nothing elsewhere: a log is for runs."""
    if not sys.stderr.isatty():
        yield lambda *_told: None
        return
    with watching() as tell:
        yield lambda name, rows, done, total: tell(worker.Progress(name, rows, 0, done, total))


def _write_trace(scored: Scored, identifier: str) -> str:
    files = [one.name for one in scored.score.samples]
    rows = [
        (files[blame.sample], blame.member, line, blame.column)
        for requirement, blame, line in scored.places()
        if requirement == identifier
    ]
    return text.trace(identifier, rows)


def _pieces(scored: Scored, form: str) -> Iterable[bytes]:
    return listing.places(scored) if form == "places" else [_WRITERS[form](scored)]


def _write_one(scored: Scored, form: str, output: Path | None) -> None:
    if output is not None:
        write(output, _pieces(scored, form))
        return
    for piece in _pieces(scored, form):
        click.echo(piece.decode("utf-8-sig"), nl=False)


def _write_all(scored: Scored, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UsageError("usage.file.unreadable", file=folder.name) from None
    for form, name in FILES.items():
        write(folder / name, _pieces(scored, form))
    schema = json.dumps(scorecard.json_schema(), ensure_ascii=False, indent=2) + "\n"
    write(folder / SCHEMA, [schema.encode()])
    click.echo(text.write(scored.score))


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece. Raises UsageError."""
    try:
        with path.open("wb") as stream:
            stream.writelines(pieces)
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None
