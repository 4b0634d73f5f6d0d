"""`passerelle contracts`: list, show and compare the contracts."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from passerelle.contracts.catalogue import catalogue
from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated
from passerelle.faces.cli.contracts.diff import diff
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, document, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.contracts.contract import Contract

FILES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "md": {"fr": "dictionnaire.md", "en": "dictionary.md"},
        "xlsx": {"fr": "modele.xlsx", "en": "modele.xlsx"},
        "odcs": {"fr": "odcs.yaml", "en": "odcs.yaml"},
    },
)
"""Which published file answers to a format, by the reader's language."""


@translated.group(
    "contracts",
    help=N_("A contract says what a record holds, whatever the supplier: fields, whose data they are, what for."),
    examples=(
        ("contracts list", N_("the catalogue")),
        ("contracts show visit", N_("one contract")),
        ("contracts diff contracts/editions/visit/1.0.0 visit/1", N_("what a change breaks")),
    ),
)
def command() -> None:
    """Hold the commands below."""


command.add_command(diff)


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
    invocation.answer("contracts.list", {"contracts": [_about(contract) for contract in contracts]}, _format_table)
    return Exit.SETTLED


@command.command(
    "show",
    help=N_("Show a contract: its fields, whose data they are, how sensitive, what for, and the rules between them."),
    examples=(
        ("contracts show visit", N_("as a page in Markdown")),
        ("contracts show visit/1 --format json", N_("for a program")),
        ("contracts show visit --format xlsx --output visit.xlsx", N_("a workbook to fill in")),
    ),
)
@translated.argument("name", metavar=N_("CONTRACT"), help=N_("Its name, with or without its version."))
@translated.option(
    "--format",
    "form",
    type=click.Choice(["md", "json", "xlsx", "odcs"]),
    default="md",
    show_default=True,
    help=N_("A dictionary in Markdown, JSON for programs, a workbook to fill in, or the ODCS standard in YAML."),
)
@translated.option(
    "--output",
    type=translated.File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there instead of showing it."),
)
@pass_invocation
def show(invocation: Invocation, name: str, form: str, output: Path | None) -> Exit:
    """Show one contract."""
    invocation.form = form
    contract = _find(name)
    if output is not None:
        _write(output, _read_published(contract, form))
    elif form == "xlsx":
        raise UsageError("usage.output.missing")
    else:
        invocation.answer("contracts.show", _whole(contract), lambda: _read_published(contract, form).decode().rstrip())
    return Exit.SETTLED


def _whole(contract: type[Contract]) -> dict[str, Any]:
    return _about(contract) | {"fields": [_field_to_content(contract, name) for name in contract.list_fields()]}


def _read_published(contract: type[Contract], form: str) -> bytes:
    from passerelle.contracts import publishing  # noqa: PLC0415  the list needs none of it

    if form == "json":
        return (document("contracts.show", _whole(contract)) + "\n").encode()
    return publishing.FILES[FILES[form][get_current()]](contract)


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError:
        raise UsageError("usage.file.unreadable", file=output.name) from None


def _find(name: str) -> type[Contract]:
    """Find a contract by id or family; a family alone means its latest version."""
    known = catalogue()
    families = {contract.about.family: contract for contract in known.values()}
    found = known.get(name) or families.get(name)
    if found is None:
        near = find_nearest(name, [*families, *known]) or "–"
        raise UsageError("usage.contract.unknown", name=name, known=join_names(families, most=40), nearest=near)
    return found


def _format_title(contract: type[Contract]) -> str:
    return contract.about.fr_title if get_current() == "fr" else contract.about.en_title


def _about(contract: type[Contract]) -> dict[str, Any]:
    about = contract.about
    return {
        "id": about.id,
        "version": about.version,
        "title": {"fr": about.fr_title, "en": about.en_title},
        "description": {"fr": about.fr, "en": about.en},
        "field_count": len(contract.model_fields),
        "required": _format_required(contract),
        "support_until": about.support_until or None,
    }


def _format_required(contract: type[Contract]) -> list[str]:
    return [name for name, info in contract.model_fields.items() if info.is_required()]


def _field_to_content(contract: type[Contract], name: str) -> dict[str, Any]:
    fact = contract.describe_fields()[name]
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
        "deprecated": asdict(fact.deprecated) if fact.deprecated else None,
    }


def _format_table() -> str:
    headers = (_("contract"), _("version"), _("title"), _("fields"), _("required"))
    return write_table(headers, map(_format_row, catalogue().values()))


def _format_row(contract: type[Contract]) -> tuple[str, ...]:
    about = contract.about
    version = about.version
    if about.support_until:
        version = _("{version}, until {day}").format(version=version, day=about.support_until)
    return (
        about.id,
        version,
        _format_title(contract),
        str(len(contract.model_fields)),
        str(len(_format_required(contract))),
    )
