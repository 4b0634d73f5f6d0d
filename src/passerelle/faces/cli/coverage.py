"""`passerelle coverage`: which fields of the contracts a supplier fills and takes back, by its description alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, document, page_format, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from passerelle.extension.supplier import Supplier
    from passerelle.tender.covering.coverage import SupplierCoverage


@translated.command(
    "coverage",
    help=N_(
        "Say which fields of the contracts a supplier fills and which it takes back, from its plugin or its "
        "description in TOML: no sample is needed."
    ),
    examples=(
        ("coverage compani", N_("read it here")),
        (
            "coverage compani --for consultation --format html --output couverture.html",
            N_("against a tender, as a page"),
        ),
    ),
)
@translated.argument(
    "supplier", metavar=N_("SUPPLIER"), help=N_("A supplier, one of its connectors, or a description in TOML.")
)
@translated.option(
    "--for",
    "tender",
    type=click.Path(path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("A tender: say what it asks for and the supplier lacks."),
)
@page_format
@pass_invocation
def command(invocation: Invocation, supplier: str, tender: Path | None, form: str, output: Path | None) -> Exit:
    """Compute what a supplier covers."""
    from passerelle.tender import consultation  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.covering.coverage import cover  # noqa: PLC0415  kept out of start-up

    invocation.form = form
    found = cover(_supplier_to_content(invocation, supplier), consultation.read(tender) if tender else None)
    answer = _write_form(found, form)
    if output is None:
        click.echo(answer, nl=False)
        return Exit.SETTLED
    try:
        output.write_text(answer, encoding="utf-8", newline="\n")
    except OSError:
        raise UsageError("usage.file.unreadable", file=output.name) from None
    return Exit.SETTLED


def _supplier_to_content(invocation: Invocation, name: str) -> Supplier:
    if name.endswith(".toml"):
        from passerelle.extension.toml_files import read_local  # noqa: PLC0415  kept out of start-up

        return read_local(Path(name))
    plugins = invocation.plugins()
    known = {one.id: one for one in plugins.suppliers} | {one: owner for one, (owner, *_) in plugins.connectors.items()}
    if name not in known:
        raise UsageError(
            "usage.connector.unknown",
            name=name,
            known=join_names(known, most=40),
            nearest=find_nearest(name, known) or "–",
        )
    return known[name]


def _write_form(found: SupplierCoverage, form: str) -> str:
    from passerelle.tender.covering import forms  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.covering.coverage import content  # noqa: PLC0415  kept out of start-up

    match form:
        case "json":
            return document("coverage", content(found)) + "\n"
        case "html":
            return forms.html(found).decode()
        case _:
            return forms.text(found) + "\n"
