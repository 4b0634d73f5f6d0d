"""In-memory index of the quarantined items of earlier parcels, by likeness: a nightly export repeats most of its rows.

What waits is read once a process, and with each parcel what was added since: a flow may have thousands of small ones.
A database index would spare that, but likenesses are random: with a million of them, maintaining the index took longer
than everything else written for a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import exists, select

from passerelle.stores import schema
from passerelle.stores.settlement import QuarantineState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c
_AT_ONCE = 20_000
"""Rows fetched at a time: as Python objects they take many times their size in the frame."""
_SCHEMA = {"id": pl.Int64, "parcel_id": pl.Int64, "likeness": pl.Binary}
_UNDECIDED = (QuarantineState.WAITING, QuarantineState.REPLAYING)


class FingerprintIndex:
    """Items of one flow that wait, by likeness. Who settles a parcel holds the flow: nobody else adds any.

    Memory: about sixty bytes an item that waited when the index was first read, or was added since.
    """

    def __init__(self, flow: str) -> None:
        self.parcel_id = 0
        """The parcel that is being settled: its own items are none of the earlier ones."""
        self._flow = flow
        self._items = pl.DataFrame(schema=_SCHEMA)
        self._earlier = self._items

    def begin_parcel(self, connection: Connection, parcel_id: int) -> None:
        """Read what was added since the last parcel; of the first one, everything that waits."""
        last = self._items.get_column("id").max() if self._items.height else None
        columns = select(_ITEM.id, _ITEM.parcel_id, _ITEM.likeness).where(_ITEM.likeness.is_not(None))
        if last is None:
            # «Not in the parcels of others» is a short list; a join would look up the parcel of every item.
            others = select(_PARCEL.id).where(_PARCEL.flow != self._flow)
            # An item that a replay carries waits again when that fails.
            wanted = columns.where(_ITEM.state.in_(_UNDECIDED), _ITEM.parcel_id.not_in(others))
        else:
            # Nothing but the range of numbers: with the state, SQLite would go through all that waits again.
            own = exists().where(_PARCEL.id == _ITEM.parcel_id, _PARCEL.flow == self._flow)
            wanted = columns.where(_ITEM.id > last, own)
        partitions = connection.execute(wanted.execution_options(yield_per=_AT_ONCE)).partitions()
        pieces = [pl.DataFrame(list(map(tuple, rows)), _SCHEMA, orient="row") for rows in partitions]
        if pieces:
            self._items = pl.concat((self._items, *pieces), rechunk=True)
        self._earlier, self.parcel_id = self._items.filter(pl.col("parcel_id") != parcel_id), parcel_id

    def find_ids(self, likenesses: Iterable[bytes | None]) -> list[int]:
        """Return the ids of items of earlier parcels with one of these likenesses. Some may have been closed since."""
        if self._earlier.is_empty():
            return []
        wanted = pl.DataFrame({"likeness": pl.Series(list(likenesses), dtype=pl.Binary)})
        return self._earlier.join(wanted, on="likeness", how="semi").get_column("id").to_list()
