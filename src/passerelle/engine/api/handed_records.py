"""Records that a client hands in: read strictly, and judged as a run would judge them; nothing is kept here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jiter

from passerelle import contracts
from passerelle.contracts.catalogue import list_ids
from passerelle.contracts.publishing.writing_paths import MOST_RECORDS
from passerelle.engine.api.refusals import ApiFault, RequestRefusedError
from passerelle.engine.records.handles import list_reference_fields
from passerelle.stages.validate.model_path import judge
from passerelle.vocabulary.handle_texts import is_handle_text
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.validate.findings import ValidationFinding
    from passerelle.stores.tokens import ApiToken

_MOST_FAULTS = 100
"""Faults that one answer tells: a file that is wrong everywhere is wrong for few reasons."""


@dataclass(frozen=True, slots=True)
class HandedVerdict:
    """What records that were handed in are worth."""

    count: int
    refusing: tuple[ApiFault, ...]
    """All that refuses a record, with the place of the record."""
    warnings: tuple[ApiFault, ...]


def check_writing(token: ApiToken, contract_id: str) -> None:
    """Raise RequestRefusedError unless a token may hand in records of a contract."""
    if contract_id not in token.terms.contracts or contract_id not in list_ids():
        raise RequestRefusedError("api.contract.unknown")
    if not token.terms.may_write:
        raise RequestRefusedError("api.operation.refused")


def read_records(body: bytes, most: int = MOST_RECORDS) -> list[Any]:
    """Return the records of a body: one, or a list of them, where there may be several.

    Raises RequestRefusedError for what is no JSON of records.
    A name that stands twice in an object is refused: whoever reads would choose one of two values.
    """
    try:
        content = jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="lossless-float")
    except ValueError:
        raise RequestRefusedError("api.body.unreadable") from None
    records = content if isinstance(content, list) and most > 1 else [content]
    if not records:
        raise RequestRefusedError("api.body.empty")
    if len(records) > most:
        raise RequestRefusedError("api.body.many", most=str(most))
    return records


def judge_records(contract_id: str, records: Sequence[Any]) -> HandedVerdict:
    """Return what records are worth: everything that is wrong with each, by the checks of a run."""
    contract = contracts.get(contract_id)
    refusing: list[ApiFault] = []
    warnings: list[ApiFault] = []
    for place, record in enumerate(records):
        for finding in judge(record, contract):
            (warnings if finding.warns else refusing).append(_to_fault(finding, place))
    return HandedVerdict(len(records), tuple(refusing), tuple(warnings[:_MOST_FAULTS]))


def refuse_own(contract_id: str, records: Sequence[Any]) -> None:
    """Raise RequestRefusedError for what is good and cannot be handed in: fields of the house, and handles.

    A handle stands for a reference that stays here: a record under it would be another one.
    """
    references = list_reference_fields(contract_id)
    faults = [
        ApiFault("api.field.own", name, record=place)
        for place, record in enumerate(records)
        for name in ("extra", "source")
        if record.get(name)
    ]
    faults += [
        ApiFault("api.field.handle", name, record=place)
        for place, record in enumerate(records)
        for name in references
        if is_handle_text(str(record.get(name, "")).rpartition(":")[2])
    ]
    refuse_wrong(HandedVerdict(len(records), tuple(faults), ()))


def refuse_wrong(verdict: HandedVerdict) -> None:
    """Raise RequestRefusedError `api.record.refused` with all that is wrong, when anything is."""
    if verdict.refusing:
        count = len({fault.record for fault in verdict.refusing})
        first = ApiFault("api.record.refused", details={"count": str(count), "of": str(verdict.count)})
        raise RequestRefusedError.of([first, *verdict.refusing[:_MOST_FAULTS]])


def _to_fault(finding: ValidationFinding, place: int) -> ApiFault:
    # the name of an unknown member is the client's: it is in neither the field nor the sentence
    return ApiFault(finding.reason, finding.field, finding.details, record=place)
