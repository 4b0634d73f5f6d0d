"""What the quarantine keeps of a record that was set aside: the supplier's own cells, or the text as received."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

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
    written = _written(table, sorted({item.row for item in kept if item.row is not None}))
    members = {
        name: json.dumps(name, ensure_ascii=False) for name in {item.place.member or table.member for item in kept}
    }
    expires_at = now + timedelta(days=retention_days)
    return tuple(
        QuarantineItem(
            fate=item.fate,
            reason=item.reason,
            place=item.place,
            facts=item.facts,
            contract=item.contract,
            payload=f'{{"member":{member},{content},"line":{item.place.line}}}'.encode(),
            expires_at=expires_at,
            likeness=f"{member},{likeness}",
        )
        for item in kept
        for member in (members[item.place.member or table.member],)
        for content, likeness in (_raw(item) if item.row is None else written[item.row],)
    )


def _raw(item: SetAside) -> tuple[str, str]:
    text = f'"raw":{json.dumps(item.raw or "", ensure_ascii=False)}'
    return text, text


def _written(table: TextTable, rows: list[int]) -> dict[int, tuple[str, str]]:
    """Give the cells of rows as JSON, and their likeness: the same whatever the order of the columns, and the line."""
    some = table.frame[rows]
    if not some.width:
        return dict.fromkeys(rows, ('"cells":{}', "{}"))
    as_sent, in_order = pl.struct(some.columns), pl.struct(sorted(some.columns))
    texts = some.select(
        pl.concat_str(pl.lit('"cells":'), as_sent.struct.json_encode()).alias("content"),
        in_order.struct.json_encode().alias("likeness"),
    )
    return dict(zip(rows, zip(*(column.to_list() for column in texts), strict=True), strict=True))
