"""Makes quarantine items of records that were set aside: the supplier's own cells, or the text as received."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stores.settlement import QuarantineItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from passerelle.vocabulary.outcomes import SetAside
    from passerelle.vocabulary.parcels import TextTable


def make_quarantine_items(
    aside: Sequence[SetAside], table: TextTable, now: datetime, retention_days: int
) -> tuple[QuarantineItem, ...]:
    """Return an item for every record worth keeping; it expires after `retention_days`."""
    worth_keeping = [item for item in aside if item.needs_quarantine]
    members = [_encode_name(item.place.member or table.member) for item in worth_keeping]
    cells = iter(_encode_rows(worth_keeping, members, table))
    expires_at = now + timedelta(days=retention_days)
    items = []
    for item, member in zip(worth_keeping, members, strict=True):
        if item.row is None:
            likeness = f'{member},"raw":{json.dumps(item.raw or "", ensure_ascii=False)}'
            payload = f'{{"member":{likeness},"line":{item.place.line}}}'.encode()
        else:
            payload, likeness = next(cells)
        items.append(QuarantineItem(item, payload, expires_at, likeness))
    return tuple(items)


# A few names for thousands of rows.
_encode_name = lru_cache(maxsize=1024)(partial(json.dumps, ensure_ascii=False))


def _encode_rows(items: Sequence[SetAside], members: Sequence[str], table: TextTable) -> Iterable[tuple[bytes, str]]:
    """Return the cells of rows as JSON, and their likeness, in which order of columns and line do not count.

    A record that is wrong in the same way in the next export has the same likeness: it waits once, not twice.
    """
    rows = [item.row for item in items if item.row is not None]
    if not rows:
        return ()
    lines = [str(item.place.line) for item in items if item.row is not None]
    cells = table.frame[rows].select(
        _encode_columns(table.frame.columns).alias("as_sent"),
        _encode_columns(sorted(table.frame.columns)).alias("in_order"),
        pl.Series("line", lines),
        pl.Series("member", [member for item, member in zip(items, members, strict=True) if item.row is not None]),
    )
    texts = cells.select(
        pl.concat_str(
            pl.lit('{"member":'), "member", pl.lit(',"cells":'), "as_sent", pl.lit(',"line":'), "line", pl.lit("}")
        )
        .cast(pl.Binary)
        .alias("payload"),
        pl.concat_str("member", "in_order", separator=",").alias("likeness"),
    )
    return zip(*(column.to_list() for column in texts), strict=True)


def _encode_columns(names: Sequence[str]) -> pl.Expr:
    return pl.struct(names).struct.json_encode() if names else pl.lit("{}")
