"""Who read of whom through the API: by person, day, token, contract and purpose, before the answer goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, delete, select

from passerelle.stores.api_schema import api_token, person_reading
from passerelle.stores.database import insert_into, iter_slices, open_reader, open_writer
from passerelle.stores.instants import to_microseconds
from passerelle.stores.trail import append_entry
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Engine

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

_READING = person_reading.c
_PSEUDONYM = "api/reading"
_PRIMARY = [column.name for column in person_reading.primary_key.columns]


@dataclass(frozen=True, slots=True)
class PersonReading:
    """What one client read of one person on one day."""

    day: date
    client: str
    contract: str
    purpose: str
    records: int
    last_at: datetime


class ReadingBook:
    """The part of the store of the API about who read of whom. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def note_readings(
        self, token: int, contract: str, purpose: str, subjects: Mapping[str, int], act: AuditEntry
    ) -> None:
        """Note that records were read, of each person how many, and write the act into the audit trail."""
        refs = list(subjects)
        keys = self._seal.pseudonymise_each(_PSEUDONYM, refs)
        # counted once: a type that counts it for each row costs more than all the rest of the row
        moment = to_microseconds(act.at)
        common = {"day": act.at.date(), "token_id": token, "contract": contract, "purpose": purpose, "moment": moment}
        rows = [{**common, "subject": key, "records": subjects[ref]} for key, ref in zip(keys, refs, strict=True)]
        with open_writer(self._engine) as connection:
            if rows:
                # one statement for all rows, not all rows in one statement: that one would be compiled anew each time
                new = insert_into(connection, person_reading).values(last_at=bindparam("moment", type_=BigInteger))
                change = {"records": _READING.records + new.excluded.records, "last_at": new.excluded.last_at}
                connection.execute(new.on_conflict_do_update(index_elements=_PRIMARY, set_=change), rows)
            append_entry(connection, self._seal, act)

    def list_readings(self, subjects: Sequence[str]) -> tuple[PersonReading, ...]:
        """Return who read of a person, given by all forms of their reference, the earliest day first."""
        keys = self._seal.pseudonymise_each(_PSEUDONYM, dict.fromkeys(subjects))
        joined = person_reading.join(api_token, _READING.token_id == api_token.c.id)
        wanted = select(person_reading, api_token.c.client).select_from(joined)
        found: list[PersonReading] = []
        with open_reader(self._engine) as connection:
            for some in iter_slices(keys):
                rows = connection.execute(wanted.where(_READING.subject.in_(some))).all()
                found += [
                    PersonReading(row.day, row.client, row.contract, row.purpose, row.records, row.last_at)
                    for row in rows
                ]
        return tuple(sorted(found, key=lambda one: (one.last_at, one.client, one.contract, one.purpose)))

    def erase_readings(self, subjects: Sequence[str]) -> int:
        """Erase who read of some persons; return how many rows these were."""
        keys, gone = self._seal.pseudonymise_each(_PSEUDONYM, dict.fromkeys(subjects)), 0
        with open_writer(self._engine) as connection:
            for some in iter_slices(keys):
                gone += connection.execute(delete(person_reading).where(_READING.subject.in_(some))).rowcount
        return gone
