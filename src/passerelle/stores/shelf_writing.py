"""Puts what a batch delivered on the shelf, in the transaction that settles it: numbered, sealed, found by its ref."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, insert, select, update

from passerelle.stores.database import insert_into
from passerelle.stores.instants import from_microseconds, to_microseconds
from passerelle.stores.scopes import create_scope
from passerelle.stores.seal import PSEUDONYM_BYTES
from passerelle.stores.shelf_marks import encode_marks, read_marks
from passerelle.stores.shelf_piles import find_composed, find_numbers, keep_numbers
from passerelle.stores.shelf_schema import shelf_body, shelf_page, shelf_pile, shelf_scope, shelf_segment
from passerelle.stores.shelf_segment import SEGMENT_LINES, SegmentLines, bind_segment, encode_segment, write_cause
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import ShelfEntries

    Numbers = NDArray[np.int64]
    ScopeRow = Row[Any]

_SCOPE = shelf_scope.c


def put_on_shelf(connection: Connection, seal: Seal, flow: str, entries: Iterable[ShelfEntries], now: datetime) -> None:
    """Put entries on the shelf in the caller's transaction: of one ref the last counts, and the others are not kept."""
    scopes: dict[str, list[ShelfEntries]] = {}
    for entry in entries:
        if len(entry):
            scopes.setdefault(entry.contract, []).append(entry)
    for contract, some in scopes.items():
        scope = hold_scope(connection, create_scope(connection, flow, contract), some[-1].purpose, now)
        _append(connection, seal, scope, some, to_microseconds(now))


def hold_scope(connection: Connection, scope_id: int, purpose: str, now: datetime) -> ScopeRow:
    """Return the row of a scope, which nobody else changes until this transaction ends; made where there is none."""
    values = {"scope_id": scope_id, "purpose": purpose, "last": 0, "first": 0, "since": now, "records": 0, "erased": 0}
    fresh = insert_into(connection, shelf_scope).values(values)
    connection.execute(fresh.on_conflict_do_nothing(index_elements=["scope_id"]))
    wanted = select(shelf_scope).where(_SCOPE.scope_id == scope_id)
    row = connection.execute(wanted.with_for_update()).one()
    if row.purpose != purpose:
        # What was kept for another purpose is not read for this one: who reads begins anew.
        empty_scope(connection, scope_id)
        begun = {"purpose": purpose, "since": now, "records": 0, "first": row.last + 1}
        connection.execute(update(shelf_scope).where(_SCOPE.scope_id == scope_id).values(begun))
        row = connection.execute(wanted).one()
    return row


def empty_scope(connection: Connection, scope_id: int) -> None:
    """Remove everything of a scope but its row, in the caller's transaction; no key is destroyed here."""
    for table in (shelf_page, shelf_pile, shelf_body, shelf_segment):
        connection.execute(delete(table).where(table.c.scope_id == scope_id))


def _append(connection: Connection, seal: Seal, scope: ScopeRow, entries: Sequence[ShelfEntries], now: int) -> None:
    ref_keys, lines = _drop_earlier(b"".join(entry.ref_keys for entry in entries), _make_lines(entries, now))
    # What comes for the first time replaces nothing: most of a first night needs no look.
    maybe = np.arange(len(lines)) if scope.erased else np.flatnonzero((lines.versions > 1) | ~lines.is_there)
    replaced = np.zeros(len(lines), dtype=np.int64)
    replaced[maybe] = find_numbers(connection, scope.scope_id, _select_keys(ref_keys, maybe))
    marks = read_marks(connection, scope.scope_id, replaced[replaced > 0])
    # What is not there cannot be removed: nobody ever read it, or was told already.
    kept = np.flatnonzero(lines.is_there | marks.find_records(replaced))
    if not len(kept):
        return
    if len(kept) < len(lines):
        ref_keys, lines, replaced = _select_keys(ref_keys, kept), lines.select(kept), replaced[kept]
    lines = replace(lines, numbers=np.arange(scope.last + 1, scope.last + 1 + len(lines)))
    gone = marks.find_records(replaced)
    marks.drop(connection, replaced[replaced > 0])
    hit_failpoint("shelf.marked")
    insert_segments(connection, seal, scope.scope_id, lines)
    _keep_numbers(connection, seal, scope.scope_id, ref_keys, lines)
    erased = any(entry.cause is RemovalCause.ERASED for entry in entries)
    values = {
        "last": int(lines.numbers[-1]),
        "records": scope.records + int(lines.is_there.sum()) - int(gone.sum()),
        "erased": int(bool(scope.erased) or erased),
    }
    connection.execute(update(shelf_scope).where(_SCOPE.scope_id == scope.scope_id).values(values))
    hit_failpoint("shelf.written")


