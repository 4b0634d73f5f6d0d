"""What the quarantine keeps of a record that was set aside: the supplier's own cells, or the text as received."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache
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
    """Make an item of every record worth keeping; it expires after `retention_days`."""
    kept = [item for item in aside if item.kept]
    members = [_word(item.place.member or table.member) for item in kept]
    cells = iter(_cells(kept, members, table))
    expires_at = now + timedelta(days=retention_days)
    return tuple(
        QuarantineItem(item, payload, expires_at, likeness)
        for item, member in zip(kept, members, strict=True)
        for payload, likeness in (_text(item, member) if item.row is None else next(cells),)
    )


@lru_cache(maxsize=1024)
def _word(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _text(item: SetAside, member: str) -> tuple[bytes, str]:
    """Give the text as received, and its likeness."""
    content = f'{member},"raw":{json.dumps(item.raw or "", ensure_ascii=False)}'
    return f'{{"member":{content},"line":{item.place.line}}}'.encode(), content


def _cells(kept: Sequence[SetAside], members: Sequence[str], table: TextTable) -> Iterable[tuple[bytes, str]]:
    """Give the cells of rows as JSON, and their likeness: the same whatever the order of the columns, and the line."""
    rows = [item.row for item in kept if item.row is not None]
    if not rows:
        return ()
    lines = [str(item.place.line) for item in kept if item.row is not None]
    cells = table.frame[rows].select(
        _json(table.frame.columns).alias("as_sent"),
        _json(sorted(table.frame.columns)).alias("in_order"),
        pl.Series("line", lines),
        pl.Series("member", [member for item, member in zip(kept, members, strict=True) if item.row is not None]),
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


def _json(names: Sequence[str]) -> pl.Expr:
    return pl.struct(names).struct.json_encode() if names else pl.lit("{}")
