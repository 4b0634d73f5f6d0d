"""Keeps state and keyring together: which keyring a journal belongs to, whose keys nothing needs, what has its own key.

A key that no envelope names may still open an envelope in an older copy of the state: it was superseded, expired, or a
process died between the two stores. So what is not named any more is destroyed here.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select, text, update

from passerelle.stores import schema
from passerelle.stores.consents import bind_words
from passerelle.stores.cursors import bind_cursor
from passerelle.stores.data_keys import DEPOSIT, ITEM
from passerelle.stores.database import insert_into, open_reader, open_writer, truncate_wal
from passerelle.stores.quarantine import bind_payload
from passerelle.stores.seal import PLACE
from passerelle.stores.shelf_schema import shelf_body
from passerelle.stores.trail import seal_words_again
from passerelle.stores.workbench_schema import draft
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

    from passerelle.stores.data_keys import KeyStore
    from passerelle.stores.depot import Depot
    from passerelle.stores.seal import Seal

_HEAD = np.dtype([("version", "S1"), ("block", ">i8"), ("index", ">u4")])
"""The head of an envelope, as `PLACE`."""
_ENVELOPES = (
    schema.quarantine.c.payload,
    draft.c.cells,
    schema.known_remote.c.remote,
    schema.audit.c.words,
    schema.flow.c.cursor,
    schema.statement.c.words,
    schema.subject_list.c.content,
    schema.person_act.c.persons,
    schema.person_act.c.words,
    shelf_body.c.body,
)
"""Every column that holds envelopes; `tests/stores/test_key_upkeep.py` compares it with the schema."""
_AT_ONCE = 20_000
_TOGETHER = 2_000
_DRAFT_MICROSECONDS = 86_400_000_000
"""A deposit is written before it is there: its key is nobody's only when it is a day old."""
_OWN_KEY = b"\x01"
MOVED = "moved"
"""Word of the keyring: nothing in the state holds its own key any more."""


def read_keyring_name(engine: Engine) -> str:
    """Return the name of the keyring that a journal belongs to; empty when it has none yet."""
    with open_reader(engine) as connection:
        return connection.execute(select(schema.keyring_mark.c.name)).scalar() or ""


def has_key_mark(engine: Engine) -> bool:
    """Whether a journal was written with some key already."""
    with open_reader(engine) as connection:
        return connection.execute(select(schema.seal_check.c.mac).limit(1)).first() is not None


def keep_keyring_name(engine: Engine, name: str) -> None:
    """Note which keyring a journal belongs to."""
    with open_writer(engine) as connection:
        connection.execute(insert_into(connection, schema.keyring_mark).values(name=name).on_conflict_do_nothing())


def sweep_keys(engine: Engine, keyring: KeyStore, depots: Iterable[Depot], grace: timedelta) -> int:
    """Destroy the keys that nothing in the state has named for so long, and return how many these were.

    Nobody writes to the journal meanwhile, so that a key is either named there or nobody's. Killed in between, what
    is left goes with the next sweep. Cost: a look at the first bytes of every envelope, 0.6 s for a million.
    """
    with open_writer(engine) as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(sorted({f'"{column.table.name}"' for column in _ENVELOPES}))
            connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        now = time.time_ns() // 1000
        deadline = now - int(grace / timedelta(microseconds=1))
        living = _find_living(connection)
        destroyed = keyring.retire_unused(living, ITEM, before=now, now=now, deadline=deadline)
    hit_failpoint("keys.swept")
    places = [place for depot in depots for place in depot.list_key_places()]
    named = _group(np.array(places, dtype=np.int64).reshape(-1, 2))
    before = now - _DRAFT_MICROSECONDS
    return destroyed + keyring.retire_unused(named, DEPOSIT, before=before, now=now, deadline=deadline)


def count_closed(engine: Engine, keyring: KeyStore) -> int:
    """Return how many envelopes of the journal have a key that was destroyed: what they hold opens no more.

    Raises FatalError `incident.keyring.older` where the keyring never had a key that is named.
    """
    with open_reader(engine) as connection:
        living = _find_living(connection)
    return sum(
        keyring.find_key(block, index) is None for block, indexes in living.items() for index in indexes.tolist()
    )


