"""Turns of flows in the database: who may work on which flow, under which number, and when it is due.

Several workers on several machines share the table, so moments are those of the server's clock; on SQLite, where one
machine works, those of the clock that is given.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import and_, func, or_, select, text, update

from passerelle.stores.claims import is_claimed
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.instants import from_microseconds
from passerelle.stores.tenancy import lend_engine
from passerelle.stores.turn_schema import turn
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.turns import Fence, FlowKey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import ColumnElement, Connection, Engine, Row, Select

    from passerelle.vocabulary.turns import TurnRest

VERSION = 1
"""The version of turns that this program writes and takes: it leaves alone what a later one wrote."""
_TURN = turn.c
_NOW = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")
_LOCK_ORGANISATION = text("SELECT pg_advisory_xact_lock(:number)")


class Ring(Protocol):
    """Rings for a flow in a transaction; `most`: not where so many bells of its organisation wait."""

    def __call__(self, connection: Connection, key: FlowKey, most: int = 0) -> None:
        """Ring."""
        ...


@dataclass(frozen=True, slots=True)
class TurnRules:
    """How turns are taken. Times are in seconds."""

    hold: float = 30.0
    """How long a turn is held without a sign of life."""
    per_organisation: int = 0
    """Most turns of one organisation at the same time; 0: as many as there are workers."""


PLAIN = TurnRules()


@dataclass(frozen=True, slots=True)
class TurnCounts:
    """The turns of all flows, counted."""

    flows: int
    due: int
    """Those that have something to do and nobody works on."""
    in_hand: int
    lost: int
    """Those whose worker is dead."""
    oldest_due: datetime | None


NOTHING = TurnCounts(0, 0, 0, 0, None)
_BUSY = timedelta(minutes=1)
"""After how long a flow is due again that somebody works on by a command."""


def _ring_nobody(connection: Connection, key: FlowKey, most: int = 0) -> None:
    """Ring for nobody: one machine looks at its flows itself."""


class Turns:
    """The turnstile of a database, as the port `Turnstile`. Every method is one transaction."""

    def __init__(
        self,
        engine: Engine,
        owner: str,
        rules: TurnRules = PLAIN,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ring: Ring = _ring_nobody,
        serves: Callable[[], Collection[str]] | None = None,
    ) -> None:
        """`ring` rings for a flow in the transaction that it is given.

        `serves`: the organisations whose turns are listed, of a database that is open for several; each is taken and
        given back under the name of its own.
        """
        self._engine, self._owner, self._rules, self._now, self._ring = engine, owner, rules, now, ring
        self._serves = serves

    def enrol(self, moments: Mapping[FlowKey, datetime]) -> None:
        """Note when each of these flows is due; those that have a moment, or whose turn is held, keep theirs."""
        sleeps = and_(_TURN.due_at.is_(None), _TURN.owner == "")
        with open_reader(self._engine) as connection:
            awake = {FlowKey(*row) for row in connection.execute(select(_TURN.organisation, _TURN.flow).where(~sleeps))}
        if not (missing := moments.keys() - awake):
            return
        for organisation, keys in groupby(sorted(missing), lambda key: key.organisation):
            with self._open_writer(organisation) as connection:
                for key in keys:
                    fresh = insert_into(connection, turn).values(_make_row(key, due_at=moments[key]))
                    there, moment = ["organisation", "flow"], {"due_at": moments[key]}
                    connection.execute(fresh.on_conflict_do_update(index_elements=there, set_=moment, where=sleeps))

    def take(self, key: FlowKey) -> Fence | None:
        """Take the turn of a flow; None when somebody holds it, or when its organisation has as many as it may."""
        with self._open_writer(key.organisation) as connection:
            if self._rules.per_organisation:
                _lock_organisation(connection, key.organisation)  # two workers must not both find room for one
            row = _lock_row(connection, key)
            if row is None or row.needs > VERSION:
                return None
            now = read_now(connection, self._now)
            if _is_held(row, now) or self._is_full(connection, key.organisation, now):
                return None
            if is_claimed(connection, key):
                self._put_off(connection, key, row.due_at, now)
                return None
            number, until = int(row.fence) + 1, now + timedelta(seconds=self._rules.hold)
            taken = {"fence": number, "owner": self._owner, "held_until": until, "due_at": None, "needs": VERSION}
            connection.execute(update(turn).where(*_find_row(key)).values(taken))
        return Fence(key, number, self._owner)

    def holds(self, fence: Fence) -> bool:
        """Whether the turn is still held, which is prolonged by being asked; False once another one overtook it."""
        with self._open_writer(fence.key.organisation) as connection:
            until = read_now(connection, self._now) + timedelta(seconds=self._rules.hold)
            prolonged = update(turn).where(*_find_held(fence))
            return connection.execute(prolonged.values(held_until=until)).rowcount == 1

    def give_back(self, fence: Fence, rest: TurnRest) -> bool:
        """End a turn, and ring in the same transaction for who is due. Return False for a turn that was overtaken."""
        key = fence.key
        with self._open_writer(key.organisation) as connection:
            wanted = select(_TURN.due_at).where(*_find_held(fence))
            row = connection.execute(wanted.with_for_update()).first()
            if row is None:
                return False
            now = read_now(connection, self._now)
            # what came while the turn was held was noted beside it
            moments = (row.due_at, now if rest.is_cut else rest.due_at)
            due_at = min((moment for moment in moments if moment is not None), default=None)
            ended = {"owner": "", "held_until": None, "due_at": due_at, "left": rest.left}
            connection.execute(update(turn).where(*_find_row(key)).values(ended))
            if due_at is not None and due_at <= now:
                self._ring(connection, key)
            if self._rules.per_organisation:
                self._ring_next(connection, key.organisation, now)
        return True

    def list_due(self, waited: timedelta = timedelta()) -> Sequence[FlowKey]:
        """List the flows that are due, or whose worker is dead, longest first; for so long at least."""
        with open_reader(self._engine) as connection:
            now = read_now(connection, self._now) - waited
            wanted = select(_TURN.organisation, _TURN.flow).where(
                _TURN.needs <= VERSION, or_(_is_due(now), _is_lost(now)), *self._choose()
            )
            order = func.coalesce(_TURN.held_until, _TURN.due_at)
            return [FlowKey(*row) for row in connection.execute(wanted.order_by(order, *turn.primary_key))]

    def list_owners(self) -> list[str]:
        """List the workers that hold a turn."""
        with open_reader(self._engine) as connection:
            held = select(_TURN.owner).where(_TURN.owner != "", _TURN.held_until > read_now(connection, self._now))
            return list(connection.execute(held.distinct().order_by(_TURN.owner)).scalars())

    def count(self) -> TurnCounts:
        """Count the turns of all flows."""
        with open_reader(self._engine) as connection:
            columns = _list_counts(read_now(connection, self._now))
            return TurnCounts(*connection.execute(select(*columns).select_from(turn).where(*self._choose())).one())

    def count_each(self) -> Mapping[str, TurnCounts]:
        """Count the turns of each organisation that has some."""
        with open_reader(self._engine) as connection:
            wanted = select(_TURN.organisation, *_list_counts(read_now(connection, self._now))).where(*self._choose())
            return {row[0]: TurnCounts(*row[1:]) for row in connection.execute(wanted.group_by(_TURN.organisation))}

    def _open_writer(self, organisation: str) -> AbstractContextManager[Connection]:
        return open_writer(lend_engine(self._engine, organisation))

    def _choose(self) -> tuple[ColumnElement[bool], ...]:
        return () if self._serves is None else (_TURN.organisation.in_(sorted(self._serves())),)

    def _put_off(self, connection: Connection, key: FlowKey, due_at: datetime | None, now: datetime) -> None:
        """Let a flow that a command works on wait for a moment, and ring for the next of its organisation."""
        if due_at is not None and due_at <= now:
            connection.execute(update(turn).where(*_find_row(key)).values(due_at=now + _BUSY))
        if self._rules.per_organisation:
            self._ring_next(connection, key.organisation, now)

    def _is_full(self, connection: Connection, organisation: str, now: datetime) -> bool:
        """Whether an organisation has as many turns as it may."""
        if not self._rules.per_organisation:
            return False
        held = (_TURN.organisation == organisation, _TURN.owner != "", _TURN.held_until > now)
        count = connection.execute(select(func.count()).select_from(turn).where(*held)).scalar_one()
        return count >= self._rules.per_organisation

    def _ring_next(self, connection: Connection, organisation: str, now: datetime) -> None:
        """Ring for the flow of an organisation that waits longest: its bell was answered when there was no room."""
        waiting = select(_TURN.flow).where(_TURN.organisation == organisation, _TURN.needs <= VERSION, _is_due(now))
        flow = connection.execute(waiting.order_by(_TURN.due_at, _TURN.flow).limit(1)).scalar()
        if flow is not None:
            self._ring(connection, FlowKey(organisation, flow), self._rules.per_organisation)


def mark_due(connection: Connection, key: FlowKey, at: datetime) -> None:
    """Note, in the caller's transaction, that a flow is due at a moment, unless it is before."""
    fresh = insert_into(connection, turn).values(_make_row(key, due_at=at))
    sooner = or_(_TURN.due_at.is_(None), _TURN.due_at > at)
    connection.execute(
        fresh.on_conflict_do_update(index_elements=["organisation", "flow"], set_={"due_at": at}, where=sooner)
    )


