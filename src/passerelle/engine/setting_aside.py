"""What the quarantine keeps of a record that was set aside: the supplier's own cells, or the text as received."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.stores.quarantine import QuarantineItem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.vocabulary.outcomes import SetAside
    from passerelle.vocabulary.parcels import TextTable


def quarantined(
    aside: Sequence[SetAside], table: TextTable, now: datetime, retention_days: int
) -> tuple[QuarantineItem, ...]:
    """Make an item of every record worth keeping; it expires after `retention_days`."""
    kept = [item for item in aside if item.kept]
    rows = [item.row for item in kept if item.row is not None]
    cells = dict(zip(rows, table.frame[rows].to_dicts(), strict=True)) if rows else {}
    expires_at = now + timedelta(days=retention_days)
    return tuple(
        QuarantineItem(
            fate=item.fate,
            reason=item.reason,
            place=item.place,
            facts=item.facts,
            contract=item.contract,
            payload=payload,
            expires_at=expires_at,
            likeness=likeness,
        )
        for item in kept
        for payload, likeness in (_kept(item, table.member, cells),)
    )


def _kept(item: SetAside, member: str, cells: dict[int, dict[str, str | None]]) -> tuple[bytes, str]:
    """Give what is kept, and its likeness: the same without the line, which moves from one export to the next."""
    content: dict[str, object] = {"member": item.place.member or member}
    if item.row is None:
        content["raw"] = item.raw or ""
    else:
        content["cells"] = cells[item.row]
    likeness = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return json.dumps({**content, "line": item.place.line}, ensure_ascii=False).encode(), likeness
