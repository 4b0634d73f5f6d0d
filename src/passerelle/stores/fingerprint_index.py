"""What waits in quarantine since earlier parcels, found again by its likeness: the night's export repeats itself.

It is read once for each parcel. An index of the database would spare that, but likenesses come in no order at all: with
a million of them, keeping it took longer than all else that is written of a record.
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
_SCHEMA = {"id": pl.Int64, "likeness": pl.Binary}


class FingerprintIndex:
    """What waits of one flow, of all parcels but one. Who settles a parcel holds the flow: nobody else adds to it."""

    def __init__(self, connection: Connection, flow: str, parcel_id: int) -> None:
        """Read it. Memory: some fifty bytes an item."""
        self.parcel_id = parcel_id
        others = select(_PARCEL.id).where(or_(_PARCEL.flow != flow, _PARCEL.id == parcel_id))
        waiting = select(_ITEM.id, _ITEM.likeness).where(
            _ITEM.state == QuarantineState.WAITING, _ITEM.likeness.is_not(None), _ITEM.parcel_id.not_in(others)
        )
        found = connection.execute(waiting.execution_options(yield_per=_AT_ONCE)).partitions()
        pieces = [pl.DataFrame(list(map(tuple, rows)), _SCHEMA, orient="row") for rows in found]
        self._items = pl.concat(pieces) if pieces else pl.DataFrame(schema=_SCHEMA)

    def find_ids(self, likenesses: Iterable[bytes | None]) -> list[int]:
        """Give the ids of those that are like one of these. Some of them may wait no more."""
        if self._items.is_empty():
            return []
        wanted = pl.DataFrame({"likeness": pl.Series(list(likenesses), dtype=pl.Binary)})
        return self._items.join(wanted, on="likeness", how="semi").get_column("id").to_list()
