"""The journal: what was received, what became of it, and where to go on. Digests, counts, codes and times only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from passerelle.stores import books, known, parcels, schema, trail
from passerelle.stores.claims import claim_flow
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.fingerprint_index import FingerprintIndex
from passerelle.stores.parcels import OpenParcel
from passerelle.stores.quarantine import attach, insert_items
from passerelle.stores.settlement import KnownRecord
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from passerelle.stores.books import ParcelRow, RunRow, SettledBalance
    from passerelle.stores.known import Recalled
    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import ReasonKey, Settlement
    from passerelle.stores.trail import AuditEntry
    from passerelle.vocabulary.parcels import Parcel

__all__ = ["Journal", "OpenParcel", "Suspension"]

_FLOW = schema.flow.c


@dataclass(frozen=True, slots=True)
class Suspension:
    """A flow that stands still until somebody acts."""

    flow: str
    code: str
    since: datetime


class Journal:
    """One journal for all flows. Every method is one transaction; once it returns, what it did survives a power cut.

    Any method may raise FatalError `incident.database.*`.
    """

    def __init__(self, engine: Engine, seal: Seal) -> None:
        """Raises FatalError `incident.key.other` when the journal was written with another key."""
        self._engine = engine
        self._seal = seal
        self._indexes: dict[tuple[str, str], known.Index] = {}
        self._earlier: dict[str, FingerprintIndex] = {}
        with open_reader(engine) as connection:
            checked = _check_seal(connection, seal)
        if not checked:
            with open_writer(engine) as connection:
                own = insert_into(connection, schema.seal_check).values(mac=seal.compute_mac("check", b""))
                connection.execute(own.on_conflict_do_nothing())

    def register(
        self, parcel: Parcel, *, kind: str = parcels.SUPPLIED, cursor: str = "", items: Iterable[int] = ()
    ) -> bool:
        """Register a parcel, with the source's cursor and the quarantine items that it carries, all at once.

        Returns False when this flow knows the parcel already.
        """
        with open_writer(self._engine) as connection:
            fresh = parcels.add(connection, parcel, kind)
            attach(connection, items, parcel.digest)  # after `add`: a parked replay takes its own items up first
            if cursor:
                self._move_cursor(connection, parcel.flow, cursor)
        hit_failpoint("collect.registered")
        if cursor:
            hit_failpoint("cursor.moved")
        return fresh

    def get_cursor(self, flow: str) -> str:
        """Say where the source goes on; empty: from the beginning."""
        with open_reader(self._engine) as connection:
            sealed = connection.execute(select(_FLOW.cursor).where(_FLOW.name == flow)).scalar()
        return self._seal.open(sealed, about=_cursor_of(flow)).decode() if sealed else ""

    def list_open_parcels(self, flow: str, now: datetime) -> tuple[OpenParcel, ...]:
        """List what is not finished, in order of registration, also what has to wait."""
        with open_reader(self._engine) as connection:
            return parcels.live(connection, flow, now)

    def settle(self, settlement: Settlement) -> None:
        """Make everything about a batch true at once: its books, reasons, quarantined items and known records.

        Raises FatalError: `incident.books.unbalanced`; `incident.batch.settled` when that was done before;
        `incident.parcel.unregistered`, `incident.parcel.closed`.
        """
        flow, batch = settlement.flow, settlement.batch
        if not settlement.balance.adds_up:
            raise FatalError("incident.books.unbalanced", flow=flow, parcel=batch.parcel, batch=batch.number)
        with open_writer(self._engine) as connection:
            parcel_id = parcels.live_id(connection, flow, batch.parcel)
            _enter_batch(connection, parcel_id, settlement)
            _enter_reasons(connection, parcel_id, settlement.batch.number, settlement.reasons)
            if settlement.quarantined:
                insert_items(connection, self._seal, self._earlier_than(connection, flow, parcel_id), settlement)
            hit_failpoint("settle.quarantined")
            known.remember(connection, self._seal, flow, parcel_id, settlement.known)
            parcels.progressed(connection, parcel_id)
        hit_failpoint("settle.committed")

    def _earlier_than(self, connection: Connection, flow: str, parcel_id: int) -> FingerprintIndex:
        """Give what waits of earlier parcels, read once for each parcel that is settled."""
        earlier = self._earlier.get(flow)
        if earlier is None or earlier.parcel_id != parcel_id:
            earlier = self._earlier[flow] = FingerprintIndex(connection, flow, parcel_id)
        return earlier

    def close_parcel(
        self, flow: str, digest: str, batches: int, now: datetime, *, warnings: Mapping[ReasonKey, int] | None = None
    ) -> None:
        """Finish a parcel of so many batches; what it brought back from quarantine is replayed.

        `warnings` are warnings that only the whole parcel shows, counted; they stand with its last batch.

        Raises FatalError `incident.books.incomplete` when batches are missing.
        """
        with open_writer(self._engine) as connection:
            if warnings:
                _enter_warnings(connection, parcels.live_id(connection, flow, digest), batches - 1, warnings)
            parcels.close(connection, flow, digest, batches, now)

    def park_parcel(self, flow: str, digest: str, code: str, now: datetime) -> None:
        """Put a parcel aside as a whole, with its reason."""
        with open_writer(self._engine) as connection:
            parcels.park(connection, flow, digest, code, now)

    def reopen_parcel(self, flow: str, digest: str) -> bool:
        """Take a parked parcel up again, or let a waiting one be tried at once; False for any other."""
        with open_writer(self._engine) as connection:
            return parcels.reopen(connection, flow, digest)

    def wait_parcel(self, flow: str, digest: str, code: str, not_before: datetime) -> None:
        """Let a parcel wait after a failed try."""
        with open_writer(self._engine) as connection:
            parcels.wait(connection, flow, digest, code, not_before)

    def list_closed_before(self, moment: datetime) -> tuple[str, ...]:
        """List digests that every flow which has them finished before `moment`."""
        with open_reader(self._engine) as connection:
            return parcels.closed_before(connection, moment)

    def suspend(self, flow: str, code: str, now: datetime) -> None:
        """Stop a flow until somebody acts."""
        self._note_flow(flow, suspended_code=code, suspended_at=now)

    def resume(self, flow: str) -> None:
        """Let a flow go on."""
        self._note_flow(flow, suspended_code=None, suspended_at=None)

    def find_suspension(self, flow: str) -> Suspension | None:
        """Say why a flow is suspended, if it is."""
        wanted = select(_FLOW.suspended_code, _FLOW.suspended_at).where(
            _FLOW.name == flow, _FLOW.suspended_code.is_not(None)
        )
        with open_reader(self._engine) as connection:
            row = connection.execute(wanted).first()
        return Suspension(flow, *row) if row else None

    def recall(self, flow: str, contract: str, ref_keys: bytes) -> Recalled:
        """Find what the destination already has of these refs: keyed pseudonyms, one after the other."""
        index = self._indexes.setdefault((flow, contract), known.Index())
        with open_reader(self._engine) as connection:
            return known.recall(connection, index, (flow, contract), ref_keys)

    def find_known(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> dict[bytes, KnownRecord]:
        """The same record by record, with the destination's own ids; refs that it does not have are left out."""
        found = self.recall(flow, contract, b"".join(ref_keys))
        with open_reader(self._engine) as connection:
            digests = parcels.digests(connection, set(found.parcels.tolist()))
            theirs = known.remotes(connection, self._seal, (flow, contract), ref_keys)
        contents = (row.tobytes() for row in found.contents)
        rows = zip(ref_keys, contents, found.versions.tolist(), found.parcels.tolist(), strict=True)
        return {
            key: KnownRecord(content, version, digests[parcel], theirs.get(key, ""))
            for key, content, version, parcel in rows
            if version
        }

    def find_remote_ids(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> list[str | None]:
        """Return, ref by ref, the id that the destination gave: empty where it gave none, None for one it has not."""
        versions = self.recall(flow, contract, b"".join(ref_keys)).versions.tolist()
        with open_reader(self._engine) as connection:
            given = known.remotes(connection, self._seal, (flow, contract), ref_keys)
        if not given:
            return ["" if version else None for version in versions]
        return [given.get(key, "") if version else None for key, version in zip(ref_keys, versions, strict=True)]

    def page_remote_ids(
        self, flow: str, contract: str, after: bytes = b"", limit: int = 500
    ) -> list[tuple[bytes, str]]:
        """Page through what the destination gave ids of its own: pseudonyms of refs, in order, each with the id.

        The id is empty where it was forgotten since.
        """
        with open_reader(self._engine) as connection:
            return known.remote_pairs(connection, self._seal, (flow, contract), after, limit)

    def forget_remote_ids(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> None:
        """Forget ids of records that the destination was made to give back."""
        with open_writer(self._engine) as connection:
            known.forget_remotes(connection, self._seal, (flow, contract), ref_keys)

    def count_known(self, flow: str, contract: str) -> int:
        """Count the records of a contract that this flow ever delivered."""
        with open_reader(self._engine) as connection:
            return known.count(connection, (flow, contract))

    def get_parcel_number(self, flow: str, digest: str) -> int:
        """Give the journal's own number of a parcel that is not finished. Raises FatalError `incident.parcel.*`."""
        with open_reader(self._engine) as connection:
            return parcels.live_id(connection, flow, digest)

    def list_balances(self, flow: str = "") -> tuple[SettledBalance, ...]:
        """Give the books by flow, parcel, run and day."""
        with open_reader(self._engine) as connection:
            return books.list_balances(connection, flow)

    def list_parcels(self, flow: str = "") -> tuple[ParcelRow, ...]:
        """List parcels with their state and books."""
        with open_reader(self._engine) as connection:
            return books.list_parcels(connection, flow)

    def count_reasons(self, flow: str = "", *, parcel: str = "", run: int | None = None) -> dict[ReasonKey, int]:
        """Count by reason, most frequent first."""
        with open_reader(self._engine) as connection:
            return books.count_reasons(connection, flow, parcel, run)

    def begin_run(self, flows: Iterable[str], now: datetime) -> int:
        """Note that a run begins, and give its number."""
        row = {"flows": " ".join(flows), "started_at": now}
        with open_writer(self._engine) as connection:
            return int(connection.execute(insert(schema.run).values(row).returning(schema.run.c.id)).scalar_one())

    def end_run(self, run: int, outcome: str, now: datetime) -> None:
        """Note how a run ended: a word of ours."""
        ended = update(schema.run).where(schema.run.c.id == run).values(outcome=outcome, ended_at=now)
        with open_writer(self._engine) as connection:
            connection.execute(ended)

    def list_runs(self, limit: int | None = None) -> tuple[RunRow, ...]:
        """List runs, the latest first."""
        with open_reader(self._engine) as connection:
            return books.list_runs(connection, limit)

    def claim(self, flow: str) -> AbstractContextManager[None]:
        """Hold a flow for this process while the context lasts; the system lets go of it when the process dies.

        Entering raises TransientError `incident.flow.busy` when somebody else holds it.
        """
        return claim_flow(self._engine, flow)

    def append_audit(self, action: str, subject: str, why: str, now: datetime, who: str) -> None:
        """Write into the audit trail. `action` is a word of ours; subject, why and who are sealed."""
        with open_writer(self._engine) as connection:
            trail.append(connection, self._seal, trail.AuditEntry(0, now, action, subject, why, who))

    def list_audit_entries(self) -> tuple[AuditEntry, ...]:
        """Read the audit trail, oldest first."""
        with open_reader(self._engine) as connection:
            return trail.entries(connection, self._seal)

    def get_audit_head(self) -> str:
        """Say where the audit trail ends, to be kept elsewhere and checked later."""
        with open_reader(self._engine) as connection:
            return trail.head(connection)

    def verify_audit(self, anchor: str = "") -> int:
        """Check the audit trail, and that it still contains `anchor`; give its length.

        Raises FatalError `incident.audit.broken`.
        """
        with open_reader(self._engine) as connection:
            return trail.verify(connection, self._seal, anchor)

    def _move_cursor(self, connection: Connection, flow: str, cursor: str) -> None:
        sealed = self._seal.seal(cursor.encode(), about=_cursor_of(flow))
        _set_flow(connection, flow, {"cursor": sealed})

    def _note_flow(self, flow: str, **values: object) -> None:
        with open_writer(self._engine) as connection:
            _set_flow(connection, flow, values)


def _check_seal(connection: Connection, seal: Seal) -> bool:
    """Say whether the journal carries this key's mark; False when it carries none yet."""
    marks = connection.execute(select(schema.seal_check.c.mac)).scalars().all()
    if marks and seal.compute_mac("check", b"") not in marks:
        raise FatalError("incident.key.other")
    return bool(marks)


def _cursor_of(flow: str) -> bytes:
    return f"cursor/{flow}".encode()


def _set_flow(connection: Connection, flow: str, values: dict[str, object]) -> None:
    fresh = insert_into(connection, schema.flow).values({"name": flow, **values})
    connection.execute(fresh.on_conflict_do_update(index_elements=["name"], set_=values))


def _enter_batch(connection: Connection, parcel_id: int, settlement: Settlement) -> None:
    balance, batch = settlement.balance, settlement.batch
    values = {
        "parcel_id": parcel_id,
        "number": batch.number,
        "run_id": settlement.run,
        "received": balance.received,
        **{fate.value: balance.fates.get(fate, 0) for fate in Fate},
        "withheld_values": balance.withheld_values,
        "warnings": balance.warnings,
        "settled_at": settlement.at,
    }
    fresh = insert_into(connection, schema.batch).values(values)
    fresh = fresh.on_conflict_do_nothing(index_elements=["parcel_id", "number"])
    if not connection.execute(fresh.returning(schema.batch.c.number)).first():
        raise FatalError("incident.batch.settled", flow=settlement.flow, parcel=batch.parcel, batch=batch.number)


def _enter_warnings(connection: Connection, parcel_id: int, number: int, warnings: Mapping[ReasonKey, int]) -> None:
    batch = schema.batch.c
    last = update(schema.batch).where(batch.parcel_id == parcel_id, batch.number == number)
    connection.execute(last.values(warnings=batch.warnings + sum(warnings.values())))
    _enter_reasons(connection, parcel_id, number, warnings)


def _enter_reasons(connection: Connection, parcel_id: int, number: int, reasons: Mapping[ReasonKey, int]) -> None:
    rows = [
        {
            "parcel_id": parcel_id,
            "number": number,
            "contract": key.contract,
            "member": key.member,
            "code": key.code,
            "column_name": key.column,
            "field": key.field,
            "fate": key.fate,
            "count": count,
        }
        for key, count in reasons.items()
    ]
    if rows:
        connection.execute(insert(schema.batch_reason), rows)
