"""The answer to a request for access as data that other software reads (RGPD 20), values as contracts write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.access import Showing
from passerelle.engine.persons.person_records import NumberedProfessional, find_day
from passerelle.faces import json_forms
from passerelle.faces.report.person_records import count_narratives, get_contract_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.persons.person_access import PersonAccess
    from passerelle.engine.persons.person_recipients import PersonTransfer
    from passerelle.engine.persons.person_records import PersonRecord, RecordState

_TOLD = (Showing.OTHERS, Showing.PROFESSIONAL, Showing.RESERVED, Showing.UNDESCRIBED)


def to_content(access: PersonAccess, statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answer as JSON content; moments are ISO 8601, a professional is `{"professional": 1}`."""
    return {
        "ref": access.ref,
        "about": access.asker.value,
        "made_at": access.made_at.isoformat(),
        "known": access.is_known,
        "records": [_describe_record(record) for record in access.own_records],
        "withheld": _count_withheld(access),
        "transfers": [_describe_transfer(transfer) for transfer in access.transfers],
        "statements": list(statements),
        "waiting": [
            {
                "flow": row.flow,
                "contract": row.contract,
                **json_forms.describe_cause(row.reason, row.details),
                "since": row.since.isoformat(),
                "until": row.until.isoformat(),
                "readable": row.is_readable,
            }
            for row in access.waiting
        ],
        "files": [
            {
                "flow": file.flow,
                "received_at": file.received_at.isoformat(),
                "until": file.until.isoformat() if file.until else None,
                "readable": file.is_readable,
            }
            for file in access.files
        ],
        "unreadable_flows": list(access.lost_flows),
        "acts": [{"action": act.action, "at": act.at.isoformat()} for act in access.acts],
        "days": dict(access.days),
        "free_texts": count_narratives(access.own_records),
    }


def _describe_record(record: PersonRecord) -> dict[str, Any]:
    latest = record.latest
    earlier = [_describe_state(state) for state in record.states if state is not latest]
    return {
        "contract": record.contract,
        "title": get_contract_title(record.contract),
        "day": find_day(record) or None,
        "flows": sorted(record.flows),
        **_describe_state(latest),
        "other_states": earlier,
    }


def _describe_state(state: RecordState) -> dict[str, Any]:
    return {
        "values": {name: _to_plain(value) for name, value in state.values.items()},
        "as_received": dict(state.as_received),
        "received_at": [at.isoformat() for at in sorted(state.received)],
    }


def _to_plain(value: Any) -> Any:
    """Return a value without the members that are empty: polars fills an object with all that it could hold."""
    if isinstance(value, NumberedProfessional):
        return {"professional": value.number}
    if isinstance(value, list):
        return [_to_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _to_plain(part) for name, part in value.items() if part is not None}
    return value


def _count_withheld(access: PersonAccess) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str], int] = {}
    for record in access.records:
        for showing, names in record.withheld.items():
            for name in names:
                key = (record.contract, name)
                counts[key] = counts.get(key, 0) + (showing in _TOLD)
    why = {
        (record.contract, name): showing.value
        for record in access.records
        for showing, names in record.withheld.items()
        for name in names
    }
    return [
        {"contract": contract, "field": name, "why": why[contract, name], "records": count}
        for (contract, name), count in sorted(counts.items())
    ]


def _describe_transfer(transfer: PersonTransfer) -> Mapping[str, Any]:
    processing = transfer.processing
    return {
        "flow": transfer.flow,
        "source": transfer.supplier,
        "purpose": processing.purpose.value,
        "recipient": processing.recipient.name,
        "recipient_kind": processing.recipient.kind.value,
        "country": processing.recipient.country,
        "basis": processing.basis.value if processing.basis else None,
        "basis_text": processing.basis_text,
        "recipient_days": processing.retention.recipient_days,
        "consent": transfer.consent,
        "may_object": transfer.may_object,
        "figures": transfer.is_figures,
        "there": transfer.there,
        "first_at": transfer.first_at.isoformat() if transfer.first_at else None,
        "last_at": transfer.last_at.isoformat() if transfer.last_at else None,
        "sent": {entry.contract: list(entry.sent) for entry in transfer.contracts},
        "not_sent": {entry.contract: list(entry.kept) for entry in transfer.contracts},
    }
