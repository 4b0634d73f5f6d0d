"""The part of the journal that upkeep and people's decisions about stopped parcels need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from passerelle.stores import integrity, key_upkeep, known, parcels, redating, schema, scopes, trail
from passerelle.stores.database import insert_into, open_reader, open_writer, truncate_wal
from passerelle.stores.fence_book import FenceBook
from passerelle.stores.foreign_words import attach_seal, seal_older_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from sqlalchemy import Engine

    from passerelle.stores.depot import Depot
    from passerelle.stores.integrity import DatabaseFileState
    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry


class JournalUpkeep(FenceBook):
    """What keeps a journal small and sound. Every method is one transaction; `Journal` adds the rest."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal
        self._fences = {}
        attach_seal(engine, seal)

    def _seal_older_words(self) -> None:
        """Seal, once, the foreign words that an earlier version wrote in clear."""
        with open_reader(self._engine) as connection:
            if connection.execute(select(schema.word_form)).first():
                return
        with open_writer(self._engine) as connection:
            for table in schema.metadata.tables.values():
                seal_older_words(connection, table)
            connection.execute(insert_into(connection, schema.word_form).values(form=1).on_conflict_do_nothing())
        truncate_wal(self._engine)  # its log holds the pages as they were

    def list_scopes(self) -> list[tuple[str, str]]:
        """List the flows of which something is known, with the contract or what stands in its place."""
        with open_reader(self._engine) as connection:
            return scopes.list_scopes(connection)

    def list_ref_keys(self, flow: str, contract: str) -> bytes:
        """Return the concatenated pseudonyms, 16 bytes each, of all refs that a flow ever delivered; some come twice.

        Memory: 16 bytes per ref. For what is rare: a destination is held against the journal by them.
        """
        with open_reader(self._engine) as connection:
            return known.list_ref_keys(connection, (flow, contract))

    def drop_parcel(self, flow: str, key: str, act: AuditEntry) -> bool:
        """Drop a parcel that is not finished, and write the act into the audit trail; return False for any other."""
        with open_writer(self._engine) as connection:
            dropped = parcels.drop(connection, flow, key, "incident.parcel.dropped", act.at)
            if dropped:
                trail.append_entry(connection, self._seal, act)
        return dropped

    def retry_parcel(self, flow: str, key: str, act: AuditEntry) -> bool:
        """Reopen one parcel that is parked, waiting or dropped, and audit it; return False for any other."""
        with open_writer(self._engine) as connection:
            reopened = parcels.retry(connection, flow, key)
            if reopened:
                trail.append_entry(connection, self._seal, act)
        return reopened

    def drop_parked_before(self, moment: datetime) -> int:
        """Drop the parcels that were parked before `moment`, and return their number."""
        with open_writer(self._engine) as connection:
            return parcels.drop_parked_before(connection, moment, "incident.parcel.expired")

    def check_health(self, *, thoroughly: bool = False) -> DatabaseFileState:
        """Check that the journal is as it was left; `thoroughly`, every structure and every block of known records too.

        Raises FatalError `incident.journal.corrupt`.
        """
        state = integrity.check_database(self._engine, thoroughly=thoroughly)
        if thoroughly:
            with open_reader(self._engine) as connection:
                known.verify_blocks(connection)
        return state

    def redate(self, runs: tuple[int, int], span: tuple[datetime, datetime], shift: timedelta) -> int:
        """Set right the moments written by runs whose clock was wrong, as `redating` does; return how many."""
        with open_writer(self._engine) as connection:
            return redating.redate(connection, runs, span, shift)

    def seal_all_again(self, depots: Iterable[Depot]) -> int:
        """Move keys of envelopes and deposits from before there was a keyring into it, as `key_upkeep` does."""
        return key_upkeep.seal_all_again(self._engine, self._seal, depots)

    def sweep_keys(self, depots: Iterable[Depot], grace: timedelta) -> int:
        """Destroy the keys that nothing has named for so long, as `key_upkeep` does; return how many."""
        keyring = self._seal.keyring
        return 0 if keyring is None else key_upkeep.sweep_keys(self._engine, keyring, depots, grace)

    def count_closed(self) -> int:
        """Count what is sealed in the journal and opens no more, as `key_upkeep` does."""
        keyring = self._seal.keyring
        return 0 if keyring is None else key_upkeep.count_closed(self._engine, keyring)

    def find_unregistered(self, digests: Iterable[str]) -> set[str]:
        """Return the digests of which no flow has a parcel."""
        with open_reader(self._engine) as connection:
            return parcels.find_unregistered(connection, digests)

    def list_closed_before(self, moment: datetime) -> tuple[str, ...]:
        """List the digests that every flow which has them was done with before `moment`."""
        with open_reader(self._engine) as connection:
            return parcels.list_closed_before(connection, moment)
