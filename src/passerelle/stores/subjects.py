"""Whom delivered records are about: sealed lists of (person, ref), written with the delivery that they are of.

The journal knows records by keyed pseudonyms, which nobody can turn back, and of a visit not even that it is about
somebody. A withdrawal or an erasure has to name, to each recipient, what it has of a person. One sealed table for each
batch and contract, compressed: nothing is made row by row; who looks somebody up reads all lists of a flow.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import BigInteger, delete, func, insert, select, type_coerce, update

from passerelle.stores import schema
from passerelle.stores.database import open_reader, open_writer, truncate_wal
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import Settlement

SCHEMA = pl.Schema({"person": pl.String(), "ref": pl.String()})
_LIST = schema.subject_list.c
_FEW = 64
"""Lists of one flow and contract that are left apart: more are joined when a run tidies."""
_LONG = 200_000
"""Rows of a list that is not joined any further: it takes some megabytes in memory."""
_SEASON = 91 * 86_400_000_000
"""Microseconds: lists of one season are joined, so that the old ones of them can still go when their time is over."""


def find_subjects(frame: pl.DataFrame, person: str) -> pl.DataFrame | None:
    """Return whom records are about, as `SCHEMA`, a row a record; None when they name nobody. `person` is the field."""
    if not person or frame.schema.get(person) != pl.String():
        return None
    return frame.select(pl.col(person).alias("person"), pl.col("ref"))


def insert_subjects(connection: Connection, seal: Seal, settlements: Iterable[Settlement]) -> None:
    """Store whom delivered records are about, a list for each flow and contract, in the caller's transaction."""
    lists: dict[tuple[str, str], list[pl.DataFrame]] = {}
    at = {}
    for one in settlements:
        at[one.flow] = one.at
        for entry in one.delivered:
            if entry.subjects is not None:
                lists.setdefault((one.flow, entry.contract), []).append(entry.subjects)
    joined = {scope: pl.concat(frames).drop_nulls() for scope, frames in lists.items()}
    joined = {scope: frame for scope, frame in joined.items() if frame.height}
    if not joined:
        return
    envelopes = seal.seal_each([(_encode(frame), _bind_list(*scope)) for scope, frame in joined.items()])
    rows = [
        {"flow": flow, "contract": contract, "made_at": at[flow], "size": frame.height, "content": sealed}
        for ((flow, contract), frame), sealed in zip(joined.items(), envelopes, strict=True)
    ]
    connection.execute(insert(schema.subject_list), rows)


def iter_lists(
    connection: Connection, seal: Seal, flow: str = "", *which: ColumnElement[bool]
) -> Iterator[tuple[int, str, str, pl.DataFrame]]:
    """Yield number, flow, contract and rows of each list, the oldest first; of all flows when none is named."""
    wanted = select(_LIST.id, _LIST.flow, _LIST.contract).where(*which).order_by(_LIST.id)
    for number, name, contract in connection.execute(wanted.where(_LIST.flow == flow) if flow else wanted).all():
        content = connection.execute(select(_LIST.content).where(_LIST.id == number)).scalar_one()
        try:
            plain = seal.open(content, about=_bind_list(name, contract))
        except FatalError as error:
            if error.code != "incident.seal.destroyed":
                raise
            continue  # erased since this copy of the state was made
        yield number, name, contract, pl.read_ipc(BytesIO(plain))


class SubjectBook:
    """The part of the journal that knows whom delivered records are about."""

    _engine: Engine
    _seal: Seal

    def find_records_about(self, persons: Collection[str]) -> dict[tuple[str, str], pl.DataFrame]:
        """Return the records delivered about persons, as `SCHEMA`, by flow and contract; each once."""
        found: dict[tuple[str, str], list[pl.DataFrame]] = {}
        with open_reader(self._engine) as connection:
            for _number, flow, contract, frame in iter_lists(connection, self._seal):
                own = frame.filter(pl.col("person").is_in(list(persons)))
                if own.height:
                    found.setdefault((flow, contract), []).append(own)
        return {scope: pl.concat(frames).unique(maintain_order=True) for scope, frames in found.items()}

    def forget_subjects(self, persons: Collection[str]) -> int:
        """Forget persons in all lists and destroy the keys of the lists they were in; return how many rows went."""
        gone, envelopes = 0, []
        with open_writer(self._engine) as connection:
            for number, flow, contract, frame in list(iter_lists(connection, self._seal)):
                kept = frame.filter(~pl.col("person").is_in(list(persons)))
                if kept.height == frame.height:
                    continue
                gone += frame.height - kept.height
                envelopes.append(connection.execute(select(_LIST.content).where(_LIST.id == number)).scalar_one())
                _replace_list(connection, self._seal, number, (flow, contract), kept)
        truncate_wal(self._engine)
        self._seal.destroy(envelopes)
        return gone

    def join_subjects(self) -> int:
        """Join the short lists of each flow, contract and season once there are many; return how many lists went."""
        joined = 0
        season = type_coerce(_LIST.made_at, BigInteger) // _SEASON
        with open_writer(self._engine) as connection:
            short = select(_LIST.flow, _LIST.contract, season).where(_LIST.size < _LONG)
            many = short.group_by(_LIST.flow, _LIST.contract, season).having(func.count() > _FEW)
            for flow, contract, place in connection.execute(many).all():
                joined += self._join_lists(connection, flow, contract, _LIST.size < _LONG, season == place)
        return joined

    def forget_subjects_before(self, moment: datetime) -> int:
        """Forget the lists made before a moment, and return how many these were."""
        with open_writer(self._engine) as connection:
            return connection.execute(delete(schema.subject_list).where(_LIST.made_at < moment)).rowcount

    def _join_lists(self, connection: Connection, flow: str, contract: str, *which: ColumnElement[bool]) -> int:
        frames, numbers, size = [], [], 0
        for number, _flow, _contract, frame in iter_lists(
            connection, self._seal, flow, _LIST.contract == contract, *which
        ):
            if size < _LONG:
                frames.append(frame)
                numbers.append(number)
                size += frame.height
        if not numbers:
            return 0
        # the latest of them stays: what it holds was delivered at its moment, or some weeks before
        _replace_list(connection, self._seal, numbers[-1], (flow, contract), pl.concat(frames).unique())
        connection.execute(delete(schema.subject_list).where(_LIST.id.in_(numbers[:-1])))
        return len(numbers) - 1


def _replace_list(connection: Connection, seal: Seal, number: int, scope: tuple[str, str], frame: pl.DataFrame) -> None:
    if not frame.height:
        connection.execute(delete(schema.subject_list).where(_LIST.id == number))
        return
    values = {"content": seal.seal(_encode(frame), about=_bind_list(*scope)), "size": frame.height}
    connection.execute(update(schema.subject_list).where(_LIST.id == number).values(**values))


def _encode(frame: pl.DataFrame) -> bytes:
    content = BytesIO()
    frame.select(SCHEMA.names()).write_ipc(content, compression="zstd")
    return content.getvalue()


def _bind_list(flow: str, contract: str) -> bytes:
    return f"subjects/{flow}/{contract}".encode()
