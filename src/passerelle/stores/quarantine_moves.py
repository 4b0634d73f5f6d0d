"""Moves quarantined items from state to state, each with the kept count of its cause, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from passerelle.stores import schema
from passerelle.stores.database import iter_slices
from passerelle.stores.drafts import drop_drafts, read_draft_envelopes
from passerelle.stores.quarantine_causes import shift_counts
from passerelle.stores.seal import PLACE
from passerelle.stores.settlement import QuarantineState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c
_BEFORE = {
    QuarantineState.WAITING: QuarantineState.REPLAYING,
    QuarantineState.REPLAYING: QuarantineState.WAITING,
    QuarantineState.REPLAYED: QuarantineState.REPLAYING,
    QuarantineState.DISCARDED: QuarantineState.WAITING,
    QuarantineState.EXPIRED: QuarantineState.WAITING,
    QuarantineState.SUPERSEDED: QuarantineState.WAITING,
}
"""The one state from which an item may move to each state."""
ENDS = frozenset(
    {QuarantineState.REPLAYED, QuarantineState.DISCARDED, QuarantineState.EXPIRED, QuarantineState.SUPERSEDED}
)


def move_where(
    connection: Connection,
    target: QuarantineState,
    now: datetime | None,
    *conditions: ColumnElement[bool],
    before: QuarantineState | None = None,
    **values: object,
) -> int:
    """Move the items that fulfil the conditions to a state, and return how many.

    Only those in the one state before it can (`before`: in another one). An end destroys the payload.
    """
    before = before or _BEFORE[target]
    ending = {"payload": None, "closed_at": now} if target in ENDS else {}
    wanted = (_ITEM.state == before, *conditions)
    if target is not QuarantineState.WAITING:
        drop_drafts(connection, *wanted)
    move = update(schema.quarantine).where(*wanted).values(state=target, **ending, **values)
    if connection.dialect.name == "postgresql":
        # One statement: what is counted is what was moved, whoever else moves items meanwhile.
        moved = move.returning(_ITEM.cause_id).cte("moved")
        counted = select(moved.c.cause_id, func.count()).group_by(moved.c.cause_id)
        return shift_counts(connection, [(row[0], row[1]) for row in connection.execute(counted)], before, target)
    # A sum, which no index has: the index of causes is in their order, and holds everything that waits.
    cause = _ITEM.cause_id + 0
    counts = connection.execute(select(cause, func.count()).where(*wanted).group_by(cause)).all()
    if counts:
        connection.execute(move)
    return shift_counts(connection, [(row[0], row[1]) for row in counts], before, target)


def move_ids(connection: Connection, target: QuarantineState, now: datetime | None, ids: Iterable[int]) -> int:
    """Move items by number, as `move_where` does."""
    slices = iter_slices(sorted(set(ids)))
    return sum(move_where(connection, target, now, _ITEM.id.in_(some_ids)) for some_ids in slices)


def read_envelopes(connection: Connection, ids: Iterable[int], target: QuarantineState) -> list[bytes]:
    """Return the first bytes of payloads and drafts of items that can move to a state: where their keys are."""
    heads = select(func.substr(_ITEM.payload, 1, PLACE.size)).where(
        _ITEM.payload.is_not(None), _ITEM.state == _BEFORE[target]
    )
    found: list[bytes] = []
    for some_ids in iter_slices(sorted(set(ids))):
        found += connection.execute(heads.where(_ITEM.id.in_(some_ids))).scalars()
        found += read_draft_envelopes(connection, some_ids)
    return found


def attach_items(connection: Connection, ids: Iterable[int], parcel: str) -> None:
    """Attach the waiting ones of these items to a replay parcel (its key).

    They are REPLAYING until the journal closes the parcel (then REPLAYED) or parks it (then WAITING again).
    """
    for some_ids in iter_slices(sorted(set(ids))):
        move_where(connection, QuarantineState.REPLAYING, None, _ITEM.id.in_(some_ids), replay=parcel)


def follow_replay(connection: Connection, parcel: str, state: QuarantineState, now: datetime | None = None) -> None:
    """Move the items attached to a replay parcel to a state."""
    move_where(connection, state, now, _ITEM.replay == parcel)


def release_stuck_items(connection: Connection, now: datetime) -> int:
    """Move the items whose replay is not under way to where they belong; return how many payloads were destroyed."""
    replays = select(_PARCEL.key)
    idle = _ITEM.replay.not_in(replays.where(_PARCEL.state.in_(("open", "waiting"))))
    done = _ITEM.replay.in_(replays.where(_PARCEL.state == "done"))
    replayed = move_where(connection, QuarantineState.REPLAYED, now, done, idle)
    move_where(connection, QuarantineState.WAITING, None, idle)
    return replayed
