"""`passerelle contracts`: list, show and compare the contracts."""

from __future__ import annotations

from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from passerelle.contracts.catalogue import catalogue
from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.contracts.diff import diff
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, format_document, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current
from passerelle.vocabulary.safe_files import ANYBODY, write_whole
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


@translated_click.group(
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
    contents = []
    rows = []
    for contract in catalogue().values():
        about = contract.about
        contents.append(_describe_contract(contract))
        version = about.version
        if about.support_until:
            version = _("{version}, until {day}").format(version=version, day=about.support_until)
        title = about.fr_title if get_current() == "fr" else about.en_title
        rows.append((about.id, version, title, str(len(contract.model_fields)), str(len(_list_required(contract)))))
    headers = (_("contract"), _("version"), _("title"), _("fields"), _("required"))
    invocation.answer("contracts.list", {"contracts": contents}, lambda: write_table(headers, rows))
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
@translated_click.argument("name", metavar=N_("CONTRACT"), help=N_("Its name, with or without its version."))
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["md", "json", "xlsx", "odcs"]),
    default="md",
    show_default=True,
    help=N_("A dictionary in Markdown, JSON for programs, a workbook to fill in, or the ODCS standard in YAML."),
)
@translated_click.option(
    "--output",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there instead of showing it."),
)
@pass_invocation
def show(invocation: Invocation, name: str, form: str, output: Path | None) -> Exit:
    """Show one contract."""
    invocation.form = form
    contracts = catalogue()
    families = {contract.about.family: contract for contract in contracts.values()}
    # `visit/1` before `visit`: whoever names a version means that one and no other of its family.
    contract = contracts.get(name) or families.get(name)
    if contract is None:
        near = find_nearest(name, [*families, *contracts]) or "–"
        raise UsageError("usage.contract.unknown", name=name, known=join_names(families, most=40), nearest=near)
    if output is not None:
        content = _read_published(contract, form)
        with refuse_unreadable(output):
            write_whole(output, content, ANYBODY)
    # A workbook on a terminal is of no use to anybody.
    elif form == "xlsx":
        raise UsageError("usage.output.missing")
    else:
        invocation.answer(
            "contracts.show", _describe_whole(contract), lambda: _read_published(contract, form).decode().rstrip()
        )
    return Exit.SETTLED


def _describe_whole(contract: type[Contract]) -> dict[str, Any]:
    fields = [
        {
            "name": name,
            "title": {"fr": meta.fr_title, "en": meta.en_title},
            "description": {"fr": meta.fr, "en": meta.en},
            "required": contract.model_fields[name].is_required(),
            "example": meta.example,
            "subject": meta.subject.value,
            "sensitivity": meta.sensitivity.value,
            "purposes": [purpose.value for purpose in meta.purposes],
            **{key: getattr(meta, key) for key in ("origin", "codes", "unit", "reference")},
            "deprecated": asdict(meta.deprecated) if meta.deprecated else None,
        }
        for name in contract.list_fields()
        for meta in (contract.describe_fields()[name],)
    ]
    return _describe_contract(contract) | {"fields": fields}


def _read_published(contract: type[Contract], form: str) -> bytes:
    from passerelle.contracts import publishing  # noqa: PLC0415  the list needs none of it

    if form == "json":
        return (format_document("contracts.show", _describe_whole(contract)) + "\n").encode()
    return publishing.FILES[FILES[form][get_current()]](contract)


def _describe_contract(contract: type[Contract]) -> dict[str, Any]:
    about = contract.about
    return {
        "id": about.id,
        "version": about.version,
        "title": {"fr": about.fr_title, "en": about.en_title},
        "description": {"fr": about.fr, "en": about.en},
        "field_count": len(contract.model_fields),
        "required": _list_required(contract),
        "support_until": about.support_until or None,
    }


def _list_required(contract: type[Contract]) -> list[str]:
    return [name for name, info in contract.model_fields.items() if info.is_required()]
