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
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.report import editions
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.contracts.evolution.edition import Edition

_EDITION = N_("A published or archived folder, visit@1.0.0, visit/1, or a JSON Schema file.")


@translated_click.command(
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
@translated_click.argument("old", metavar=N_("OLD"), help=_EDITION)
@translated_click.argument("new", metavar=N_("NEW"), help=_EDITION)
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "md"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, Markdown for a page."),
)
@translated_click.option(
    "--line",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("The archived editions that the new one is held to as well, like contracts/editions/visit."),
)
@translated_click.option(
    "--published",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar=N_("DAY"),
    help=N_("When the new edition is published, for the rules on fields that leave; by default today."),
)
@pass_invocation
def diff(invocation: Invocation, old: str, new: str, form: str, line: Path | None, published: datetime | None) -> Exit:
    """Compare two editions."""
    invocation.form = form
    before, after = _read_edition(old), _read_edition(new)
    earlier = []
    if line is not None:
        with _refuse_edition(str(line)):
            # the folder is that of this contract, or that of all contracts
            is_parent = (line / after.name).is_dir()
            folder, name = (line, after.name) if is_parent else (line.parent, line.name)
            earlier = [edition for edition in list_archived_editions(folder, name) if edition.number < after.number]
    comparison = compare_editions(before, after, line=earlier)
    with _refuse_edition(new):
        faults = find_breaches(before, after, published=(published or datetime.now(UTC)).date())
    if form == "json":
        invocation.answer("contracts.diff", editions.as_json(comparison, faults), str)
    else:
        write = editions.as_text if form == "text" else editions.as_markdown
        show(write(comparison, faults), nl=False)
    return Exit.SETTLED if comparison.is_honest and not faults else Exit.ASIDE


@contextmanager
def _refuse_edition(name: str) -> Iterator[None]:
    """Raise UsageError for what cannot be read as an edition, without the words of a foreign exception."""
    try:
        yield
    # a JSON file may be nested deeper than Python's parser goes
    except (OSError, ValueError, RecursionError):
        raise UsageError("usage.edition.unreadable", name=name) from None


def _read_edition(name: str) -> Edition:
    """Read an edition from a path, or what is installed under an id (`visit/1`) or exact version (`visit@1.0.0`)."""
    path = Path(name)
    # a path first: the id `visit/1` is also a folder for somebody who stands in `contracts/`
    if path.exists():
        with _refuse_edition(name):
            return read_edition(path)
    from passerelle.contracts.publishing import build_edition  # noqa: PLC0415  reading files needs none of it

    contracts = catalogue()
    exact = {f"{contract.about.family}@{contract.about.version}": contract for contract in contracts.values()}
    contract = contracts.get(name) or exact.get(name)
    if contract is None:
        family = name.partition("@")[0].partition("/")[0]
        near = [other for other in (*contracts, *exact) if other.startswith((f"{family}/", f"{family}@"))]
        raise UsageError("usage.edition.unknown", name=name, known=join_names(near or list(contracts), most=40))
    return build_edition(contract)
