"""The part of the journal that upkeep and people's decisions about stopped parcels need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stores import integrity, known, parcels, redating, trail
from passerelle.stores.database import open_reader, open_writer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from sqlalchemy import Engine

    from passerelle.stores.integrity import FileState
    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry


class JournalUpkeep:
    """What keeps a journal small and sound. Every method is one transaction; `Journal` adds the rest."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

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

    def check_health(self, *, thoroughly: bool = False) -> FileState:
        """Check that the journal is as it was left; `thoroughly`, every structure and every pile of known records too.

        Raises FatalError `incident.journal.corrupt`.
        """
        state = integrity.check_database(self._engine, thoroughly=thoroughly)
        if thoroughly:
            with open_reader(self._engine) as connection:
                known.verify_piles(connection)
        return state

    def redate(self, runs: tuple[int, int], span: tuple[datetime, datetime], shift: timedelta) -> int:
        """Set right the moments written by runs whose clock was wrong, as `redating` does; return how many."""
        with open_writer(self._engine) as connection:
            return redating.redate(connection, runs, span, shift)

    def find_unregistered(self, digests: Iterable[str]) -> set[str]:
        """Return the digests of which no flow has a parcel."""
        with open_reader(self._engine) as connection:
            return parcels.find_unregistered(connection, digests)

    def list_closed_before(self, moment: datetime) -> tuple[str, ...]:
        """List the digests that every flow which has them was done with before `moment`."""
        with open_reader(self._engine) as connection:
            return parcels.list_closed_before(connection, moment)
