"""Write a proposal as the Python module of a plugin, equal to its TOML description."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from passerelle.extension.inferring.proposal import EACH, MARK
from passerelle.extension.inferring.toml_writing import (
    TOTALS,
    TOTALS_EN,
    TOTALS_FR,
    explain_choice,
    list_dialect_keys,
    list_naming,
    list_waived,
    mark_question,
)
from passerelle.extension.toml_converters import AnySpec
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.inferring.plugin_names import PluginNames
    from passerelle.extension.inferring.proposal import FieldChoice, Proposal, Spec

_WRITERS = {get_args(one.model_fields["kind"].annotation)[0]: one for one in get_args(get_args(AnySpec)[0])}
"""The specification of each converter, by `kind`."""
_NAMES = {"telecom": "Telecom", "ref": "Ref", "first_of": "FirstOf"}


def write_python(proposal: Proposal, names: PluginNames) -> str:
    """Write the module. Code tables stand in it: a plugin opens no file."""
    kind = type(proposal.sample.dialect).__name__
    keys = list_dialect_keys(proposal.sample.dialect)
    dialect = ", ".join(f"{key}={_write_value(value)}" for key, value in keys.items() if key != "kind")
    # A quote or a backslash in the title would end the docstring, or begin an escape in it.
    title = re.sub(r'["\\\r\n]+', " ", names.title)
    needed = ["Supplier", "Table", *(["Where"] if proposal.totals or proposal.each else []), "hookimpl"]
    needed = [*(["OutOfScope"] if proposal.totals else []), *needed]
    rows = (line for choice in proposal.choices for line in _write_field(choice, proposal.contract))
    lines = [
        f'"""{title}: proposed from the shape of a file; what waits for a person is marked {MARK}."""',
        "",
        f"from passerelle import Connector, {kind}, {', '.join(needed)}",
        "from passerelle import convert as to",
        "",
        f"_SYSTEM = {_write_value(names.id)}",
        *(line for table in proposal.tables if table.guessed for line in _write_code_table(table.file, table.guessed)),
        "",
        *(f"# {line}" for line in list_naming(proposal)),
        "CONNECTOR = Connector(",
        f"    id={_write_value(names.connector)},",
        f"    title={_write_value(names.connector_title)},",
        f"    dialect={kind}({dialect}),",
        f"    nulls={_write_value(proposal.nulls)},",
        "    tables=(",
        *_repeat_table(
            proposal,
            [
                "        Table(",
                f"            contract={_write_value(proposal.contract)},",
                "            fields={",
                *(f"                {row}" for row in rows),
                "            },",
                *_write_table_keys(proposal),
            ],
        ),
        "    ),",
        *_write_totals(proposal),
        ")",
        "",
        "",
        "@hookimpl",
        "def provide_suppliers() -> list[Supplier]:",
        '    """Return the one supplier of this plugin."""',
        f"    return [Supplier(id=_SYSTEM, title={_write_value(names.title)}, connectors=(CONNECTOR,))]",
    ]
    return "\n".join(lines) + "\n"


def _repeat_table(proposal: Proposal, lines: list[str]) -> Iterator[str]:
    """Write a table, or one for each of its repeated groups of columns: a group without a value is no record."""
    for word in proposal.each or ("",):
        own = tuple(name.replace(EACH, word) for name in proposal.templates)
        yield from (line.replace(EACH, word) for line in lines)
        if word:
            yield f"            where=(Where.holds({', '.join(map(_write_value, own))}),),"
        if word and word != proposal.each[0]:
            yield f"            optional={_write_value(own)},"
        yield "        ),"


def _write_table_keys(proposal: Proposal) -> Iterator[str]:
    """Write what a table says besides its fields."""
    if proposal.carried:
        question = _("is there a field for these columns? Carried as they are, none is lost.")
        yield f"            # {mark_question(question)}"
        yield f"            carried={_write_value(proposal.carried)},"
    if proposal.cuts:
        yield f"            cut={_write_value(dict(proposal.cuts))},"
    if waived := list_waived(proposal):
        yield f"            waived={_write_value(waived)},"


def _write_totals(proposal: Proposal) -> Iterator[str]:
    """Write that rows of totals are left out, as the description does."""
    if not proposal.totals:
        return
    yield "    out_of_scope=("
    for column in proposal.totals:
        where = f"Where.begins({', '.join(map(_write_value, (column, *TOTALS)))})"
        yield f"        OutOfScope(fr={_write_value(TOTALS_FR)}, en={_write_value(TOTALS_EN)}, where=({where},)),"
    yield "    ),"


def _name_constant(file: str) -> str:
    return "_" + file.rpartition("/")[2].removesuffix(".csv").upper()


def _write_code_table(file: str, guessed: Mapping[str, str]) -> Iterator[str]:
    yield f"{_name_constant(file)} = {{"
    yield from (f"    {_write_value(word)}: {_write_value(code)}," for word, code in guessed.items())
    yield "}"


def _write_field(choice: FieldChoice, contract: str) -> Iterator[str]:
    yield f"# {explain_choice(choice, contract)}"
    for question in choice.questions:
        yield f"# {mark_question(question)}"
    made = [_write_converter(spec) for spec in choice.specs]
    yield (
        f"{_write_value(choice.field)}: {made[0]},"
        if len(made) == 1
        else f"{_write_value(choice.field)}: ({', '.join(made)}),"
    )


def _write_converter(spec: Spec) -> str:
    arguments = {key: value for key, value in spec.items() if key != "kind"}
    kind = spec["kind"]
    name = _NAMES.get(kind) or _WRITERS[kind].makes.__name__
    if kind == "telecom":
        # `kind` names the converter in a description, so its own argument of that name is written `of` there.
        arguments["kind"] = arguments.pop("of")
    first = [_write_value(arguments.pop("column"))] if "column" in arguments else []
    named = [
        f"{key}={_name_constant(value) if key == 'table' else _write_value(value)}" for key, value in arguments.items()
    ]
    return f"to.{name}({', '.join([*first, *named, *(['system=_SYSTEM'] if kind == 'ref' else [])])})"


def _write_value(value: Any) -> str:
    """Write a literal; texts in double quotes, as JSON writes them: every such text means the same in Python."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_write_value(key)}: {_write_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_write_value, value))}{',' * (len(value) == 1)})"
    return repr(value)
