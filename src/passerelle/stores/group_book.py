"""The part of the journal about small parcels that are delivered together: which they are, and their one settlement.

The books stay those of each parcel. What is written of several is written many rows a statement, in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from passerelle.stores import columns_met, parcels, schema
from passerelle.stores.batches import insert_all_reasons, insert_batches
from passerelle.stores.database import iter_slices, open_reader
from passerelle.stores.delivered import remember_delivered
from passerelle.stores.fence_book import FenceBook
from passerelle.stores.fingerprint_index import FingerprintIndex
from passerelle.stores.quarantine import insert_items
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import Settlement

_PARCEL = schema.parcel.c


class GroupBook(FenceBook):
    """Groups of parcels of one flow. Every method is one transaction."""

    _engine: Engine
    _seal: Seal
    _fingerprints: dict[str, FingerprintIndex]

    def group_parcels(self, flow: str, keys: Sequence[str]) -> None:
        """Note that parcels are delivered together, as they must be after a restart.

        Raises FatalError `incident.parcel.unregistered`, `incident.parcel.closed`.
        """
        with self._open_fenced(flow) as connection:
            ids = list(parcels.find_open_ids(connection, flow, keys).values())
            for some_ids in iter_slices(ids):
                grouped = update(schema.parcel).where(_PARCEL.id.in_(some_ids))
                connection.execute(grouped.values(group_id=ids[0]))  # a group is named by its first parcel

    def dissolve_group(self, flow: str, keys: Sequence[str]) -> None:
        """Note that each of these parcels is delivered alone, after a restart too.

        Raises FatalError `incident.parcel.unregistered`, `incident.parcel.closed`.
        """
        with self._open_fenced(flow) as connection:
            ids = list(parcels.find_open_ids(connection, flow, keys).values())
            for some_ids in iter_slices(ids):
                connection.execute(update(schema.parcel).where(_PARCEL.id.in_(some_ids)).values(group_id=_PARCEL.id))

    def find_groups(self, flow: str, keys: Sequence[str]) -> dict[str, int]:
        """Return the group of each of these parcels that was ever put into one; `keys` may be names outside."""
        columns = (_PARCEL.key, _PARCEL.outside, _PARCEL.group_id)
        wanted = select(*columns).where(_PARCEL.flow == flow, _PARCEL.group_id.is_not(None))
        with open_reader(self._engine) as connection:
            rows = [
                row
                for some in iter_slices(keys)
                for column in (_PARCEL.key, _PARCEL.outside)
                for row in connection.execute(wanted.where(column.in_(some)))
            ]
        return {name: row.group_id for row in rows for name in (row.key, row.outside) if name}

    def find_late(self, flow: str, keys: Sequence[str]) -> set[str]:
        """Return those of these parcels of which a newer one was taken before, as `is_late` finds it."""
        taken = (_PARCEL.flow == flow, _PARCEL.state == parcels.ParcelState.DONE, _PARCEL.kind == parcels.SUPPLIED)
        with open_reader(self._engine) as connection:
            latest = select(func.max(_PARCEL.id), func.max(_PARCEL.named_at)).where(*taken)
            last, named = connection.execute(latest).one()
            if last is None:
                return set()
            newer = _PARCEL.id < last if named is None else or_(_PARCEL.id < last, _PARCEL.named_at < named)
            wanted = select(_PARCEL.key).where(_PARCEL.flow == flow, newer)
            found = (connection.execute(wanted.where(_PARCEL.key.in_(some))).scalars() for some in iter_slices(keys))
            return {key for some in found for key in some}

    def get_parcel_numbers(self, flow: str, keys: Sequence[str]) -> dict[str, int]:
        """Return the journal's own numbers of parcels by key. Raises FatalError `incident.parcel.*`."""
        with open_reader(self._engine) as connection:
            return parcels.find_open_ids(connection, flow, keys)

    def settle_group(self, settlements: Sequence[Settlement], now: datetime) -> None:
        """Settle the only batch of each of several parcels, in their order, and close them: all, or none.

        Raises FatalError: `incident.books.unbalanced`; `incident.batch.settled` when one was settled before;
        `incident.parcel.unregistered`, `incident.parcel.closed`.
        """
        flow = settlements[0].flow
        check_balances(settlements)
        try:
            with self._open_fenced(flow) as connection:
                ids = parcels.find_open_ids(connection, flow, [one.batch.parcel for one in settlements])
                numbered = [(ids[one.batch.parcel], one) for one in settlements]
                self._insert_settlements(connection, flow, numbered)
                parcels.close_all(connection, list(ids.values()), now)
        except BaseException:
            # it went on while the items were written, and would hold numbers of items that never came to be
            self._fingerprints.pop(flow, None)
            raise
        hit_failpoint("settle.committed")

    def _insert_settlements(
        self, connection: Connection, flow: str, numbered: Sequence[tuple[int, Settlement]]
    ) -> None:
        """Insert all about batches, each with the number of its parcel, in the order of the parcels."""
        insert_batches(connection, numbered)
        insert_all_reasons(connection, ((number, one.batch.number, one.reasons) for number, one in numbered))
        # one write to the keyring for the items of all parcels
        keys = self._seal.make_keys(sum(len(one.quarantined) for _number, one in numbered))
        for number, one in numbered:
            if one.quarantined:
                # one after the other: the items of a parcel may take the place of those of the parcel before it
                insert_items(connection, self._seal, self._get_fingerprint_index(connection, flow, number), one, keys)
        hit_failpoint("settle.quarantined")
        remember_delivered(connection, self._seal, numbered)
        for _number, one in numbered:
            columns_met.remember_columns(connection, flow, one.member, one.columns)

    def _get_fingerprint_index(self, connection: Connection, flow: str, parcel_id: int) -> FingerprintIndex:
        """Return the index of items that wait since earlier parcels."""
        index = self._fingerprints.setdefault(flow, FingerprintIndex(flow))
        if index.parcel_id != parcel_id:
            index.begin_parcel(connection, parcel_id)
        return index


def check_balances(settlements: Iterable[Settlement]) -> None:
    """Raise FatalError `incident.books.unbalanced` for the first batch whose books do not add up."""
    # Before the transaction: the check constraint of the table would say the same, but without naming the batch.
    for one in settlements:
        if not one.balance.adds_up:
            batch = one.batch
            raise FatalError("incident.books.unbalanced", flow=one.flow, parcel=batch.parcel, batch=batch.number)
