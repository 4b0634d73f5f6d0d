"""The migration to handles tells each flow that delivered before, once, and no other."""

from __future__ import annotations

import sqlite3

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal

CODE = "deliver.references.handles"


def _settle(path, seal, make, **settled):
    engine = open_database(path)
    journal = Journal(engine, seal)
    journal.register(make.parcel("a"))
    journal.settle(make.settlement(0, run=journal.begin_run([make.flow], make.now), **settled))
    engine.dispose()


def _migrate_again(path) -> None:
    with sqlite3.connect(path) as connection:  # as the version before left it
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
    connection.close()


def _list_notices(path, seal):
    engine = open_database(path)
    notices = Journal(engine, seal).list_notices()
    engine.dispose()
    return [(notice.flow, notice.code) for notice in notices]


def test_a_flow_that_delivered_before_is_told_once(tmp_path, seal, make):
    path = tmp_path / "state" / "journal.db"
    _settle(path, seal, make, known=[make.known(b"r" * 16)])
    assert _list_notices(path, seal) == []
    _migrate_again(path)
    assert _list_notices(path, seal) == [(make.flow, CODE)]
    _migrate_again(path)  # one that stopped half-way is taken up again
    assert _list_notices(path, seal) == [(make.flow, CODE)]


def test_a_flow_that_delivered_nothing_is_not_told(tmp_path, seal, make):
    path = tmp_path / "state" / "journal.db"
    _settle(path, seal, make)
    _migrate_again(path)
    assert _list_notices(path, seal) == []
