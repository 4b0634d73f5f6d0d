"""What a type checker, and so an editor, knows of the contracts. Checked, not run."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from passerelle import contracts, validate
from passerelle.contracts.contract import Contract
from passerelle.contracts.home_care.visit import Visit
from passerelle.stages.validate.explaining import Explanation

visit = contracts.get("visit/1").model_validate({"ref": "demo:visit:1"})
assert_type(visit, Visit)
assert_type(visit.retained_start, datetime | None)
assert_type(visit.person_ref, str)
told = visit.retained_strat  # type: ignore[attr-defined]  # a typo is an error, else this comment would be one


def of_any(contract_id: str) -> type[Contract]:
    return assert_type(contracts.get(contract_id), type[Contract])


def of_a_record(record: dict[str, object]) -> tuple[Explanation, ...]:
    return assert_type(validate(record, "visit/1"), tuple[Explanation, ...])
