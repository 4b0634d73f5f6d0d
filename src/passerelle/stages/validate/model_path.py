"""The model path of validation: pydantic judges one record, and every refusal becomes a reason without values."""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.contracts.types import TEXT, Coded, FieldKind
from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.doubts import NO_SETTING, DoubtSetting, iter_doubts
from passerelle.stages.validate.error_types import REASON_OF, UNJUDGED
from passerelle.stages.validate.findings import ValidationFinding
from passerelle.stages.validate.location import FieldLocation, locate
from passerelle.stages.validate.shape_descriptions import describe_expected, describe_value
from passerelle.vocabulary.fault_names import name_class

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from passerelle.contracts.contract import Contract

_MALFORMED = {
    FieldKind.URN: "validate.reference.malformed",
    FieldKind.DAY: "validate.day.malformed",
    FieldKind.PARTIAL_DAY: "validate.day.malformed",
    FieldKind.INSTANT: "validate.instant.malformed",
    FieldKind.AMOUNT: "validate.amount.malformed",
    FieldKind.QUANTITY: "validate.quantity.malformed",
}
_IMPOSSIBLE = {FieldKind.DAY: "validate.day.impossible", FieldKind.INSTANT: "validate.instant.impossible"}
_WRONG_FORM = "pattern"
"""The message of the validators of `contracts.types` for a text of the wrong form; impossible days have another."""


def judge(
    record: Any,
    contract: type[Contract],
    *,
    setting: DoubtSetting = NO_SETTING,
    strict: Container[str] = (),
    valid: bool = False,
    undoubted: bool = False,
) -> tuple[ValidationFinding, ...]:
    """Return all that is wrong with a record in canonical form, else its broken rules and doubts. Never raises.

    Doubts whose codes are in `strict` refuse the record. `valid`: the record is known to satisfy its contract and
    rules; only doubts are looked for. `undoubted`: of the doubts, it is known that only numbers and codes may be some.
    """
    try:
        model = None if valid else contract.model_validate(record)
        broken = [] if model is None else [rule for rule in model.rules if not rule.holds(model)]
        findings = [
            ValidationFinding(
                rule.code,
                next(iter(rule.fields), ""),
                {"path": ", ".join(rule.fields)},
                rule.warns and rule.code not in strict,
            )
            for rule in broken
        ]
        findings += iter_doubts(record, contract, setting, strict=strict, undoubted=undoubted)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_context=False, include_input=False)
        return tuple(_make_finding(error["type"], error["loc"], error["msg"], record, contract) for error in errors)
    except Exception as problem:  # noqa: BLE001  a check of a contract that fails must cost one record, not the batch
        return (ValidationFinding(UNJUDGED, "", {"path": "", "cause": name_class(problem)}),)
    return tuple(findings)


def _make_finding(
    error_type: str, loc: tuple[int | str, ...], message: str, record: Any, contract: type[Contract]
) -> ValidationFinding:
    where = locate(record, read_tree(contract), loc)
    reason = _choose_reason(error_type, message, where)
    # An unknown name comes from outside: of it, too, only the shape may be shown.
    value = where.unknown_name if where.unknown_name is not None else where.value
    found = describe_value(None if reason == "validate.field.missing" else value)
    details = {"path": where.path, "found": found, "expected": _describe_expected(reason, where)}
    if reason == UNJUDGED:
        details["cause"] = error_type
    if example := _list_examples(contract).get(where.field.partition(".")[0]):
        details |= {"example": example}
    return ValidationFinding(reason, where.field, details)


@cache
def _list_examples(contract: type[Contract]) -> Mapping[str, str]:
    """Return the example of each field as text."""
    # Once: a file of which each row is wrong asks for it row by row.
    examples = {name: meta.example for name, meta in contract.describe_fields().items()}
    return {
        name: each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for name, each in examples.items()
    }


def _choose_reason(error_type: str, message: str, where: FieldLocation) -> str:
    reason = REASON_OF.get(error_type, UNJUDGED)
    if where.node is None:
        return reason
    if error_type == "value_error":
        return _choose_own_reason(reason, message, where)
    if error_type == "string_pattern_mismatch":
        if where.node.patterns == (TEXT,):
            return "validate.text.characters"
        return _MALFORMED.get(where.node.kind, reason)
    return reason


def _choose_own_reason(reason: str, message: str, where: FieldLocation) -> str:
    """Return the reason for an error of a validator of `contracts.types`; `reason` itself for any other validator."""
    node = where.node
    if node is None:
        return reason
    if node.model is Coded:
        return "validate.code.empty"
    if node.kind not in _MALFORMED:
        return reason
    if not isinstance(where.value, str):
        return "validate.value.wrong_type"
    if message.removeprefix("Value error, ") == _WRONG_FORM:
        return _MALFORMED[node.kind]
    return _IMPOSSIBLE.get(node.kind, _MALFORMED[node.kind])


def _describe_expected(reason: str, where: FieldLocation) -> str:
    """Describe what is expected; for a name that the contract does not have, the nearest that it has."""
    if reason == "validate.field.unknown" and where.node is not None:
        nearest = get_close_matches(str(where.unknown_name), where.node.fields, n=1)
        return f"«{nearest[0]}»" if nearest else describe_expected(where.node)
    return describe_expected(where.node)
