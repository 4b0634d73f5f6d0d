"""What may be wrong without being against the contract: control keys of numbers, codes that no list has."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts import identifiers
from passerelle.contracts.types import Coded, Identifier
from passerelle.stages.validate import wording
from passerelle.stages.validate.finding import Finding
from passerelle.stages.validate.node import tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.stages.validate.node import Node

_DOUBTFUL = {
    "wrong_key": "validate.identifier.wrong_key",
    "malformed": "validate.identifier.malformed",
}


def doubts(record: Any, contract: type[Contract], *, strict_identifiers: bool = False) -> Iterator[Finding]:
    """Look through a record that its contract accepts. Findings warn, unless the flow or the list is strict."""
    for name, inner in _doubtful(contract).items():
        if name in record:
            yield from _within(record[name], inner, name, name, strict_identifiers)


@cache
def _doubtful(contract: type[Contract]) -> Mapping[str, Node]:
    """Return the fields in which something may be doubtful, and of them only that."""
    return _narrowed(tree(contract)).fields


def _narrowed(node: Node) -> Node:
    item = node.item and _narrowed(node.item)
    fields = {name: inner for name, whole in node.fields.items() if _can_doubt(inner := _narrowed(whole))}
    return replace(node, item=item if item and _can_doubt(item) else None, fields=fields)


def _can_doubt(node: Node) -> bool:
    return node.model is Identifier or (node.model is Coded and bool(node.codes)) or bool(node.item or node.fields)


def _within(value: Any, node: Node, path: str, field: str, strict: bool) -> Iterator[Finding]:  # noqa: FBT001  private
    if node.item is not None and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _within(item, node.item, f"{path}[{index}]", field, strict)
    elif node.model is Identifier:
        yield from _number(value, path, field, strict)
    elif node.model is Coded:
        yield from _code(value, node, path, field)
    else:
        for name, inner in node.fields.items():
            if name in value:
                yield from _within(value[name], inner, f"{path}.{name}", f"{field}.{name}", strict)


def _number(value: dict[str, str], path: str, field: str, strict: bool) -> Iterator[Finding]:  # noqa: FBT001  private
    system, number = value["system"], value["value"]
    reason = _DOUBTFUL.get(_checked(system, number))
    if reason:
        # Only a system that passerelle checks comes here: its name is one of ours, not a word of the record.
        facts = {"path": f"{path}.value", "system": system.lower(), "found": wording.found(number)}
        yield Finding(reason, f"{field}.value", facts, warns=not strict)


@lru_cache(maxsize=8192)
def _checked(system: str, number: str) -> identifiers.Check:
    """Check a number; the same person, and whoever serves them, come again and again."""
    return identifiers.check(system, number)


def _code(value: dict[str, str], node: Node, path: str, field: str) -> Iterator[Finding]:
    code = value.get("code")
    if not node.codes or code is None or value.get("system", node.codes) not in names_of(node.codes):
        return
    if code not in codes_of(node.codes):
        facts = {"path": f"{path}.code", "list": node.codes, "found": wording.found(code)}
        yield Finding("validate.code.unknown", f"{field}.code", facts, warns=node.open_codes)


@cache
def codes_of(name: str) -> frozenset[str]:
    """Return the codes of a nomenclature."""
    return frozenset(nomenclatures.get(name).codes)


@cache
def names_of(name: str) -> frozenset[str]:
    """Return the words by which a coded value names a nomenclature as its `system`; another word is another list."""
    nomenclature = nomenclatures.get(name)
    numbers = {nomenclature.oid, f"urn:oid:{nomenclature.oid}"} if nomenclature.oid else set()
    return frozenset({name, nomenclature.system, *numbers})
