"""A quarantined record as it is listed, without its payload."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from passerelle.stores import schema
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row, Select

_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c
JOINED = schema.quarantine.join(schema.parcel, schema.quarantine.c.parcel_id == schema.parcel.c.id)
LISTED: Select[Any] = select(
    *(column for column in _ITEM if column.name not in ("payload", "likeness")), _PARCEL.flow, _PARCEL.key
).select_from(JOINED)
"""Everything of an item but its payload, which may be larger than all the rest together."""


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A quarantined record as it is listed: everything but its payload."""

    id: int
    flow: str
    parcel: str
    batch: int
    state: QuarantineState
    fate: Fate
    reason: str
    place: Place
    details: Mapping[str, str]
    contract: str
    created_at: datetime
    expires_at: datetime


def to_row(row: Row[Any]) -> QuarantineRow:
    """Return an item from a row of `LISTED`."""
    return QuarantineRow(
        id=row.id,
        flow=row.flow,
        parcel=row.key,
        batch=row.number,
        state=QuarantineState(row.state),
        fate=Fate(row.fate),
        reason=row.reason,
        place=Place(row.line, row.last_line, row.member, row.column_name, row.field),
        details=json.loads(row.facts),
        contract=row.contract,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