def read_now(connection: Connection, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> datetime:
    """Return the moment: the server's, or on SQLite that of a clock."""
    if connection.dialect.name == "postgresql":
        return from_microseconds(connection.execute(_NOW).scalar_one())
    return now()


def _make_row(key: FlowKey, *, due_at: datetime | None) -> dict[str, object]:
    row = {"organisation": key.organisation, "flow": key.flow, "due_at": due_at}
    return {**row, "fence": 0, "owner": "", "held_until": None, "left": 0, "needs": VERSION}


def _find_row(key: FlowKey) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _TURN.organisation == key.organisation, _TURN.flow == key.flow


def _find_held(fence: Fence) -> tuple[ColumnElement[bool], ...]:
    return *_find_row(fence.key), _TURN.fence == fence.number, _TURN.owner == fence.owner


def _lock_row(connection: Connection, key: FlowKey) -> Row[Any] | None:
    """Lock the row of a flow, made where there is none; None while somebody else has it locked, and so works."""
    columns = (_TURN.fence, _TURN.owner, _TURN.held_until, _TURN.due_at, _TURN.needs)
    wanted: Select[Any] = select(*columns).where(*_find_row(key)).with_for_update(skip_locked=True)
    if (row := connection.execute(wanted).first()) is not None:
        return row
    fresh = insert_into(connection, turn).values(_make_row(key, due_at=None))
    connection.execute(fresh.on_conflict_do_nothing())
    return connection.execute(wanted).first()


def _is_held(row: Row[Any], now: datetime) -> bool:
    return bool(row.owner) and row.held_until is not None and row.held_until > now


def _list_counts(now: datetime) -> list[ColumnElement[Any]]:
    """Return the columns of `TurnCounts`."""
    due, in_hand = _is_due(now), and_(_TURN.owner != "", _TURN.held_until > now)
    counts = [func.count().filter(which) for which in (due, in_hand, _is_lost(now))]
    return [func.count(), *counts, func.min(_TURN.due_at).filter(due)]


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(_TURN.owner == "", _TURN.due_at <= now)


def _is_lost(now: datetime) -> ColumnElement[bool]:
    return and_(_TURN.owner != "", _TURN.held_until <= now)


def _lock_organisation(connection: Connection, organisation: str) -> None:
    """Let nobody else take a turn of an organisation before the transaction ends."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(b"organisation:" + organisation.encode()).digest()
        connection.execute(_LOCK_ORGANISATION, {"number": int.from_bytes(digest[:8], "big", signed=True)})