def _keep_numbers(connection: Connection, seal: Seal, scope_id: int, ref_keys: bytes, lines: SegmentLines) -> None:
    """Note where each record stands, also under its reference in composed letters where it has other ones."""
    places, composed = find_composed(seal, lines.refs)
    numbers = np.concatenate((lines.numbers, lines.numbers[places]))
    keys = ref_keys + composed
    if len(places):
        # two spellings of one reference in one batch: the later one counts
        last = {keys[nth * PSEUDONYM_BYTES : (nth + 1) * PSEUDONYM_BYTES]: nth for nth in range(len(numbers))}
        kept = np.array(list(last.values()))
        keys, numbers = b"".join(last), numbers[kept]
    keep_numbers(connection, scope_id, keys, numbers)


def _make_lines(entries: Sequence[ShelfEntries], now: int) -> SegmentLines:
    """Return entries as changes that have no numbers yet."""
    versions = np.fromiter(chain.from_iterable(entry.versions for entry in entries), np.int64)
    causes = [write_cause(entry.cause) for entry in entries]
    several = chain.from_iterable(entry.records if entry.cause is None else [b""] * len(entry) for entry in entries)
    # of one batch as they are: nothing cuts them until they are sealed
    records = entries[0].records if len(entries) == 1 and entries[0].cause is None else tuple(several)
    return SegmentLines(
        np.zeros(len(versions), dtype=np.int64),
        versions,
        np.full(len(versions), now),
        np.repeat(np.array(causes, dtype=np.uint8), [len(entry) for entry in entries]),
        tuple(chain.from_iterable(entry.refs for entry in entries)),
        records,
    )


def _drop_earlier(ref_keys: bytes, lines: SegmentLines) -> tuple[bytes, SegmentLines]:
    """Return the last change of each ref alone, in their order."""
    # the halves alone: two that are equal there are looked at as a whole below
    heads = np.sort(np.frombuffer(ref_keys, dtype=np.uint64)[::2])
    if (heads[1:] != heads[:-1]).all():
        return ref_keys, lines
    starts = range(0, len(ref_keys), PSEUDONYM_BYTES)
    last = {ref_keys[start : start + PSEUDONYM_BYTES]: place for place, start in enumerate(starts)}
    places = np.array(sorted(last.values()))
    return _select_keys(ref_keys, places), lines.select(places)


def _select_keys(ref_keys: bytes, places: Numbers) -> bytes:
    return np.frombuffer(ref_keys, dtype=np.uint8).reshape(-1, PSEUDONYM_BYTES)[places].tobytes()


def insert_segments(connection: Connection, seal: Seal, scope_id: int, lines: SegmentLines) -> None:
    """Insert changes, numbered and each the latest of its record, as sealed segments; one write for their keys."""
    cuts = range(0, len(lines), SEGMENT_LINES)
    pieces = [lines.cut(start, start + SEGMENT_LINES) for start in cuts]
    firsts = [int(piece.numbers[0]) for piece in pieces]
    contents = [
        (encode_segment(piece), bind_segment(scope_id, first)) for piece, first in zip(pieces, firsts, strict=True)
    ]
    segments, bodies = [], []
    for piece, first, envelope in zip(pieces, firsts, seal.seal_each(contents), strict=True):
        segments.append(
            {
                "scope_id": scope_id,
                "first": first,
                "last": int(piece.numbers[-1]),
                "count": len(piece),
                "live": encode_marks(piece.numbers - first, piece.is_there),
                "oldest_at": from_microseconds(int(piece.moments.min())),
            }
        )
        bodies.append({"scope_id": scope_id, "first": first, "body": envelope})
    if segments:
        connection.execute(insert(shelf_segment), segments)
        connection.execute(insert(shelf_body), bodies)
