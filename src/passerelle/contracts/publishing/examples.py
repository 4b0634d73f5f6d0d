"""Example records to test a reader or a sender: accepted, accepted with a warning, refused with a reason code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts import field_types
from passerelle.contracts.types import TEXT, FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.contracts.contract import Contract, Rule

Record = dict[str, Any]

_DEFECTS: dict[FieldKind, tuple[tuple[Any, str], ...]] = {
    FieldKind.URN: (("1001", "validate.reference.malformed"),),
    FieldKind.DAY: (("31/12/2024", "validate.day.malformed"), ("2024-02-30", "validate.day.impossible")),
    FieldKind.PARTIAL_DAY: (("04/1947", "validate.day.malformed"),),
    FieldKind.INSTANT: (
        ("2024-12-31T08:00:00", "validate.instant.malformed"),
        ("2024-02-30T08:00:00+01:00", "validate.instant.impossible"),
    ),
    # A JSON number is refused as well: many readers make a binary fraction of it, and cents get lost.
    FieldKind.AMOUNT: (("12,50", "validate.amount.malformed"), (12.5, "validate.value.wrong_type")),
    FieldKind.QUANTITY: (("1,5", "validate.quantity.malformed"),),
    FieldKind.INTEGER: ((-1, "validate.value.out_of_bounds"), ("12", "validate.value.wrong_type")),
    FieldKind.FLAG: (("oui", "validate.value.wrong_type"),),
    FieldKind.WORD: (("unheard_of", "validate.word.unknown"),),
    FieldKind.LIST: (("un, deux", "validate.value.wrong_type"),),
    FieldKind.OBJECT: ((("x",), "validate.value.wrong_type"),),
}
"""By kind of field: a value that is wrong, and the reason it is refused for."""

_TEXT_DEFECTS = (
    ("", "validate.text.too_short"),
    ("a\u0007b", "validate.text.characters"),
    (12, "validate.value.wrong_type"),
)


_PRINTABLE = 1000
"""Longest text that is worth spelling out in an example."""


def collect_required(contract: type[Contract]) -> Record:
    """Return the examples of the required fields."""
    return {
        name: contract.describe_fields()[name].example
        for name in contract.list_fields()
        if contract.model_fields[name].is_required()
    }


def build_smallest(contract: type[Contract]) -> Record:
    """Return the smallest record without a fault or a warning that the examples can make."""
    record = collect_required(contract)
    for rule in contract.rules:
        for name in rule.fields:
            if _is_kept(rule, contract, record):
                break
            # One field at a time: the rule may be kept before all of its fields are filled.
            record[name] = contract.describe_fields()[name].example
    return _sort_fields(contract, record)


def build_fullest(contract: type[Contract]) -> Record:
    """Return the examples of all fields, without those that contradict one another."""
    record = {name: contract.describe_fields()[name].example for name in contract.list_fields()}
    for rule in contract.rules:
        for name in rule.fields:
            if _is_kept(rule, contract, record):
                break
            if not contract.model_fields[name].is_required():
                del record[name]
    return record


def iter_accepted(contract: type[Contract]) -> Iterator[Record]:
    """Yield records that are accepted: the smallest, the fullest, and one for each word of our closed lists."""
    least = build_smallest(contract)
    yield least
    yield build_fullest(contract)
    for name, shape in field_types.list_shapes(contract).items():
        if shape.kind is FieldKind.WORD:
            for word in field_types.list_words(contract.model_fields[name].annotation):
                record = _sort_fields(contract, {**least, name: word})
                if record != least and all(_is_kept(rule, contract, record) for rule in contract.rules):
                    yield record


def iter_doubtful(contract: type[Contract]) -> Iterator[dict[str, Any]]:
    """Yield records that are accepted with a warning, and its code."""
    for rule in contract.rules:
        if rule.warns:
            yield {"reason": rule.code, "fields": list(rule.fields), "record": _break_rule(contract, rule)}


def iter_refused(contract: type[Contract]) -> Iterator[dict[str, Any]]:
    """Yield records that are refused, each for one stated reason; `rule`: no schema can see it."""
    base = build_smallest(contract)
    for name in collect_required(contract):
        yield _make_case("validate.field.missing", name, {key: base[key] for key in base if key != name})
    yield _make_case("validate.field.unknown", "unheard_of", {**base, "unheard_of": "x"})
    for name, value, reason in _iter_wrong_values(contract):
        yield _make_case(reason, name, _sort_fields(contract, {**base, name: value}))
    for rule in contract.rules:
        if not rule.warns:
            yield {**_make_case(rule.code, rule.fields[0], _break_rule(contract, rule)), "rule": True}


def _iter_wrong_values(contract: type[Contract]) -> Iterator[tuple[str, Any, str]]:
    """Yield wrong values for the first field of each kind and length."""
    seen: set[tuple[FieldKind, int]] = set()
    for name, shape in field_types.list_shapes(contract).items():
        if name in ("source", "extra") or (shape.kind, shape.max_length) in seen:
            continue
        seen.add((shape.kind, shape.max_length))
        yield from ((name, value, reason) for value, reason in _DEFECTS.get(shape.kind, ()))
        if shape.kind is FieldKind.TEXT and shape.pattern == TEXT:
            yield from ((name, value, reason) for value, reason in _TEXT_DEFECTS)
        if shape.kind is FieldKind.TEXT and shape.max_length <= _PRINTABLE:
            yield name, "x" * (shape.max_length + 1), "validate.text.too_long"
        if shape.kind is FieldKind.OBJECT:
            # Neither a code nor the original word.
            yield name, {"system": "gir"}, "validate.code.empty"


def _make_case(reason: str, name: str, record: Record) -> dict[str, Any]:
    return {"reason": reason, "field": name, "record": record}


def _break_rule(contract: type[Contract], rule: Rule) -> Record:
    record = {**collect_required(contract), **rule.counter_example}
    return _sort_fields(contract, {name: value for name, value in record.items() if value is not None})


def _is_kept(rule: Rule, contract: type[Contract], record: Record) -> bool:
    return rule.holds(contract.model_validate(record))


def _sort_fields(contract: type[Contract], record: Record) -> Record:
    return {name: record[name] for name in contract.list_fields() if name in record}
