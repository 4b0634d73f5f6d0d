"""Doubts about records that satisfy their contract: each kind row-wise, and columnar where there is surely none.

Wrong keys of numbers and codes that their list does not have are found here; other kinds have modules of their own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import nomenclatures
from passerelle.contracts import identifiers
from passerelle.contracts.types import Coded, Identifier
from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.doubtful_days import check_days, iter_day_doubts
from passerelle.stages.validate.doubtful_places import check_addresses, check_birthplaces, iter_place_doubts
from passerelle.stages.validate.doubtful_texts import check_texts, iter_text_doubts
from passerelle.stages.validate.findings import ValidationFinding
from passerelle.stages.validate.nir_coherence import check_coherence, iter_incoherences
from passerelle.stages.validate.shape_descriptions import describe_value
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from datetime import date

    from passerelle.contracts.contract import Contract
    from passerelle.stages.validate.contract_tree import Node

_REASONS = {
    "wrong_key": "validate.identifier.wrong_key",
    "malformed": "validate.identifier.malformed",
}
_UNKNOWN_CODE = "validate.code.unknown"


_check_number = lru_cache(maxsize=8192)(identifiers.check)
"""Checks a number; cached because the same persons and organisations come again and again."""


@dataclass(frozen=True, slots=True)
class DoubtSetting:
    """When and where a parcel was received, for what is doubtful only then or there."""

    received_on: date | None = None
    """None: days to come are not doubted."""
    home: str = "FR"
    """Country of addresses that name none, ISO 3166-1."""


NO_SETTING = DoubtSetting()
"""A record that is judged by itself, in France."""


def iter_doubts(
    record: Any,
    contract: type[Contract],
    setting: DoubtSetting,
    *,
    strict: Container[str] = (),
    undoubted: bool = False,
) -> Iterator[ValidationFinding]:
    """Yield the doubts about a record that its contract accepts; they warn, unless the flow or the list is strict.

    `undoubted`: `check_doubts` says of all its kinds that there is none.
    """
    # A record that comes as JSON may say `null` where another leaves a field out: both say nothing.
    for name, inner in _select_doubtful(contract).items():
        if (value := record.get(name)) is not None:
            yield from _iter_within(value, inner, name, name, strict)
    if undoubted:
        return
    record = {name: value for name, value in record.items() if value is not None}
    others = chain(
        iter_incoherences(record, contract),
        iter_day_doubts(record, contract, setting.received_on),
        iter_place_doubts(record, contract, setting.home),
        iter_text_doubts(record, contract),
    )
    for finding in others:
        yield replace(finding, warns=False) if finding.reason in strict else finding


def check_doubts(frame: pl.DataFrame, contract: type[Contract], setting: DoubtSetting) -> dict[str, pl.Series]:
    """Return, by kind, the rows in which `iter_doubts` surely finds none; keys and codes are checked elsewhere."""
    expressions = {
        "days": check_days(frame, contract, setting.received_on),
        "texts": check_texts(frame, contract),
        "birthplaces": check_birthplaces(frame, contract),
    }
    plain = frame.select(
        pl.all_horizontal(checks).fill_null(value=False).alias(kind) for kind, checks in expressions.items() if checks
    )
    columns = {
        "nir": check_coherence(frame, contract),
        "addresses": check_addresses(frame, contract, setting.home),
    }
    return {series.name: series for series in plain} | {
        kind: rows for kind, rows in columns.items() if rows is not None
    }


def list_doubtful_fields(contract: type[Contract]) -> tuple[str, ...]:
    """Return the fields that `iter_doubts` reads of a record which is `undoubted`."""
    return tuple(_select_doubtful(contract))


@cache
def _select_doubtful(contract: type[Contract]) -> Mapping[str, Node]:
    """Return the fields in which something may be doubtful, pruned to those places."""
    return _prune(read_tree(contract)).fields


def _prune(node: Node) -> Node:
    item = node.item and _prune(node.item)
    fields = {name: inner for name, whole in node.fields.items() if _can_doubt(inner := _prune(whole))}
    return replace(node, item=item if item and _can_doubt(item) else None, fields=fields)


def _can_doubt(node: Node) -> bool:
    return node.model is Identifier or (node.model is Coded and bool(node.codes)) or bool(node.item or node.fields)


def _iter_within(value: Any, node: Node, path: str, field: str, strict: Container[str]) -> Iterator[ValidationFinding]:
    if node.item is not None and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _iter_within(item, node.item, f"{path}[{index}]", field, strict)
    elif node.model is Identifier:
        yield from _iter_number_doubts(value, path, field, strict)
    elif node.model is Coded:
        yield from _iter_code_doubts(value, node, path, field, strict)
    else:
        for name, inner in node.fields.items():
            if value.get(name) is not None:
                yield from _iter_within(value[name], inner, f"{path}.{name}", f"{field}.{name}", strict)


def _iter_number_doubts(
    value: dict[str, str], path: str, field: str, strict: Container[str]
) -> Iterator[ValidationFinding]:
    system, number = value["system"], value["value"]
    reason = _REASONS.get(_check_number(system, number))
    if reason:
        found = describe_value(number)
        yield _make_number_doubt(reason, system.lower(), found, path, field, reason not in strict)


# Cached: a file of wrong numbers has few kinds of them. Only a system that passerelle checks comes here: its name is
# one of ours, not a word of the record.
@lru_cache(maxsize=1024)
def _make_number_doubt(reason: str, system: str, found: str, path: str, field: str, warns: bool) -> ValidationFinding:  # noqa: FBT001  a key of the cache
    details = {"path": f"{path}.value", "system": system, "found": found}
    return ValidationFinding(reason, f"{field}.value", details, warns=warns)


def _iter_code_doubts(
    value: dict[str, str], node: Node, path: str, field: str, strict: Container[str]
) -> Iterator[ValidationFinding]:
    code = value.get("code")
    # `null` for a system is none, too: it must not pass for the name of another list.
    if not node.codes or code is None or (value.get("system") or node.codes) not in list_system_names(node.codes):
        return
    if code not in list_codes(node.codes):
        details = {"path": f"{path}.code", "list": node.codes, "found": describe_value(code)}
        warns = node.open_codes and _UNKNOWN_CODE not in strict
        yield ValidationFinding(_UNKNOWN_CODE, f"{field}.code", details, warns=warns)


@cache
def list_codes(name: str) -> frozenset[str]:
    """Return the codes of a nomenclature."""
    return frozenset(nomenclatures.get(name).codes)


@cache
def list_system_names(name: str) -> frozenset[str]:
    """Return the words by which the `system` of a coded value names a nomenclature; another word is another list."""
    nomenclature = nomenclatures.get(name)
    numbers = {nomenclature.oid, f"urn:oid:{nomenclature.oid}"} if nomenclature.oid else set()
    return frozenset({name, nomenclature.system, *numbers})
