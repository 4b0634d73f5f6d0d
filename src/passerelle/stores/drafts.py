"""Drafts: corrected cells of quarantined items, sealed, each with the number of its changes, until they are released.

A draft ends with its item: whoever moves an item out of waiting removes its draft in the same transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.settlement import QuarantineState
from passerelle.stores.workbench_schema import draft
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from passerelle.stores.seal import Seal

_DRAFT = draft.c
_ITEM = schema.quarantine.c
_PARCEL = schema.parcel.c


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A draft as it is listed, without its cells."""

    item: int
    flow: str
    cause: int
    version: int
    verdict: str
    """The reason code that the row would have; empty when it would be accepted."""
    who: str
    at: datetime


class DraftBook:
    """The part of the quarantine about drafts. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def list_drafts(self, *, ids: Iterable[int] = ()) -> tuple[ItemDraft, ...]:
        """Return the drafts of waiting items, the latest first; of some items when they are named."""
        joined = draft.join(schema.quarantine, _DRAFT.item_id == _ITEM.id)
        joined = joined.join(schema.parcel, _ITEM.parcel_id == _PARCEL.id)
        columns = (_DRAFT.item_id, _DRAFT.version, _DRAFT.verdict, _DRAFT.who, _DRAFT.at, _PARCEL.flow, _ITEM.cause_id)
        # a concatenation, which no index has: drafts are few, and items that wait may be a million
        wanted = select(*columns).select_from(joined).where(_ITEM.state.concat("") == QuarantineState.WAITING)
        if numbers := sorted(set(ids)):
            wanted = wanted.where(_DRAFT.item_id.in_(numbers))
        with open_reader(self._engine) as connection:
            rows = connection.execute(wanted.order_by(_DRAFT.at.desc(), _DRAFT.item_id.desc())).all()
        return tuple(
            ItemDraft(row.item_id, row.flow, row.cause_id, row.version, row.verdict, row.who, row.at) for row in rows
        )

    def find_draft(self, item: int) -> ItemDraft | None:
        """Return the draft of an item; None when it has none, or waits no more."""
        found = self.list_drafts(ids=(item,))
        return found[0] if found else None

    def open_draft(self, item: int) -> dict[str, str]:
        """Return the corrected cells of an item; empty without a draft. Whoever opens it must audit it."""
        with open_reader(self._engine) as connection:
            row = connection.execute(select(_DRAFT.version, _DRAFT.cells).where(_DRAFT.item_id == item)).first()
        if row is None:
            return {}
        cells: dict[str, str] = json.loads(self._seal.open(row.cells, about=_bind_draft(item, row.version)))
        return cells

    def keep_draft(
        self, item: int, cells: Mapping[str, str], *, before: int, verdict: str, who: str, now: datetime
    ) -> bool:
        """Save a draft in place of version `before` (0: of none); false when another one is there, or nothing waits."""
        content = json.dumps(dict(cells), ensure_ascii=False).encode("utf-8", "surrogatepass")
        sealed = self._seal.seal(content, about=_bind_draft(item, before + 1))
        values = {"version": before + 1, "cells": sealed, "verdict": verdict, "who": who, "at": now}
        with open_writer(self._engine) as connection:
            # locked where the database lets two writers in: the second then sees the version of the first
            state = connection.execute(select(_ITEM.state).where(_ITEM.id == item).with_for_update()).scalar()
            old = connection.execute(select(_DRAFT.version, _DRAFT.cells).where(_DRAFT.item_id == item)).first()
            is_last = (old.version if old else 0) == before
            if state == QuarantineState.WAITING and is_last:
                kept = insert_into(connection, draft).values(item_id=item, **values)
                connection.execute(kept.on_conflict_do_update(index_elements=["item_id"], set_=values))
        is_saved = state == QuarantineState.WAITING and is_last
        self._seal.destroy([old.cells] if is_saved and old else [] if is_saved else [sealed])
        return is_saved

    def remove_draft(self, item: int) -> None:
        """Remove the draft of an item, if any; the item waits as it came."""
        with open_writer(self._engine) as connection:
            envelopes = read_draft_envelopes(connection, [item])
            connection.execute(delete(draft).where(_DRAFT.item_id == item))
        self._seal.destroy(envelopes)


def read_draft_envelopes(connection: Connection, ids: Iterable[int]) -> list[bytes]:
    """Return the sealed cells of the drafts of some items: where their keys are."""
    return list(connection.execute(select(_DRAFT.cells).where(_DRAFT.item_id.in_(list(ids)))).scalars())


def drop_drafts(connection: Connection, *conditions: Any) -> None:
    """Remove the drafts of the items that fulfil the conditions, in the caller's transaction.

    Drafts are few: they are looked at first, and items only where there is one.
    """
    drafted = _ITEM.id.in_(select(_DRAFT.item_id))
    ended = select(_ITEM.id).where(drafted, *conditions)
    connection.execute(delete(draft).where(_DRAFT.item_id.in_(ended)))


def _bind_draft(item: int, version: int) -> bytes:
    return f"draft/{item}/{version}".encode()
