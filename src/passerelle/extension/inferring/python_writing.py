"""A proposal written as the Python module of a plugin: the same objects as the TOML description gives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from passerelle.extension.inferring.proposal import MARK
from passerelle.extension.inferring.toml_writing import dialect_keys, marked, remark
from passerelle.extension.toml_converters import AnySpec
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.inferring.naming import Names
    from passerelle.extension.inferring.proposal import Choice, Proposal, Spec

_WRITERS = {get_args(one.model_fields["kind"].annotation)[0]: one for one in get_args(get_args(AnySpec)[0])}
"""The specification of each converter, by `kind`."""
_NAMES = {"telecom": "Telecom", "ref": "Ref", "first_of": "FirstOf"}


def python_of(proposal: Proposal, names: Names) -> str:
    """Write the module. Code tables stand in it: a plugin opens no file."""
    kind = type(proposal.sample.dialect).__name__
    lines = [
        f'"""{_text(names.title)}: proposed from the shape of a file; what waits for a person is marked {MARK}."""',
        "",
        f"from passerelle import Connector, {kind}, Supplier, Table, hookimpl",
        "from passerelle import convert as to",
        "",
        f"_SYSTEM = {_value(names.id)}",
        *(line for table in proposal.tables for line in _code_table(table.file, table.guessed)),
        "",
        "CONNECTOR = Connector(",
        f"    id={_value(names.connector)},",
        f"    title={_value(names.connector_title)},",
        f"    dialect={_dialect(proposal)},",
        f"    nulls={_value(proposal.nulls)},",
        "    tables=(",
        "        Table(",
        f"            contract={_value(proposal.contract)},",
        "            fields={",
        *(f"                {line}" for choice in proposal.choices for line in _field(choice, proposal.contract)),
        "            },",
        *_carried(proposal),
        "        ),",
        "    ),",
        ")",
        "",
        "",
        "@hookimpl",
        "def provide_suppliers() -> list[Supplier]:",
        '    """Give the one supplier of this plugin."""',
        f"    return [Supplier(id=_SYSTEM, title={_value(names.title)}, connectors=(CONNECTOR,))]",
    ]
    return "\n".join(lines) + "\n"


def _text(title: str) -> str:
    return re.sub(r'["\\\r\n]+', " ", title)


def _constant(file: str) -> str:
    return "_" + file.rpartition("/")[2].removesuffix(".csv").upper()


def _code_table(file: str, guessed: Mapping[str, str]) -> Iterator[str]:
    yield f"{_constant(file)} = {{"
    yield from (f"    {_value(word)}: {_value(code)}," for word, code in guessed.items())
    yield "}"


def _dialect(proposal: Proposal) -> str:
    keys = dialect_keys(proposal.sample.dialect)
    name = type(proposal.sample.dialect).__name__
    return f"{name}({', '.join(f'{key}={_value(given)}' for key, given in keys.items() if key != 'kind')})"


def _carried(proposal: Proposal) -> Iterator[str]:
    if proposal.carried:
        yield "            # " + marked(_("is there a field for these columns? Carried as they are, none is lost."))
        yield f"            carried={_value(proposal.carried)},"


def _field(choice: Choice, contract: str) -> Iterator[str]:
    yield f"# {remark(choice, contract)}"
    for question in choice.questions:
        yield f"# {marked(question)}"
    made = [_converter(spec) for spec in choice.specs]
    yield f"{_value(choice.field)}: {made[0]}," if len(made) == 1 else f"{_value(choice.field)}: ({', '.join(made)}),"


def _converter(spec: Spec) -> str:
    given = {key: one for key, one in spec.items() if key != "kind"}
    kind = spec["kind"]
    name = _NAMES.get(kind) or _WRITERS[kind].makes.__name__
    if kind == "telecom":
        given["kind"] = given.pop("of")
    first = [_value(given.pop("column"))] if "column" in given else []
    written = [f"{key}={_argument(key, one)}" for key, one in given.items()]
    return f"to.{name}({', '.join([*first, *written, *(['system=_SYSTEM'] if kind == 'ref' else [])])})"


def _argument(key: str, given: Any) -> str:
    return _constant(given) if key == "table" else _value(given)


def _value(given: Any) -> str:
    """Write a literal; texts in double quotes, as JSON writes them: every such text means the same in Python."""
    if isinstance(given, str):
        return json.dumps(given, ensure_ascii=False)
    if isinstance(given, Mapping):
        return "{" + ", ".join(f"{_value(key)}: {_value(one)}" for key, one in given.items()) + "}"
    if isinstance(given, list | tuple):
        return f"({', '.join(map(_value, given))}{',' * (len(given) == 1)})"
    return repr(given)
