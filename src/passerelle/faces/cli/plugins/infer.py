"""`passerelle plugins infer`: the layout of a file, and the mapping to a contract that it suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.failures import name_file
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, format_document, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count, format_number, show_name
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.extension.inferring.proposal import FieldChoice, Proposal

_SHOWN = 3
"""How many values of a column are shown, when values are asked for."""
_RANKED = 3
"""How many contracts of the ranking are shown."""

contract_option = translated_click.option(
    "--contract", metavar=N_("CONTRACT"), help=N_("The contract to fill, as visit/1; by default the likeliest one.")
)


@translated_click.command(
    "infer",
    help=N_(
        "Look at the shape of a file (separator, encoding, names, dates, code lists) and propose which contract it "
        "fills and how, each field with its confidence and its reasons. At most 5,000 rows are read; no value of the "
        "file is shown unless you ask for it."
    ),
    examples=(
        ("plugins infer export.csv", N_("the likeliest contract")),
        ("plugins infer export.csv --contract visit/1 --format toml", N_("a description to start from")),
    ),
)
@translated_click.argument(
    "file",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The supplier's file, as received."),
)
@contract_option
@translated_click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "toml"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, TOML for a description to start from."),
)
@translated_click.option("--show-values", is_flag=True, help=N_("Show values of the file beside its columns."))
@pass_invocation
def infer_file(invocation: Invocation, file: Path, contract: str | None, form: str, *, show_values: bool) -> Exit:
    """Propose a mapping."""
    invocation.form = form
    proposal = propose_fields(file, contract)
    if form == "toml":
        if not proposal.contract:
            near = join_names([one for one, _score in proposal.ranking[:_RANKED]])
            raise UsageError("usage.sample.no_contract", file=file.name, near=near)
        from passerelle.extension.inferring.plugin_names import make_names  # noqa: PLC0415  kept out of start-up
        from passerelle.extension.inferring.toml_writing import write_toml  # noqa: PLC0415  kept out of start-up

        show(write_toml(proposal, make_names(f"export {file.stem}", proposal)), nl=False)
    elif form == "json":
        show(format_document("plugins.infer", to_content(proposal, show_values=show_values)))
    else:
        show(format_text(proposal, show_values=show_values))
    return Exit.SETTLED


def propose_fields(file: Path, contract: str | None) -> Proposal:
    """Infer from a file. Raises UsageError for a contract that does not exist or a file that cannot be opened."""
    from passerelle.contracts.catalogue import catalogue  # noqa: PLC0415  kept out of start-up
    from passerelle.extension.inferring.proposing import infer  # noqa: PLC0415  kept out of start-up

    chosen = ""
    if contract:
        chosen = contract if "/" in contract else f"{contract}/1"
        if chosen not in (ids := catalogue()):
            near = find_nearest(contract, ids) or "–"
            raise UsageError("usage.contract.unknown", name=contract, known=join_names(ids), nearest=near)
    with refuse_unreadable(file):
        stream = file.open("rb")
    with name_file(file), stream:
        return infer(stream, contract=chosen, name=file.name)


def to_content(proposal: Proposal, *, show_values: bool) -> dict[str, Any]:
    """Return the proposal as JSON content, `passerelle.plugins.infer/1`."""
    from passerelle.extension.inferring.toml_writing import list_dialect_keys  # noqa: PLC0415  kept out of start-up

    content: dict[str, Any] = {
        "contract": proposal.contract or None,
        "ranking": [{"contract": name, "score": score} for name, score in proposal.ranking],
        "dialect": list_dialect_keys(proposal.sample.dialect),
        "rows": proposal.sample.rows,
        "nulls": list(proposal.nulls),
        "fields": [
            {
                "field": choice.field,
                "columns": list(proposal.list_sources(choice)),
                "converters": [dict(spec) for spec in choice.specs],
                "confidence": choice.confidence,
                "reasons": list(choice.reasons),
                "questions": list(choice.questions),
            }
            for choice in proposal.choices
        ],
        "carried": list(proposal.carried),
        "cut": dict(proposal.cuts),
        "each": list(proposal.each),
        "file_name": proposal.naming.shape,
        "missing": list(proposal.missing),
        "tables": [
            {"file": table.file, "known": len(table.guessed), "undecided": len(table.undecided)}
            for table in proposal.tables
        ],
        "questions": proposal.questions,
    }
    if show_values:
        content["values"] = {column: _list_values(proposal, column) for column in proposal.sample.columns}
    return content


def _list_values(proposal: Proposal, column: str) -> list[str]:
    cells = proposal.sample.columns[column]
    return list(dict.fromkeys(cell for cell in cells if cell))[:_SHOWN]


def format_text(proposal: Proposal, *, show_values: bool) -> str:
    """Write the proposal: the file, the contract, column by column, then what is to be decided."""
    sample = proposal.sample
    kind = type(sample.dialect).__name__.upper()
    columns = translate_plural("{count} column", "{count} columns", len(sample.columns))
    rows = translate_plural("{count} row looked at", "{count} rows looked at", sample.rows)
    counts = (columns.format(count=len(sample.columns)), rows.format(count=format_count(sample.rows)))
    lines = [
        ", ".join((kind, *counts, *sample.remarks)),
        _("contract: {contract}").format(contract=proposal.contract or _("none fits")),
    ]
    if proposal.ranking:
        others = ", ".join(f"{name} ({format_number(score, 2)})" for name, score in proposal.ranking[:_RANKED])
        words = _("likeliest: {others}") if proposal.contract else _("nearest: {others}")
        lines.append(words.format(others=others))
    if not proposal.contract:
        lines.append(_("The file lacks what makes any contract. If you know better, name one with --contract."))
    table = write_table(*_format_columns(proposal, show_values=show_values))
    return "\n".join([*lines, "", table, "", *_format_decisions(proposal)])


def _format_columns(proposal: Proposal, *, show_values: bool) -> tuple[list[str], list[list[str]]]:
    """Return one line a column of the file, in its order, then the fields that no column fills."""
    headers = [_("column"), _("field"), _("converter"), _("confidence"), _("why")]
    rows = []
    for column in proposal.sample.columns:
        choices = [choice for choice in proposal.choices if column in proposal.list_sources(choice)]
        rows += [[column, *_format_choice(choice)] for choice in choices] or [
            [column, "–", "–", "–", _("carried") if proposal.contract else "–"]
        ]
    rows += [["–", *_format_choice(choice)] for choice in proposal.choices if not choice.columns]
    if show_values:
        headers.append(_("values"))
        rows = [
            [*row, " | ".join(_list_values(proposal, row[0])) if row[0] in proposal.sample.columns else ""]
            for row in rows
        ]
    return headers, [[show_name(row[0]), *row[1:]] for row in rows]


def _format_choice(choice: FieldChoice) -> list[str]:
    kinds = dict.fromkeys(str(spec["kind"]) for spec in choice.specs)
    return [choice.field, ", ".join(kinds), format_number(choice.confidence, 2), ", ".join(choice.reasons)]


def _format_decisions(proposal: Proposal) -> Iterator[str]:
    from passerelle.extension.inferring.scaffolding import list_questions  # noqa: PLC0415  kept out of start-up

    if not proposal.contract:
        return
    yield from list_questions(proposal)
    for table in proposal.tables:
        yield _("{file}: words known: {known}, to decide: {undecided}").format(
            file=table.file, known=len(table.guessed), undecided=len(table.undecided)
        )
    for name in proposal.missing:
        yield _("nothing in the file can fill the required field «{field}»").format(field=name)
