"""The migration that adds digests heals what a crash had left «replaying» for ever."""

from __future__ import annotations

import sqlite3

import pytest

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine

REPLAY = "e" * 64


@pytest.mark.parametrize(
    ("replay", "after"),
    [("", "waiting"), ("parked", "waiting"), ("done", "replayed"), ("open", "replaying"), ("waiting", "replaying")],
)
def test_items_of_a_replay_that_is_not_under_way_leave_it(tmp_path, seal, make, replay, after):
    path = tmp_path / "state" / "journal.db"
    engine = open_database(path)
    journal = Journal(engine, seal)
    journal.register(make.parcel("a"))
    journal.settle(make.settlement(0, items=[make.item(b"cells")], run=journal.begin_run([make.flow], make.now)))
    journal.register(make.parcel("e"), kind="replay", items=[1])
    engine.dispose()
    with sqlite3.connect(path) as connection:  # as the version before left it
        connection.execute("ALTER TABLE known DROP COLUMN digest")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
        if replay:
            connection.execute('UPDATE parcel SET state = ?, closed_at = 5 WHERE "key" = ?', (replay, REPLAY))
        else:
            connection.execute('DELETE FROM parcel WHERE "key" = ?', (REPLAY,))
    connection.close()
    engine = open_database(path)
    quarantine = Quarantine(engine, seal)
    assert [str(row.state) for row in quarantine.list_rows(state="")] == [after]
    assert bool(quarantine.open_payloads([1])) == (after != "replayed")
    engine.dispose()
