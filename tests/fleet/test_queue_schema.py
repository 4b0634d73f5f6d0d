"""The tables of the queue while versions differ: expanded first, contracted after the last worker of before."""

from __future__ import annotations

import pytest
from fleets import RestartedServer
from sqlalchemy import text

from passerelle.stores.database import open_reader, open_server
from passerelle.vocabulary.errors import FatalError

pytest.importorskip("procrastinate", reason="the extra fleet is not installed")
from passerelle.fleet.queue_schema import QueueLibrary, QueueVersions, make_queue, upgrade_queue

MIGRATIONS = {
    "03.09.00_01_pre_before.sql": "SELECT 1 / 0",  # done long ago
    "03.11.00_01_pre_add.sql": "ALTER TABLE procrastinate_jobs ADD COLUMN first int",
    "03.11.00_50_post_drop.sql": "ALTER TABLE procrastinate_jobs DROP COLUMN lock",
    "03.12.00_01_pre_more.sql": "ALTER TABLE procrastinate_jobs ADD COLUMN second int",
    "03.12.00_02_pre_uses.sql": "UPDATE procrastinate_jobs SET second = first WHERE 'a%b' = 'a%b'",
    "notes.txt": "nothing",
}
NOW = QueueLibrary("3.10.0", MIGRATIONS)
NEXT = QueueLibrary("3.11.0", MIGRATIONS)
LATER = QueueLibrary("3.12.0", MIGRATIONS)


@pytest.fixture(scope="module")
def server():
    with RestartedServer.start() as started:
        yield started


@pytest.fixture
def engine(server):
    server.make_database().dispose()
    engine = open_server(server.url, "seule")
    make_queue(engine, NOW)
    yield engine
    engine.dispose()


def _list_columns(engine) -> set[str]:
    wanted = "SELECT column_name FROM information_schema.columns WHERE table_name = 'procrastinate_jobs'"
    with open_reader(engine) as connection:
        return set(connection.execute(text(wanted)).scalars())


def test_while_a_worker_of_before_lives_the_tables_are_only_added_to(engine):
    assert upgrade_queue(engine, NEXT, ["3.10.0", "3.11.0"]) == QueueVersions("3.11.0", "3.10.0")
    assert {"first", "lock"} <= _list_columns(engine)
    # the one of before goes on, whatever is there beside
    assert upgrade_queue(engine, NOW, ["3.10.0", "3.11.0"]) == QueueVersions("3.11.0", "3.10.0")
    make_queue(engine, NOW)
    assert upgrade_queue(engine, NEXT, ["3.11.0"]) == QueueVersions("3.11.0", "3.11.0")
    assert "lock" not in _list_columns(engine)
    assert upgrade_queue(engine, NEXT, ["3.11.0"]) == QueueVersions("3.11.0", "3.11.0")


def test_once_the_tables_are_contracted_who_is_of_before_does_not_work_and_says_so(engine):
    upgrade_queue(engine, NEXT, [])
    with pytest.raises(FatalError) as caught:
        upgrade_queue(engine, NOW, [])
    assert caught.value.code == "incident.queue.newer"
    assert "3.11.0" in str(caught.value)


def test_who_skips_a_version_does_what_both_bring_in_their_order(engine):
    assert upgrade_queue(engine, LATER, []) == QueueVersions("3.12.0", "3.12.0")
    assert {"first", "second"} <= _list_columns(engine)
    assert "lock" not in _list_columns(engine)


def test_a_migration_that_fails_changes_nothing(engine):
    broken = QueueLibrary("3.11.0", {**MIGRATIONS, "03.11.00_02_pre_fails.sql": "SELECT 1 / 0"})
    before = _list_columns(engine)
    with pytest.raises(FatalError):
        upgrade_queue(engine, broken, [])
    assert _list_columns(engine) == before
    assert upgrade_queue(engine, NEXT, ["3.10.0"]) == QueueVersions("3.11.0", "3.10.0")


def test_the_library_that_is_installed_has_nothing_to_do_on_tables_of_its_own(engine):
    own = QueueLibrary()
    assert list(own.iter_scripts(own.version, post=False)) == []
    assert any("heartbeat" in script for script in own.iter_scripts("3.0.0", post=False))
    assert upgrade_queue(engine, own, []) == QueueVersions(own.version, own.version)
