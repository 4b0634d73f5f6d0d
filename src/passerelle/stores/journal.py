"""The journal: parcels received, their batches and fates, cursors, runs. Digests, counts, codes and times only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from passerelle.stores import arrivals, books, columns_met, known, parcels, remote_ids, schema, trail
from passerelle.stores.accounts import AccountBook
from passerelle.stores.batches import insert_batch, insert_reasons
from passerelle.stores.block_cache import BlockCache
from passerelle.stores.cursors import CursorBook, note_cursor
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.delivered import remember_delivered
from passerelle.stores.description_drafts import DescriptionBook
from passerelle.stores.group_book import GroupBook, check_balances
from passerelle.stores.incidents import IncidentBook
from passerelle.stores.notices import NoticeBook
from passerelle.stores.outside_book import OutsideBook
from passerelle.stores.parcels import OpenParcel
from passerelle.stores.person_book import PersonBook
from passerelle.stores.quarantine import insert_items
from passerelle.stores.quarantine_moves import attach_items
from passerelle.stores.ref_index import RefIndex, recall
from passerelle.stores.regularity import RegularityBook
from passerelle.stores.settlement import KnownRecord
from passerelle.stores.subjects import SubjectBook
from passerelle.stores.suspensions import Suspension, SuspensionBook, lift_suspension, upsert_flow
from passerelle.stores.switch_findings import SwitchBook
from passerelle.stores.trail import TrailBook
from passerelle.stores.upkeep import JournalUpkeep
from passerelle.stores.whole_book import WholeBook, note_whole_list
from passerelle.vocabulary.arrivals import NO_MARKS
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Engine

    from passerelle.stores.books import DayBalance, ParcelRow, RunParcel, RunRow, SettledBalance
    from passerelle.stores.fingerprint_index import FingerprintIndex
    from passerelle.stores.ref_index import RecalledRecords
    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import DeliveredRecords, ReasonKey, Settlement, WholeClosing
    from passerelle.stores.trail import AuditEntry
    from passerelle.vocabulary.arrivals import ArrivalMarks, Mark
    from passerelle.vocabulary.parcels import BatchKey, Parcel

__all__ = ["Journal", "OpenParcel", "Suspension"]


class Journal(
    AccountBook,
    IncidentBook,
    CursorBook,
    DescriptionBook,
    GroupBook,
    JournalUpkeep,
    NoticeBook,
    OutsideBook,
    PersonBook,
    RegularityBook,
    SubjectBook,
    SuspensionBook,
    SwitchBook,
    TrailBook,
    WholeBook,
):
    """The journal of all flows. Every method is one transaction; once it has returned, its effect survives a power cut.

    Any method may raise FatalError `incident.database.*`.
    """

    def __init__(self, engine: Engine, seal: Seal) -> None:
        """Raise FatalError `incident.key.other` when the journal was written with another key."""
        super().__init__(engine, seal)
        self._indexes: dict[tuple[str, str], RefIndex] = {}
        self._blocks = BlockCache()
        self._fingerprints: dict[str, FingerprintIndex] = {}
        with open_reader(engine) as connection:
            is_marked = _has_own_mark(connection, seal)
        if not is_marked:
            with open_writer(engine) as connection:
                own = insert_into(connection, schema.seal_check).values(mac=seal.compute_mac("check", b""))
                connection.execute(own.on_conflict_do_nothing())
        self._seal_older_words()

    def register(
        self,
        parcel: Parcel,
        *,
        kind: str = parcels.SUPPLIED,
        cursor: str = "",
        items: Iterable[int] = (),
        marks: ArrivalMarks = NO_MARKS,
    ) -> str:
        """Register a parcel, its marks, the source's cursor and the quarantine items it replays, in one transaction.

        Returns the key of the parcel that is to be processed; empty when it is the arrival of one registered before.
        """
        with self._open_fenced(parcel.flow) as connection:
            key = parcels.add(connection, self._seal, parcel, kind, marks)
            if key:
                # after `add`, which reattaches the items of a parked replay
                attach_items(connection, items, key)
            if cursor:
                note_cursor(connection, self._seal, parcel.flow, cursor)
        hit_failpoint("collect.registered")
        if cursor:
            hit_failpoint("cursor.moved")
        return key

    def keep_stayed_marks(self, flow: str, seen: Collection[Mark]) -> None:
        """Forget what a complete look at a source no longer showed, of the marks that hold only while it does."""
        with self._open_fenced(flow) as connection:
            arrivals.keep_stayed(connection, self._seal, flow, seen)

    def forget_taken_marks(self, flow: str) -> None:
        """Forget the marks of files that a complete look took away: the same file again is another one."""
        with self._open_fenced(flow) as connection:
            arrivals.forget_taken(connection, flow)

    def forget_unseen_marks(self, age: timedelta) -> int:
        """Forget the marks of places that their source stopped showing so long ago, and return how many."""
        with open_writer(self._engine) as connection:
            return arrivals.forget_unseen(connection, age)

    def list_open_parcels(self, flow: str, now: datetime) -> tuple[OpenParcel, ...]:
        """List the parcels that are not finished, also those that have to wait, in order of registration."""
        with open_reader(self._engine) as connection:
            return parcels.list_open(connection, flow, now)

    def settle(self, *settlements: Settlement) -> None:
        """Write all about batches of a parcel in one transaction: balance, reasons, quarantined items, known records.

        Raises FatalError: `incident.books.unbalanced`; `incident.batch.settled` when one was settled before;
        `incident.parcel.unregistered`, `incident.parcel.closed`.
        """
        flow, key = settlements[0].flow, settlements[0].batch.parcel
        check_balances(settlements)
        with self._open_fenced(flow) as connection:
            parcel_id = parcels.find_open_id(connection, flow, key)
            for one in settlements:
                self._insert_settlement(connection, parcel_id, one)
            parcels.note_progress(connection, parcel_id)
        hit_failpoint("settle.committed")

    def _insert_settlement(self, connection: Connection, parcel_id: int, settlement: Settlement) -> None:
        flow = settlement.flow
        insert_batch(connection, parcel_id, settlement)
        insert_reasons(connection, parcel_id, settlement.batch.number, settlement.reasons)
        if settlement.quarantined:
            earlier = self._get_fingerprint_index(connection, flow, parcel_id)
            insert_items(connection, self._seal, earlier, settlement)
        hit_failpoint("settle.quarantined")
        remember_delivered(connection, self._seal, [(parcel_id, settlement)])
        for contract, keys in settlement.forgotten:
            remote_ids.forget_remote_ids(connection, self._seal, (flow, contract), keys)
        columns_met.remember_columns(connection, flow, settlement.member, settlement.columns)

    def close_parcel(
        self,
        flow: str,
        key: str,
        batches: int,
        now: datetime,
        *,
        warnings: Mapping[ReasonKey, int] | None = None,
        whole: WholeClosing | None = None,
    ) -> None:
        """Mark a parcel of so many batches as done, and the quarantine items attached to it as replayed.

        `warnings` counts warnings that only the whole parcel shows; they are added to its last batch. `whole` is
        written with the end of a whole export: what vanished, as one more batch, and which list of refs counts.

        Raises FatalError `incident.books.incomplete` when batches are missing.
        """
        with self._open_fenced(flow) as connection:
            if warnings:
                parcel_id, column = parcels.find_open_id(connection, flow, key), schema.batch.c
                last = update(schema.batch).where(column.parcel_id == parcel_id, column.number == batches - 1)
                connection.execute(last.values(warnings=column.warnings + sum(warnings.values())))
                insert_reasons(connection, parcel_id, batches - 1, warnings)
            if whole is not None:
                # In this transaction: a kill leaves either everything to be found again, or nothing.
                parcel_id = parcels.find_open_id(connection, flow, key)
                if whole.settlement is not None:
                    self._insert_settlement(connection, parcel_id, whole.settlement)
                    batches += 1
                if whole.list_digest:
                    note_whole_list(connection, flow, whole.list_digest, parcel_id, now)
            parcels.close(connection, flow, key, batches, now)

    def park_parcel(
        self, flow: str, key: str, code: str, now: datetime, *, details: Mapping[str, str] | None = None
    ) -> None:
        """Park a parcel as a whole, with its reason code and what fills its sentence: names of columns, our words."""
        with self._open_fenced(flow) as connection:
            parcels.park(connection, flow, key, code, now, details)

    def reopen_parcel(self, flow: str, key: str, *, absent: str = "") -> bool:
        """Reopen a parked parcel, or let a waiting one be tried at once; return False for any other.

        `absent`: the answer of a person for the columns that it lacks, `keep` or `empty`.
        """
        with open_writer(self._engine) as connection:
            return parcels.reopen(connection, flow, key, absent=absent)

    def list_columns_met(self, flow: str) -> dict[str, frozenset[str]]:
        """Return the supplier's columns that fed fields of this flow so far, by member."""
        with open_reader(self._engine) as connection:
            return columns_met.list_columns_met(connection, flow)

    def wait_parcel(
        self, flow: str, key: str, code: str, not_before: datetime, details: Mapping[str, str] | None = None
    ) -> None:
        """Make a parcel wait until `not_before` and count the failed try; `details` fill the sentence of its reason."""
        with self._open_fenced(flow) as connection:
            parcels.wait(connection, flow, key, code, not_before, details)

    def resume(self, flow: str, act: AuditEntry | None = None, *, absent: str = "") -> int:
        """Resume a suspended flow; with an act, reopen its stopped parcels too and audit it. Return how many those are.

        One transaction: a flow that goes on without a trace of who let it, or without its parcels, cannot be. `absent`
        answers for the parcels that lack columns, and for them alone: those of another may be absent by mistake.
        """
        with open_writer(self._engine) as connection:
            lift_suspension(connection, flow)
            if act is None:
                return 0
            trail.append_entry(connection, self._seal, act)
            return sum(
                parcels.reopen(connection, flow, row.key, absent=absent if row.code == parcels.ABSENT_COLUMNS else "")
                for row in books.list_parcels(connection, flow)
            )

    def recall(self, flow: str, contract: str, ref_keys: bytes) -> RecalledRecords:
        """Look up what the destination has of these refs, given as concatenated keyed pseudonyms."""
        index = self._indexes.setdefault((flow, contract), RefIndex(cache=self._blocks))
        with open_reader(self._engine) as connection:
            return recall(connection, index, (flow, contract), ref_keys)

    def drop_caches(self, flow: str) -> None:
        """Drop what is remembered of a flow between transactions: somebody else worked on it meanwhile."""
        self._indexes = {scope: index for scope, index in self._indexes.items() if scope[0] != flow}
        self._fingerprints.pop(flow, None)

    def find_known(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> dict[bytes, KnownRecord]:
        """Return known records by ref key, with the destination's own ids; refs that it does not have are absent."""
        recalled = self.recall(flow, contract, b"".join(ref_keys))
        with open_reader(self._engine) as connection:
            digests = parcels.find_digests(connection, set(recalled.parcels.tolist()))
            given = remote_ids.find_remote_ids(connection, self._seal, (flow, contract), ref_keys)
        contents = (row.tobytes() for row in recalled.contents)
        rows = zip(ref_keys, contents, recalled.versions.tolist(), recalled.parcels.tolist(), strict=True)
        return {
            key: KnownRecord(content, version, digests[parcel], given.get(key, ""))
            for key, content, version, parcel in rows
            if version
        }

    def forget_columns(self, flow: str, gone: Mapping[str, Iterable[str]]) -> None:
        """Forget columns, by member, that somebody said are no more: no parcel is asked about them again."""
        with open_writer(self._engine) as connection:
            for member, columns in gone.items():
                columns_met.forget_columns(connection, flow, member, columns)

    def find_last_delivered(self, flow: str) -> BatchKey | None:
        """Return the batch of a flow that was settled last, of those that delivered or deleted; None before one."""
        with open_reader(self._engine) as connection:
            return books.find_last_delivered(connection, flow)

    def forget_contents(self, flow: str, key: str, records: DeliveredRecords) -> None:
        """Replace what is known of records by contents that no record has; `key` names a parcel that is open."""
        with self._open_fenced(flow) as connection:
            known.remember(connection, self._seal, flow, [(parcels.find_open_id(connection, flow, key), records)])

    def find_remote_ids(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> list[str | None]:
        """Return the destination's id of each ref: empty where it gave none, None for a record it does not have."""
        recalled = self.recall(flow, contract, b"".join(ref_keys))
        versions = (recalled.versions * recalled.there).tolist()  # a record that was deleted is not there
        with open_reader(self._engine) as connection:
            given = remote_ids.find_remote_ids(connection, self._seal, (flow, contract), ref_keys)
        if not given:  # files and tables give no ids: spare a look-up for each ref
            return ["" if version else None for version in versions]
        return [given.get(key, "") if version else None for key, version in zip(ref_keys, versions, strict=True)]

    def has_same_refs(self, flow: str, contract: str, ref_keys: bytes) -> bool:
        """Whether the destination has a record of each ref (concatenated pseudonyms), and named none by its own id."""
        with open_reader(self._engine) as connection:
            has_ids = remote_ids.has_remote_ids(connection, (flow, contract))
        return not has_ids and bool(self.recall(flow, contract, ref_keys).there.all())

    def page_remote_ids(
        self, flow: str, contract: str, after: bytes = b"", limit: int = 500
    ) -> list[tuple[bytes, str]]:
        """Return one page of (ref key, remote id) after the key `after`, in order of keys.

        The id is empty where it was forgotten since.
        """
        with open_reader(self._engine) as connection:
            return remote_ids.page_remote_ids(connection, self._seal, (flow, contract), after, limit)

    def forget_remote_ids(self, flow: str, contract: str, ref_keys: Sequence[bytes]) -> None:
        """Forget the remote ids of records that were taken back from the destination."""
        with open_writer(self._engine) as connection:
            remote_ids.forget_remote_ids(connection, self._seal, (flow, contract), ref_keys)

    def count_known(self, flow: str, contract: str) -> int:
        """Count the records of a contract that this flow ever delivered."""
        with open_reader(self._engine) as connection:
            return known.count_refs(connection, (flow, contract))

    def get_parcel_number(self, flow: str, key: str) -> int:
        """Return the journal's own number of a parcel that is not finished. Raises FatalError `incident.parcel.*`."""
        with open_reader(self._engine) as connection:
            return parcels.find_open_id(connection, flow, key)

    def find_last_parcel(self, flow: str) -> int:
        """Return the journal's own number of the last parcel of a flow, 0 when it has none."""
        with open_reader(self._engine) as connection:
            return parcels.find_last_id(connection, flow)

    def count_known_of_earlier(self, flow: str, contracts: Iterable[str], number: int) -> int:
        """Count the records whose last state was brought by a parcel of this number or an earlier one."""
        with open_reader(self._engine) as connection:
            return known.count_older(connection, [(flow, contract) for contract in contracts], number)

    def is_late(self, flow: str, key: str) -> bool:
        """Whether a newer parcel of the flow was taken before this one: one that came later, or whose name says so."""
        with open_reader(self._engine) as connection:
            return parcels.is_late(connection, flow, key)

    def list_balances(self, flow: str = "") -> tuple[SettledBalance, ...]:
        """List balances by flow, parcel, run and day."""
        with open_reader(self._engine) as connection:
            return books.list_balances(connection, flow)

    def list_days(self, since: datetime, flow: str = "") -> tuple[DayBalance, ...]:
        """List what was supplied since a moment, by flow and day: as much work as there were batches since then."""
        with open_reader(self._engine) as connection:
            return books.list_days(connection, since, flow)

    def list_parcels(self, flow: str = "", *, latest: int | None = None, key: str = "") -> tuple[ParcelRow, ...]:
        """List parcels with their state and balance, oldest first; only the latest ones when asked for."""
        with open_reader(self._engine) as connection:
            return books.list_parcels(connection, flow, latest, key)

    def count_reasons(self, flow: str = "", *, parcel: str = "", run: int | None = None) -> dict[ReasonKey, int]:
        """Count rows by reason, most frequent first."""
        with open_reader(self._engine) as connection:
            return books.count_reasons(connection, flow, parcel, run)

    def begin_run(self, flows: Iterable[str], now: datetime) -> int:
        """Record the start of a run and return its number."""
        row = {"flows": " ".join(flows), "started_at": now}
        with open_writer(self._engine) as connection:
            return int(connection.execute(insert(schema.run).values(row).returning(schema.run.c.id)).scalar_one())

    def end_run(self, run: int, outcome: str, now: datetime) -> None:
        """Record the end of a run with its outcome, a word of our own."""
        ended = update(schema.run).where(schema.run.c.id == run).values(outcome=outcome, ended_at=now)
        with open_writer(self._engine) as connection:
            connection.execute(ended)

    def list_runs(self, limit: int | None = None, flow: str = "") -> tuple[RunRow, ...]:
        """List runs, latest first; those in which a flow took part when it is named."""
        with open_reader(self._engine) as connection:
            return books.list_runs(connection, limit, flow)

    def find_run(self, run: int) -> RunRow | None:
        """Return one run; None for a number that none has."""
        with open_reader(self._engine) as connection:
            return books.find_run(connection, run)

    def list_run_parcels(self, run: int) -> tuple[RunParcel, ...]:
        """Sum what a run settled, by parcel, also while it goes on."""
        with open_reader(self._engine) as connection:
            return books.list_run_parcels(connection, run)

    def _update_flow(self, flow: str, **values: object) -> None:
        with open_writer(self._engine) as connection:
            upsert_flow(connection, flow, values)


def _has_own_mark(connection: Connection, seal: Seal) -> bool:
    """Whether the journal carries the mark of this key; False when it carries none yet.

    Raises FatalError `incident.key.other` when it carries the mark of another key.
    """
    marks = connection.execute(select(schema.seal_check.c.mac)).scalars().all()
    if marks and seal.compute_mac("check", b"") not in marks:
        raise FatalError("incident.key.other")
    return bool(marks)
