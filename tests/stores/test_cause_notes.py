"""A note stands beside a cause for as long as something waits for it, and nobody's is overwritten unseen."""

from __future__ import annotations

from sqlalchemy import text

from passerelle.stores.database import open_reader
from passerelle.stores.settlement import QuarantineState


def save(quarantine, make, cause: int, before: int = 0, who: str = "marie") -> bool:
    return quarantine.keep_cause_note(cause, assignee="ali", note="Zzyx à voir", before=before, who=who, now=make.now)


def test_a_note_is_kept_over_the_version_that_was_seen_alone(registered, quarantine, make, engine):
    registered.settle(make.settlement(0, items=[make.item()]))
    (cause,) = quarantine.list_causes()
    assert save(quarantine, make, cause.id)
    assert not save(quarantine, make, cause.id, who="ali")
    assert save(quarantine, make, cause.id, before=1)
    assert not save(quarantine, make, cause.id + 1)
    (note,) = quarantine.list_cause_notes(cause.id).values()
    assert (note.version, note.assignee, note.note, note.who) == (2, "ali", "Zzyx à voir", "marie")
    assert quarantine.list_cause_notes(cause.id + 1) == {}
    with open_reader(engine) as connection:
        (row,) = connection.execute(text("SELECT * FROM cause_note"))
    assert "Zzyx" not in str(row)


def test_a_note_goes_with_what_waited(registered, quarantine, make, engine):
    registered.settle(make.settlement(0, items=[make.item()]))
    (cause,) = quarantine.list_causes()
    save(quarantine, make, cause.id)
    quarantine.move_items([1], QuarantineState.DISCARDED, make.now)
    assert quarantine.list_cause_notes() == {}
    assert not save(quarantine, make, cause.id, before=1)
    with open_reader(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM cause_note")).scalar() == 0
