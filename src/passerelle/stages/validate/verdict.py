"""The authority: pydantic judges one record, and every refusal becomes a reason that holds no value."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.contracts.types import TEXT, Coded, Kind
from passerelle.stages.validate import wording
from passerelle.stages.validate.doubt import doubts
from passerelle.stages.validate.error_types import REASON_OF, UNJUDGED
from passerelle.stages.validate.finding import Finding
from passerelle.stages.validate.node import tree
from passerelle.stages.validate.spot import Spot, spot

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract

_MALFORMED = {
    Kind.URN: "validate.reference.malformed",
    Kind.DAY: "validate.day.malformed",
    Kind.PARTIAL_DAY: "validate.day.malformed",
    Kind.INSTANT: "validate.instant.malformed",
    Kind.AMOUNT: "validate.amount.malformed",
    Kind.QUANTITY: "validate.quantity.malformed",
}
_IMPOSSIBLE = {Kind.DAY: "validate.day.impossible", Kind.INSTANT: "validate.instant.impossible"}
_WRONG_FORM = "pattern"
"""What the validators of `contracts.types` say of a text that lacks the form; of a day in no calendar they do not."""


def judge(
    record: Any, contract: type[Contract], *, strict_identifiers: bool = False, valid: bool = False
) -> tuple[Finding, ...]:
    """Judge one record in canonical form: all that is wrong with it, else its broken rules and doubts. Never raises.

    `valid`: nothing in it is against the contract, and no rule is broken; only doubts are looked for.
    """
    try:
        broken = () if valid else _broken(contract.model_validate(record))
        found = (*broken, *doubts(record, contract, strict_identifiers=strict_identifiers))
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_context=False, include_input=False)
        return tuple(_finding(error["type"], error["loc"], error["msg"], record, contract) for error in errors)
    except Exception as problem:  # noqa: BLE001  a check of a contract that fails must cost one record, not the batch
        return (Finding(UNJUDGED, "", {"path": "", "cause": type(problem).__name__}),)
    return found


def _broken(model: Contract) -> tuple[Finding, ...]:
    return tuple(
        Finding(rule.code, next(iter(rule.fields), ""), {"path": ", ".join(rule.fields)}, rule.warns)
        for rule in model.rules
        if not rule.holds(model)
    )


def _finding(
    error_type: str, loc: tuple[int | str, ...], message: str, record: Any, contract: type[Contract]
) -> Finding:
    where = spot(record, tree(contract), loc)
    reason = _reason(error_type, message, where)
    facts = {"path": where.path, "found": _found(reason, where), "expected": _expected(reason, where)}
    if reason == UNJUDGED:
        facts["cause"] = error_type
    if example := _example(contract, where):
        facts["example"] = example
    return Finding(reason, where.field, facts)


def _reason(error_type: str, message: str, where: Spot) -> str:
    reason = REASON_OF.get(error_type, UNJUDGED)
    if where.node is None:
        return reason
    if error_type == "value_error":
        return _of_our_own(reason, message, where)
    if error_type == "string_pattern_mismatch":
        if where.node.patterns == (TEXT,):
            return "validate.text.characters"
        return _MALFORMED.get(where.node.kind, reason)
    return reason


def _of_our_own(reason: str, message: str, where: Spot) -> str:
    """Return the names of what a validator of `contracts.types` found; the reason as it is when another validator spoke."""
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


def _found(reason: str, where: Spot) -> str:
    if reason == "validate.field.missing":
        return wording.found(None)
    return wording.found(where.stranger if where.stranger is not None else where.value)


def _expected(reason: str, where: Spot) -> str:
    """Say what is expected; for a name that the contract does not know, the nearest that it does."""
    if reason == "validate.field.unknown" and where.node is not None:
        nearest = get_close_matches(str(where.stranger), where.node.fields, n=1)
        return f"«{nearest[0]}»" if nearest else wording.expected(where.node)
    return wording.expected(where.node)


def _example(contract: type[Contract], where: Spot) -> str:
    top = where.field.partition(".")[0]
    fact = contract.facts().get(top)
    if fact is None:
        return ""
    if isinstance(fact.example, str):
        return fact.example
    return json.dumps(fact.example, ensure_ascii=False)
