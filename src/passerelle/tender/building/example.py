"""The invented sample of the kit: records of every contract that is asked for, which refer to one another."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from passerelle.contracts import field_types
from passerelle.contracts.catalogue import get
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.types import Shape
    from passerelle.tender.order import ContractChoice, TenderOrder

RECORDS = 40
"""How many of each contract: few enough to read, too few to prove much, as the score says."""
_WEEKS = 4


def write_samples(order: TenderOrder) -> dict[str, bytes]:
    """Return one file a contract, records as JSON, one a line: `visit.jsonl`. All data are invented."""
    families = tuple(one.partition("/")[0] for one in order.contract)
    made = {}
    for contract_id, choice in order.contract.items():
        contract = get(contract_id)
        facts = contract.describe_fields()
        # A reference is only wanted when what it refers to is asked for too.
        wanted = [
            name
            for name in contract.list_fields()
            if contract.model_fields[name].is_required()
            or (choice.fields.get(name) in ("P", "I", "S") and facts[name].reference in ("", *families))
        ]
        # Two variants in turn, so that both sides of rules that exclude one another appear.
        kinds = [_choose_examples(contract, wanted, choice, from_the_end=at_end) for at_end in (False, True)]
        lines = [_make_record(contract, kinds[number % 2], number) for number in range(1, RECORDS + 1)]
        texts = (json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
        made[f"{contract.about.family}.jsonl"] = "".join(f"{text}\n" for text in texts).encode()
    return made


def _choose_examples(
    contract: type[Contract], wanted: list[str], choice: ContractChoice, *, from_the_end: bool
) -> Mapping[str, Any]:
    """Return examples of fields for which every rule holds; `from_the_end` decides which of contradicting ones stay."""
    facts = contract.describe_fields()
    record = {name: facts[name].example for name in wanted}
    for rule in contract.rules:
        names = rule.fields[::-1] if from_the_end else rule.fields
        for name in names:
            if rule.holds(contract.model_validate(record)):
                break
            if name not in record and choice.fields.get(name) != "X":
                record[name] = facts[name].example
        for name in names:
            if rule.holds(contract.model_validate(record)):
                break
            if not contract.model_fields[name].is_required():
                record.pop(name, None)
    return {name: record[name] for name in contract.list_fields() if name in record}


def _make_record(contract: type[Contract], examples: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return one record: unique keys, references that resolve, days moved on."""
    shapes, facts = field_types.list_shapes(contract), contract.describe_fields()
    record: dict[str, Any] = {}
    for name, value in examples.items():
        reference = contract.about.family if name == "ref" else facts[name].reference
        # The same number in every contract: record 7 refers to record 7, which exists.
        record[name] = f"exemple:{reference}:{number}" if reference else _vary(value, shapes[name], number)
    return record


def _vary(value: Any, shape: Shape, number: int) -> Any:
    """Return a value that differs from one record to the next, for kinds that no rule compares."""
    days = timedelta(days=(number * 7 * _WEEKS) // RECORDS)
    match shape.kind:
        case FieldKind.DAY:
            return (date.fromisoformat(value) + days).isoformat()
        case FieldKind.INSTANT:
            return (datetime.fromisoformat(value) + days).isoformat()
        case FieldKind.TEXT if len(value) + 3 <= shape.max_length:
            return f"{value} {number}"
        case _:
            return value
