"""`passerelle coverage`: which fields of the contracts a supplier fills and takes back, by its description alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, add_page_options, format_document, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.safe_files import ANYBODY, write_whole
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from passerelle.extension.supplier import Supplier


@translated_click.command(
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
@translated_click.argument(
    "supplier", metavar=N_("SUPPLIER"), help=N_("A supplier, one of its connectors, or a description in TOML.")
)
@translated_click.option(
    "--for",
    "tender",
    type=click.Path(path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("A tender: say what it asks for and the supplier lacks."),
)
@add_page_options
@pass_invocation
def command(invocation: Invocation, supplier: str, tender: Path | None, form: str, output: Path | None) -> Exit:
    """Compute what a supplier covers."""
    from passerelle.tender import consultation  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.covering import forms  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.covering.coverage import cover, to_content  # noqa: PLC0415  kept out of start-up

    invocation.form = form
    covered = cover(_find_supplier(invocation, supplier), consultation.read(tender) if tender else None)
    match form:
        case "json":
            answer = format_document("coverage", to_content(covered)) + "\n"
        case "html":
            answer = forms.write_html(covered).decode()
        case _:
            answer = forms.write_text(covered) + "\n"
    if output is None:
        show(answer, nl=False)
    else:
        with refuse_unreadable(output):
            # The same bytes on every system: pages are compared and kept.
            write_whole(output, answer, ANYBODY)
    return Exit.SETTLED


def _find_supplier(invocation: Invocation, name: str) -> Supplier:
    """Return the supplier of a name, of one of its connectors, or of a description in TOML."""
    if name.endswith(".toml"):
        from passerelle.extension.toml_files import read_local  # noqa: PLC0415  kept out of start-up

        return read_local(Path(name))
    plugins = invocation.load_plugins()
    suppliers = {supplier.id: supplier for supplier in plugins.suppliers}
    suppliers |= {connector: supplier for connector, (supplier, *_) in plugins.connectors.items()}
    if name not in suppliers:
        raise UsageError(
            "usage.connector.unknown",
            name=name,
            known=join_names(suppliers, most=40),
            nearest=find_nearest(name, suppliers) or "–",
        )
    return suppliers[name]
