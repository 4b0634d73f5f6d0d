"""`passerelle contracts diff`: what a new edition of a contract breaks, for whom, and whether its number says so."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.evolution.edition import read_edition
from passerelle.contracts.evolution.edition_archive import list_archived_editions
from passerelle.contracts.evolution.edition_comparison import compare_editions
from passerelle.contracts.evolution.lifecycle import find_breaches
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, pass_invocation
from passerelle.faces.report import editions
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.contracts.evolution.edition import Edition

_EDITION = N_("A published or archived folder, visit@1.0.0, visit/1, or a JSON Schema file.")


@translated.command(
    "diff",
    help=N_(
        "Compare two editions of a contract. Four questions, each proved, broken with an example, or undecided: what "
        "the old one emits is read by the new one (C1), and the reverse (C2); who conforms to the old one conforms to "
        "the new one (C3); the data mean the same and are as protected (C4). Ends with 0 when the version number is "
        "honest, with 1 when it promises too much or a field leaves against the rules."
    ),
    examples=(
        ("contracts diff contracts/editions/visit/1.0.0 visit/1", N_("an archived edition and the one installed")),
        ("contracts diff old.schema.json new.schema.json --format md", N_("any two schemas, as a page")),
        (
            "contracts diff visit@1.0.0 contracts/visit/1 --line contracts/editions/visit",
            N_("also against all earlier editions"),
        ),
    ),
)
@translated.argument("old", metavar=N_("OLD"), help=_EDITION)
@translated.argument("new", metavar=N_("NEW"), help=_EDITION)
@translated.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "md"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, Markdown for a page."),
)
@translated.option(
    "--line",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("The archived editions that the new one is held to as well, like contracts/editions/visit."),
)
@translated.option(
    "--published",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar=N_("DAY"),
    help=N_("When the new edition is published, for the rules on fields that leave; by default today."),
)
@pass_invocation
def diff(invocation: Invocation, old: str, new: str, form: str, line: Path | None, published: datetime | None) -> Exit:
    """Compare two editions."""
    invocation.form = form
    before, after = _edition(old), _edition(new)
    with _readable(str(line)):
        earlier = [] if line is None else [kept for kept in _format_line(line, after) if kept.number < after.number]
    comparison = compare_editions(before, after, line=earlier)
    with _readable(new):
        faults = find_breaches(before, after, published=(published or datetime.now(UTC)).date())
    if form == "json":
        invocation.answer("contracts.diff", editions.as_json(comparison, faults), str)
    else:
        tell = editions.as_text if form == "text" else editions.as_markdown
        click.echo(tell(comparison, faults), nl=False)
    return Exit.SETTLED if comparison.is_honest and not faults else Exit.ASIDE


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Raise UsageError for what cannot be read as an edition, without the words of a foreign exception."""
    try:
        yield
    except (OSError, ValueError, RecursionError):
        raise UsageError("usage.edition.unreadable", name=name) from None


def _edition(name: str) -> Edition:
    path = Path(name)
    if path.exists():
        with _readable(name):
            return read_edition(path)
    return _find_installed(name)


def _find_installed(name: str) -> Edition:
    """Return what this installation publishes under an id (`visit/1`) or an exact version (`visit@1.0.0`)."""
    from passerelle.contracts.publishing import build_edition  # noqa: PLC0415  reading files needs none of it

    known = catalogue()
    exact = {f"{contract.about.family}@{contract.about.version}": contract for contract in known.values()}
    found = known.get(name) or exact.get(name)
    if found is None:
        family = name.partition("@")[0].partition("/")[0]
        near = [one for one in (*known, *exact) if one.startswith((f"{family}/", f"{family}@"))]
        raise UsageError("usage.edition.unknown", name=name, known=join_names(near or list(known), most=40))
    return build_edition(found)


def _format_line(folder: Path, edition: Edition) -> list[Edition]:
    """Read the archived editions of a contract: the folder is its own, or that of all contracts."""
    inside = (folder / edition.name).is_dir()
    return (
        list_archived_editions(folder, edition.name) if inside else list_archived_editions(folder.parent, folder.name)
    )
