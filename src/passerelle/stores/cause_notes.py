"""Who follows a cause of the quarantine, and what they noted, sealed; it goes once nothing waits for the cause."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.workbench_schema import cause_note
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

_NOTE = cause_note.c
_CAUSE = schema.quarantine_cause.c


@dataclass(frozen=True, slots=True)
class CauseNote:
    """Who follows a cause, and what stands beside it for whoever looks next."""

    cause: int
    version: int
    assignee: str
    """Empty: nobody."""
    note: str = field(repr=False)
    who: str
    """Who wrote it."""
    at: datetime


class CauseNoteBook:
    """The part of the quarantine about who follows a cause. Every method is one transaction."""

    _engine: Engine

    def list_cause_notes(self, cause: int = 0) -> dict[int, CauseNote]:
        """Return what stands beside causes for which something waits, by their number; of one when it is named."""
        joined = cause_note.join(schema.quarantine_cause, _NOTE.cause_id == _CAUSE.id)
        wanted = select(cause_note).select_from(joined).where(_CAUSE.waiting > 0)
        if cause:
            wanted = wanted.where(_NOTE.cause_id == cause)
        with open_reader(self._engine) as connection:
            rows = connection.execute(wanted).all()
        found = (CauseNote(row.cause_id, row.version, row.assignee, row.note, row.who, row.at) for row in rows)
        return {one.cause: one for one in found}

    def keep_cause_note(self, cause: int, *, assignee: str, note: str, before: int, who: str, now: datetime) -> bool:
        """Keep it in place of version `before` (0: of none); false when another one is there, or nothing waits."""
        values = {"version": before + 1, "assignee": assignee, "note": note, "who": who, "at": now}
        over = select(_CAUSE.id).where(_CAUSE.waiting == 0)
        with open_writer(self._engine) as connection:
            connection.execute(delete(cause_note).where(_NOTE.cause_id.in_(over)))
            # locked where the database lets two writers in: the second then sees the version of the first
            waiting = connection.execute(select(_CAUSE.waiting).where(_CAUSE.id == cause).with_for_update()).scalar()
            last = connection.execute(select(_NOTE.version).where(_NOTE.cause_id == cause)).scalar() or 0
            if not waiting or last != before:
                return False
            kept = insert_into(connection, cause_note).values(cause_id=cause, **values)
            connection.execute(kept.on_conflict_do_update(index_elements=["cause_id"], set_=values))
        return True
