"""Which arrivals a flow has had: the latest state of each place that a source showed, as keyed pseudonyms."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, iter_slices
from passerelle.stores.tenancy import lock_within
from passerelle.vocabulary.arrivals import MarkKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.arrivals import ArrivalMarks, Mark
    from passerelle.vocabulary.parcels import Parcel

_ARRIVAL, _PARCEL = schema.arrival.c, schema.parcel.c
_REFRESHED = timedelta(days=1)
"""How old the moment of a mark may get: written at every look, a kept folder would cost a write a file."""


def hold_arrivals(connection: Connection, flow: str) -> None:
    """Let no other process register in this flow until the transaction ends: two may receive the same at once."""
    # not the number of `claim_flow`, which a whole run holds
    digest = hashlib.sha256(f"arrivals/{flow}".encode()).digest()
    lock_within(connection, int.from_bytes(digest[:8], "big", signed=True))


def note_arrival(connection: Connection, seal: Seal, parcel: Parcel, arrival: ArrivalMarks) -> bool:
    """Note the marks of an arrival, in the caller's transaction; return whether it is one that was registered before.

    It is when one of its places was last seen in this state, with these bytes.
    """
    if not arrival.marks:
        return False
    places = _pseudonymise_places(seal, parcel.flow, arrival.marks)
    texts = [f"{mark.state}/{parcel.digest}" for mark in arrival.marks]
    states = seal.pseudonymise_each("arrival/state", texts)
    wanted = select(schema.arrival).where(_ARRIVAL.flow == parcel.flow, _ARRIVAL.place.in_(places))
    known = {row.place: row for row in connection.execute(wanted)}
    now, stale = parcel.received_at, []
    is_same = False
    for mark, place, state in zip(arrival.marks, places, states, strict=True):
        row = known.get(place)
        # `abs`: a mark of the future was made while the clock was wrong, and says nothing for years on end
        age = abs(now - row.at) if row is not None and row.state == state else None
        is_here = age is not None and (mark.within is None or age < mark.within)
        is_same |= is_here
        # The time within which a repetition is no news begins when it was news: it is not refreshed.
        if not is_here or (mark.within is None and age is not None and age >= _REFRESHED):
            stale.append({"flow": parcel.flow, "place": place, "state": state, "kind": int(mark.kind), "at": now})
    _write_marks(connection, stale)
    return is_same or _is_unmarked(connection, parcel, arrival.unmarked_since)


def keep_stayed(connection: Connection, seal: Seal, flow: str, seen: Collection[Mark]) -> None:
    """Forget the marks that hold only while every look shows them, but for those that this look showed."""
    kept = set(_pseudonymise_places(seal, flow, tuple(seen)))
    stayed = select(_ARRIVAL.place).where(_ARRIVAL.flow == flow, _ARRIVAL.kind == MarkKind.STAYED)
    gone = [place for place in connection.execute(stayed).scalars() if place not in kept]
    for some in iter_slices(gone):
        connection.execute(delete(schema.arrival).where(_ARRIVAL.flow == flow, _ARRIVAL.place.in_(some)))


def forget_taken(connection: Connection, flow: str) -> None:
    """Forget the marks of files that were taken away."""
    connection.execute(delete(schema.arrival).where(_ARRIVAL.flow == flow, _ARRIVAL.kind == MarkKind.UNTAKEN))


def forget_unseen(connection: Connection, age: timedelta) -> int:
    """Forget the marks of places that their source no longer shows, and return how many.

    Measured from what the flow saw last, not from today: a flow that rests for a season keeps its marks. What a
    sender numbered or dated is never forgotten.
    """
    latest = connection.execute(select(_ARRIVAL.flow, func.max(_ARRIVAL.at)).group_by(_ARRIVAL.flow)).all()
    return sum(
        connection.execute(
            delete(schema.arrival).where(
                _ARRIVAL.flow == flow, _ARRIVAL.kind != MarkKind.EVER, _ARRIVAL.at < last - age - _REFRESHED
            )
        ).rowcount
        for flow, last in latest
    )


def _pseudonymise_places(seal: Seal, flow: str, marks: Sequence[Mark]) -> list[bytes]:
    return seal.pseudonymise_each("arrival/place", [f"{flow}/{int(mark.kind)}/{mark.place}" for mark in marks])


def _is_unmarked(connection: Connection, parcel: Parcel, since: datetime | None) -> bool:
    """Whether a version that knew no marks registered these bytes, at this moment or later."""
    if since is None:
        return False
    same = (_PARCEL.digest == parcel.digest, _PARCEL.flow == parcel.flow, _PARCEL.marked == 0)
    wanted = select(_PARCEL.id).where(*same, _PARCEL.received_at >= since).limit(1)
    return connection.execute(wanted).first() is not None


def _write_marks(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        fresh = insert_into(connection, schema.arrival)
        latest = {name: fresh.excluded[name] for name in ("state", "kind", "at")}
        connection.execute(fresh.on_conflict_do_update(index_elements=["flow", "place"], set_=latest), rows)
