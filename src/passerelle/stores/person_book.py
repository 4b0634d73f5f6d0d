"""The part of the journal about persons: acts under way, step by step, and what an erasure takes out of each table."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from passerelle.stores import known, parcels, remote_ids, schema, scopes, trail
from passerelle.stores.batches import insert_batch, insert_reasons
from passerelle.stores.database import iter_slices, open_reader, open_writer, truncate_wal
from passerelle.stores.drafts import read_draft_envelopes
from passerelle.stores.quarantine_moves import move_where
from passerelle.stores.scopes import find_scope_id
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import Settlement
    from passerelle.stores.trail import AuditEntry
    from passerelle.vocabulary.parcels import Parcel

_ACT = schema.person_act.c
_ITEM = schema.quarantine.c
_REMOTE = schema.known_remote.c
_LIVE = (QuarantineState.WAITING, QuarantineState.REPLAYING)


@dataclass(frozen=True, slots=True)
class PersonAct:
    """An act about persons that was begun: which, about whom, why and who; the steps that are done."""

    number: int
    act: str
    persons: tuple[str, ...] = field(repr=False)
    why: str = field(repr=False)
    who: str = field(repr=False)
    done: frozenset[str]
    begun_at: datetime


class PersonBook:
    """Acts about persons. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def begin_act(self, act: str, persons: Sequence[str], *, why: str, who: str, now: datetime) -> PersonAct:
        """Begin an act, or return the one about the same persons that was not finished."""
        for begun in self.list_acts():
            if begun.act == act and set(begun.persons) == set(persons):
                return begun
        with open_writer(self._engine) as connection:
            row = {"act": act, "persons": b"", "words": b"", "begun_at": now}
            statement = insert(schema.person_act).values(row).returning(_ACT.id)
            number = int(connection.execute(statement).scalar_one())
            plain = json.dumps(list(persons)).encode(), json.dumps([why, who]).encode()
            sealed = self._seal.seal_each([(content, _bind_act(number)) for content in plain])
            values = {"persons": sealed[0], "words": sealed[1]}
            connection.execute(update(schema.person_act).where(_ACT.id == number).values(**values))
        return PersonAct(number, act, tuple(persons), why, who, frozenset(), now)

    def list_acts(self) -> tuple[PersonAct, ...]:
        """List the acts that are not finished, the oldest first."""
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(schema.person_act).order_by(_ACT.id)).all()
        return tuple(map(self._open_act, rows))

    def note_step(self, act: PersonAct, step: str) -> PersonAct:
        """Note that a step of an act is done, and return the act as it is then."""
        fresh = PersonAct(act.number, act.act, act.persons, act.why, act.who, act.done | {step}, act.begun_at)
        with open_writer(self._engine) as connection:
            values = {"done": " ".join(sorted(fresh.done))}
            connection.execute(update(schema.person_act).where(_ACT.id == act.number).values(**values))
        return fresh

    def end_act(self, act: PersonAct, entry: AuditEntry) -> None:
        """End an act: it goes into the audit trail, and what named its persons is destroyed."""
        with open_writer(self._engine) as connection:
            row = connection.execute(select(schema.person_act).where(_ACT.id == act.number)).one()
            connection.execute(delete(schema.person_act).where(_ACT.id == act.number))
            trail.append_entry(connection, self._seal, entry)
        truncate_wal(self._engine)
        self._seal.destroy([row.persons, row.words])

    def settle_withdrawal(self, parcel: Parcel, settlements: Sequence[Settlement]) -> bool:
        """Write what was deleted at a destination as a parcel of its own, done, in one transaction.

        Nothing came in with it; its key names the act. Returns False when it was written before.
        """
        with open_writer(self._engine) as connection:
            parcel_id = parcels.add_done(connection, parcel, parcels.WITHDRAWN)
            if parcel_id is None:
                return False
            for one in settlements:
                insert_batch(connection, parcel_id, one)
                insert_reasons(connection, parcel_id, one.batch.number, one.reasons)
                known.remember(connection, self._seal, one.flow, [(parcel_id, records) for records in one.delivered])
                for contract, keys in one.forgotten:
                    remote_ids.forget_remote_ids(connection, self._seal, (one.flow, contract), keys)
        return True

    def has_parcel(self, flow: str, key: str) -> bool:
        """Whether a parcel is registered."""
        column = schema.parcel.c
        with open_reader(self._engine) as connection:
            wanted = select(column.id).where(column.flow == flow, column.key == key)
            return connection.execute(wanted).first() is not None

    def erase_items(self, ids: Iterable[int], now: datetime) -> int:
        """Destroy the payloads of quarantined items, also of those that a replay carries, with keys and drafts."""
        envelopes: list[bytes] = []
        drafts: list[bytes] = []
        with open_writer(self._engine) as connection:
            for some in iter_slices(sorted(set(ids))):
                own = (_ITEM.id.in_(some), _ITEM.state.in_(_LIVE), _ITEM.payload.is_not(None))
                envelopes += connection.execute(select(_ITEM.payload).where(*own)).scalars()
                drafts += read_draft_envelopes(connection, some)
                for state in _LIVE:
                    # the likeness too: it is a pseudonym of all that the row said
                    chosen = _ITEM.id.in_(some)
                    move_where(connection, QuarantineState.DISCARDED, now, chosen, before=state, likeness=None)
        truncate_wal(self._engine)
        self._seal.destroy([*envelopes, *drafts])
        return len(envelopes)

    def erase_known(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> int:
        """Erase the pseudonyms of refs and the ids that a destination gave them; return how many records these were."""
        with open_writer(self._engine) as connection:
            gone = known.erase_refs(connection, (flow, contract), b"".join(ref_keys))
            envelopes = _delete_remote_ids(connection, find_scope_id(connection, flow, contract), ref_keys)
        truncate_wal(self._engine)
        self._seal.destroy(envelopes)
        return gone

    def forget_remembered_before(self, names: Collection[str], moment: datetime) -> int:
        """Forget what parcels brought before a moment of the scopes with these names; return how many records."""
        parcel, gone = schema.parcel.c, 0
        with open_writer(self._engine) as connection:
            # The first that came later, not the last that came before: a wrong clock keeps too much, never too little.
            later = connection.execute(select(func.min(parcel.id)).where(parcel.received_at >= moment)).scalar()
            last = connection.execute(select(func.max(parcel.id))).scalar() or 0
            number = last if later is None else later - 1
            for flow, contract in scopes.list_scopes(connection):
                if contract in names:
                    gone += known.erase_older(connection, (flow, contract), number)
        return gone

    def _open_act(self, row: Row[Any]) -> PersonAct:
        about = _bind_act(row.id)
        why, who = json.loads(self._seal.open(row.words, about=about))
        persons = tuple(json.loads(self._seal.open(row.persons, about=about)))
        return PersonAct(row.id, row.act, persons, why, who, frozenset(row.done.split()), row.begun_at)

    def erase_trail(self, subjects: Collection[str]) -> int:
        """Erase the words of the entries of the audit trail that name these subjects; return how many entries."""
        with open_writer(self._engine) as connection:
            entries = trail.list_entries(connection, self._seal)
            own = [entry.entry for entry in entries if not entry.list_words().isdisjoint(subjects)]
            envelopes = trail.erase_words(connection, own)
        truncate_wal(self._engine)
        self._seal.destroy(envelopes)
        return len(envelopes)


def _delete_remote_ids(connection: Connection, scope_id: int | None, ref_keys: Sequence[bytes]) -> list[bytes]:
    envelopes: list[bytes] = []
    for some in iter_slices(ref_keys):
        own = (_REMOTE.scope_id == scope_id, _REMOTE.ref_key.in_(some))
        envelopes += connection.execute(select(_REMOTE.remote).where(*own)).scalars()
        connection.execute(delete(schema.known_remote).where(*own))
    return envelopes


def _bind_act(number: int) -> bytes:
    return f"person/{number}".encode()
