"""In-memory index of the quarantined items of earlier parcels, by likeness: a nightly export repeats most of its rows.

It is read once per parcel. A database index would spare that, but likenesses are random: with a million of them,
maintaining the index took longer than everything else written for a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import or_, select

from passerelle.stores import schema
from passerelle.stores.settlement import QuarantineState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c
_AT_ONCE = 20_000
"""Rows fetched at a time: as Python objects they take many times their size in the frame."""
_SCHEMA = {"id": pl.Int64, "likeness": pl.Binary}


class FingerprintIndex:
    """Waiting items of one flow, of all parcels but one. Who settles a parcel holds the flow: nobody else adds any."""

    def __init__(self, connection: Connection, flow: str, parcel_id: int) -> None:
        """Read the items. Memory: about fifty bytes an item."""
        self.parcel_id = parcel_id
        # «Not in the parcels of others» is a short list; a join would look up the parcel of every item.
        others = select(_PARCEL.id).where(or_(_PARCEL.flow != flow, _PARCEL.id == parcel_id))
        waiting = select(_ITEM.id, _ITEM.likeness).where(
            _ITEM.state == QuarantineState.WAITING, _ITEM.likeness.is_not(None), _ITEM.parcel_id.not_in(others)
        )
        partitions = connection.execute(waiting.execution_options(yield_per=_AT_ONCE)).partitions()
        pieces = [pl.DataFrame(list(map(tuple, rows)), _SCHEMA, orient="row") for rows in partitions]
        self._items = pl.concat(pieces) if pieces else pl.DataFrame(schema=_SCHEMA)

    def find_ids(self, likenesses: Iterable[bytes | None]) -> list[int]:
        """Return the ids of items with one of these likenesses. Some may have been closed since the index was read."""
        if self._items.is_empty():
            return []
        wanted = pl.DataFrame({"likeness": pl.Series(list(likenesses), dtype=pl.Binary)})
        return self._items.join(wanted, on="likeness", how="semi").get_column("id").to_list()