def _find_living(connection: Connection) -> dict[int, NDArray[np.int64]]:
    """Return the places of the keys that envelopes of the journal name: indexes by block."""
    pieces = []
    for column in _ENVELOPES:
        heads = select(func.substr(column, 1, PLACE.size)).where(column.is_not(None), func.length(column) > PLACE.size)
        for some in connection.execute(heads.execution_options(yield_per=_AT_ONCE)).scalars().partitions():
            found = np.frombuffer(b"".join(some), dtype=_HEAD)
            found = found[found["version"] == b"\x02"]
            pieces.append(np.column_stack((found["block"].astype(np.int64), found["index"].astype(np.int64))))
    return _group(np.concatenate(pieces)) if pieces else {}


def _group(places: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    if not len(places):
        return {}
    places = places[np.argsort(places[:, 0], kind="stable")]
    blocks, starts = np.unique(places[:, 0], return_index=True)
    return dict(zip(blocks.tolist(), np.split(places[:, 1], starts[1:]), strict=True))


def seal_all_again(engine: Engine, seal: Seal, depots: Iterable[Depot]) -> int:
    """Move the keys of what was sealed before there was a keyring into it, and return how many these were.

    Piece by piece: killed in between, the rest follows with the next call. Done once for an installation.
    """
    if seal.keyring is None or seal.keyring.read_word(MOVED):
        return 0
    count = 0
    steps = (_seal_payloads_again, _seal_ids_again, _seal_cursors_again, _seal_particulars_again, seal_words_again)
    for seal_some in steps:
        while True:
            with open_writer(engine) as connection:
                done = seal_some(connection, seal)
            if not done:
                break
            count += done
            hit_failpoint("keys.moved")
    for depot in depots:
        for digest in depot.list_with_own_key():
            if depot.is_sound(digest):
                depot.seal_again(digest)
                count += 1
    if count:  # or the log would hold the keys that were moved away
        truncate_wal(engine)
    seal.keyring.keep_word(MOVED, b"1")
    return count


def _seal_payloads_again(connection: Connection, seal: Seal) -> int:
    item, parcel = schema.quarantine.c, schema.parcel.c
    joined = schema.quarantine.join(schema.parcel, item.parcel_id == parcel.id)
    wanted = select(item.id, parcel.flow, parcel.key, item.number, item.ordinal, item.payload).select_from(joined)
    old = wanted.where(item.payload.is_not(None), func.substr(item.payload, 1, 1) == _OWN_KEY)
    rows = connection.execute(old.limit(_TOGETHER)).all()
    places = [bind_payload(*row[1:5]) for row in rows]
    contents = [(seal.open(row.payload, about=about), about) for row, about in zip(rows, places, strict=True)]
    for row, envelope in zip(rows, seal.seal_each(contents), strict=True):
        connection.execute(update(schema.quarantine).where(item.id == row.id).values(payload=envelope))
    return len(rows)


def _seal_ids_again(connection: Connection, seal: Seal) -> int:
    remote = schema.known_remote.c
    old = select(schema.known_remote).where(func.substr(remote.remote, 1, 1) == _OWN_KEY).limit(_TOGETHER)
    rows = connection.execute(old).all()
    contents = [(seal.open(row.remote, about=row.ref_key), row.ref_key) for row in rows]
    for row, envelope in zip(rows, seal.seal_each(contents), strict=True):
        same = (remote.scope_id == row.scope_id, remote.ref_key == row.ref_key)
        connection.execute(update(schema.known_remote).where(*same).values(remote=envelope))
    return len(rows)


def _seal_cursors_again(connection: Connection, seal: Seal) -> int:
    flow = schema.flow.c
    rows = connection.execute(select(flow.name, flow.cursor).where(func.substr(flow.cursor, 1, 1) == _OWN_KEY)).all()
    for name, cursor in rows:
        about = bind_cursor(name)
        envelope = seal.seal(seal.open(cursor, about=about), about=about)
        connection.execute(update(schema.flow).where(flow.name == name).values(cursor=envelope))
    return len(rows)


def _seal_particulars_again(connection: Connection, seal: Seal) -> int:
    said = schema.statement.c
    old = select(said.id, said.subject, said.words).where(func.substr(said.words, 1, 1) == _OWN_KEY).limit(_TOGETHER)
    rows = connection.execute(old).all()
    contents = [(seal.open(row.words, about=bind_words(row.subject)), bind_words(row.subject)) for row in rows]
    for row, envelope in zip(rows, seal.seal_each(contents), strict=True):
        connection.execute(update(schema.statement).where(said.id == row.id).values(words=envelope))
    return len(rows)
