"""`passerelle contracts`: list and show the contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.contracts.catalogue import catalogue
from passerelle.faces import wording
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, current
from passerelle.vocabulary.nearest import listed, nearest

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract


@translated.group(
    "contracts",
    help=N_("A contract says what a record holds, whatever the supplier: fields, whose data they are, what for."),
    examples=(("contracts list", N_("the catalogue")), ("contracts show visit", N_("one contract"))),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "list",
    help=N_("List the contracts with their versions and sizes."),
    examples=(("contracts list --format json", N_("for a program")),),
)
@answer_format
@pass_invocation
def list_contracts(invocation: Invocation) -> Exit:
    """List the catalogue."""
    contracts = list(catalogue().values())
    invocation.answer("contracts.list", {"contracts": [_about(contract) for contract in contracts]}, _table)
    return Exit.SETTLED


@command.command(
    "show",
    help=N_("Show the fields of a contract: title, whose data, sensitivity, purposes, origin."),
    examples=(
        ("contracts show visit", N_("as a page in Markdown")),
        ("contracts show visit/1 --format json", N_("for a program")),
    ),
)
@translated.argument("name", metavar=N_("CONTRACT"), help=N_("Its name, with or without its version."))
@translated.option(
    "--format",
    "form",
    type=click.Choice(["md", "json"]),
    default="md",
    show_default=True,
    help=N_("Markdown for people, JSON for programs."),
)
@pass_invocation
def show(invocation: Invocation, name: str, form: str) -> Exit:
    """Show one contract."""
    invocation.form = form
    contract = _find(name)
    content = _about(contract) | {"fields": [_field(contract, name) for name in contract.order()]}
    invocation.answer("contracts.show", content, lambda: _page(contract))
    return Exit.SETTLED


def _find(name: str) -> type[Contract]:
    """Find a contract by id or family; a family alone means its latest version."""
    known = catalogue()
    families = {contract.about.family: contract for contract in known.values()}
    found = known.get(name) or families.get(name)
    if found is None:
        near = nearest(name, [*families, *known]) or "–"
        raise UsageError("usage.contract.unknown", name=name, known=listed(families, most=40), nearest=near)
    return found


def _title(contract: type[Contract]) -> str:
    return contract.about.fr_title if current() == "fr" else contract.about.en_title


def _about(contract: type[Contract]) -> dict[str, Any]:
    about = contract.about
    return {
        "id": about.id,
        "version": about.version,
        "title": {"fr": about.fr_title, "en": about.en_title},
        "description": {"fr": about.fr, "en": about.en},
        "field_count": len(contract.model_fields),
        "required": [name for name, info in contract.model_fields.items() if info.is_required()],
    }


def _field(contract: type[Contract], name: str) -> dict[str, Any]:
    fact = contract.facts()[name]
    return {
        "name": name,
        "title": {"fr": fact.fr_title, "en": fact.en_title},
        "description": {"fr": fact.fr, "en": fact.en},
        "required": contract.model_fields[name].is_required(),
        "example": fact.example,
        "subject": fact.subject.value,
        "sensitivity": fact.sensitivity.value,
        "purposes": [purpose.value for purpose in fact.purposes],
        "origin": fact.origin,
        "codes": fact.codes,
        "unit": fact.unit,
        "reference": fact.reference,
    }


def _table() -> str:
    headers = (_("contract"), _("version"), _("title"), _("fields"))
    return wording.table(
        headers,
        (
            (contract.about.id, contract.about.version, _title(contract), str(len(contract.model_fields)))
            for contract in catalogue().values()
        ),
    )


def _page(contract: type[Contract]) -> str:
    about = contract.about
    head = f"# {_title(contract)} – {about.id} ({about.version})\n\n{about.fr if current() == 'fr' else about.en}\n"
    columns = (_("field"), _("title"), _("required"), _("whose data"), _("sensitivity"), _("purposes"), _("meaning"))
    rows = [columns, ("---",) * len(columns), *(_row(contract, name) for name in contract.order())]
    return head + "\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(contract: type[Contract], name: str) -> tuple[str, ...]:
    fact = contract.facts()[name]
    title, meaning = (fact.fr_title, fact.fr) if current() == "fr" else (fact.en_title, fact.en)
    required = _("yes") if contract.model_fields[name].is_required() else ""
    subject, sensitivity = _(wording.SUBJECTS[fact.subject]), _(wording.SENSITIVITIES[fact.sensitivity])
    cells = (f"`{name}`", title, required, subject, sensitivity, ", ".join(fact.purposes), meaning)
    return tuple(cell.replace("|", "\\|") for cell in cells)
