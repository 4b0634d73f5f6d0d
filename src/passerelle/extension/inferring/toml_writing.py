"""Write a proposal as the TOML description of a supplier; what a person must decide is marked in place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.extension.inferring.file_naming import AGENCY, PLACE
from passerelle.extension.inferring.proposal import MARK
from passerelle.vocabulary.formatting import format_labelled, format_number, is_seen
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.inferring.plugin_names import PluginNames
    from passerelle.extension.inferring.proposal import FieldChoice, Proposal
    from passerelle.stages.decode.dialects import Dialect


TOTALS_FR, TOTALS_EN = "ligne de total que le logiciel ajoute", "row of totals that the software adds"
TOTALS = ("Total", "Sous-total", "Sous total", "Totaux", "Somme", "Cumul")


def write_toml(proposal: Proposal, names: PluginNames) -> str:
    """Write the description. No value of the file is in it: only names of columns and formats."""
    connector = f"connector.{names.connector}"
    table = f"{connector}.table.rows"
    carried = []
    if proposal.carried:
        question = _("is there a field for these columns? Carried as they are, none is lost.")
        carried = [f"# {mark_question(question)}", f"carried = {write_value(proposal.carried)}"]
    lines = [
        "# " + _("Proposed from the shape of a file. Read every line: a proposal is not a decision."),
        "# " + _("What waits for a person is marked «{mark}»; take the mark away with the doubt.").format(mark=MARK),
        "",
        f"id = {write_value(names.id)}",
        f"title = {write_value(names.title)}",
        "",
        f"[{connector}]",
        f"title = {write_value(names.connector_title)}",
        f"nulls = {write_value(proposal.nulls)}",
        *(f"# {line}" for line in list_naming(proposal)),
        "",
        f"[{connector}.dialect]",
        *(f"{key} = {write_value(given)}" for key, given in list_dialect_keys(proposal.sample.dialect).items()),
        "",
        f"[{table}]",
        f"contract = {write_value(proposal.contract)}",
        *carried,
        *([f"each = {write_value(proposal.each)}"] if proposal.each else []),
        *_write_cuts(proposal),
        "",
        f"[{table}.fields]",
        *(line for choice in proposal.choices for line in _write_field(choice, proposal.contract)),
        *_write_totals(proposal, connector),
    ]
    return "\n".join(lines) + "\n"


def list_naming(proposal: Proposal) -> list[str]:
    """Return what to write when the name of a file says where its rows are from: one name alone does not prove it."""
    naming = proposal.naming
    if not naming.shape:
        return []
    said = _("the file's name says a place: is it that of all rows, and are all files named so? Then write:")
    maybe = _("does the file's name say of which place all its rows are, and are all files named so? Then write:")
    field = {"kind": "ref", "column": AGENCY, "entity": "organisation"}
    return [
        mark_question(said if naming.sure else maybe),
        f"file_name = {write_value(naming.shape)}",
        f"{PLACE} = {write_value(field)}",
    ]


def _write_cuts(proposal: Proposal) -> Iterator[str]:
    """Write the cuts; a part that fills nothing is waived, with its reason."""
    if not proposal.cuts:
        return
    yield f"cut = {write_value(dict(proposal.cuts))}"
    if waived := list_waived(proposal):
        yield f"waived = {write_value(waived)}"


def list_waived(proposal: Proposal) -> dict[str, str]:
    """Return the parts of cut columns that no field takes, with the reason."""
    used = {column for choice in proposal.choices for column in choice.columns}
    reason = _("a part of a cell that no field takes")
    return {part: reason for part in proposal.parts if part not in used}


def _write_totals(proposal: Proposal, connector: str) -> Iterator[str]:
    """Write that rows of totals are left out, by the column in which they say so."""
    for number, column in enumerate(proposal.totals, start=1):
        yield ""
        yield f"[{connector}.out_of_scope.totals_{number}]"
        yield f"fr = {write_value(TOTALS_FR)}"
        yield f"en = {write_value(TOTALS_EN)}"
        yield f"where = [{{ column = {write_value(column)}, begins = {write_value(TOTALS)} }}]"


def _write_field(choice: FieldChoice, contract: str) -> Iterator[str]:
    """Write one field below what it is called, why it is proposed, and what is to be asked."""
    yield f"# {explain_choice(choice, contract)}"
    for question in choice.questions:
        yield f"# {mark_question(question)}"
    written = [write_value(spec) for spec in choice.specs]
    yield f"{choice.field} = {written[0]}" if len(written) == 1 else f"{choice.field} = [{', '.join(written)}]"


def explain_choice(choice: FieldChoice, contract: str) -> str:
    """Return what a field is, how sure the proposal is and why."""
    fact = get(contract).describe_fields()[choice.field]
    title = fact.fr_title if get_current() == "fr" else fact.en_title
    return _("{title}; confidence {confidence}: {reasons}").format(
        title=title, confidence=format_number(choice.confidence, 2), reasons=", ".join(choice.reasons)
    )


def mark_question(question: str) -> str:
    """Put the mark before a question."""
    return format_labelled(MARK, question)


def list_dialect_keys(dialect: Dialect) -> dict[str, Any]:
    """Return what a description says of a dialect: its kind, and what is not as usual."""
    usual = type(dialect)()
    own = {one.name: getattr(dialect, one.name) for one in fields(dialect)}
    kind = type(dialect).__name__.lower()
    always = {"kind": kind} | ({"delimiter": own["delimiter"]} if kind == "csv" else {})
    return always | {key: given for key, given in own.items() if given != getattr(usual, key)}


def write_value(given: Any) -> str:
    """Write a value as TOML: texts, numbers, flags, lists, tables on one line."""
    if isinstance(given, Mapping):
        # TOML allows ASCII letters, digits, «_» and «-» in a key without quotes.
        bare = {key for key in given if key.isascii() and key.replace("_", "").replace("-", "").isalnum()}
        pairs = ((key if key in bare else write_value(key), write_value(value)) for key, value in given.items())
        return "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"
    if isinstance(given, Sequence) and not isinstance(given, str):
        return f"[{', '.join(write_value(one) for one in given)}]"
    # What TOML forbids in a text and JSON allows (U+007F), and what a reader would not see.
    return "".join(char if is_seen(char) else f"\\U{ord(char):08x}" for char in json.dumps(given, ensure_ascii=False))
