"""Opening, migrating, locking: the database is private, at its latest step, and says nothing it should not."""

from __future__ import annotations

import re
import sqlite3
import stat
import threading
import traceback
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from passerelle.stores import database, organisation_schema, schema
from passerelle.stores.database import (
    name_server_database,
    open_database,
    open_reader,
    open_writer,
    truncate_wal,
)
from passerelle.stores.filelock import FileLock
from passerelle.stores.migrations import HEAD
from passerelle.stores.schema_range import read_revision
from passerelle.vocabulary.errors import FatalError


def _shape(engine) -> list[object]:
    wanted = organisation_schema.metadata if engine.dialect.name == "sqlite" else _describe_shared()
    with open_reader(engine) as connection:
        return compare_metadata(MigrationContext.configure(connection), wanted)


def _describe_shared() -> MetaData:
    """Describe the tables of PostgreSQL: those of the code, with an organisation before every key."""
    shared = MetaData()
    for table in organisation_schema.metadata.sorted_tables:
        own = [column for column in table.columns if column.name != "organisation"]
        copies = [Column(each.name, each.type, primary_key=each.primary_key, nullable=each.nullable) for each in own]
        keys: list[Any] = []
        for key in table.constraints:
            names = ["organisation", *(column.name for column in key.columns)]
            if isinstance(key, UniqueConstraint):
                keys.append(UniqueConstraint(*names, name=key.name))
            elif isinstance(key, ForeignKeyConstraint):
                there = [element.column for element in key.elements]
                target = f"{there[0].table.name}.organisation"
                keys.append(ForeignKeyConstraint(names, [target, *map(str, there)]))
        keys += [Index(each.name, "organisation", *each.columns.keys(), unique=each.unique) for each in table.indexes]
        Table(table.name, shared, *copies, Column("organisation", Text, primary_key=True), *keys)
    return shared


def test_an_empty_place_becomes_a_database_that_the_code_agrees_with(url):
    engine = open_database(url)
    assert _shape(engine) == []
    engine.dispose()


def test_tables_made_at_once_are_those_that_the_migrations_make(tmp_path):
    made = []
    for way in (database.create, database.upgrade):
        engine = create_engine(f"sqlite:///{tmp_path / way.__name__}")
        with engine.begin() as connection:
            way(connection)
            rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master")).all()
            (head,) = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        engine.dispose()
        assert head == HEAD
        made.append({(kind, name, table, _clauses(sql)) for kind, name, table, sql in rows})
    assert made[0] == made[1]


def test_half_of_a_page_is_free_for_turns_on_a_server(owned_postgresql_url):
    engine = open_database(owned_postgresql_url, "asso")
    with engine.connect() as connection:
        (said,) = connection.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'turn'")).scalars()
    engine.dispose()
    assert said == ["fillfactor=50"]


def _clauses(sql: str | None) -> tuple[str, ...]:
    """Cut a statement at its commas: constraints may stand in another order."""
    opening, _parenthesis, inside = re.sub(r"\s+", " ", sql or "").partition("(")
    return (opening.strip(), *sorted(clause.strip(" )") for clause in inside.split(",")))


def test_opening_again_changes_nothing(journal_url, engine):
    again = open_database(journal_url)
    assert _shape(again) == []
    again.dispose()


def test_the_head_that_the_code_names_is_the_last_migration():
    config = Config()
    config.set_main_option("script_location", str(database.__file__).replace("database.py", "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_several_starting_together_migrate_once(url):
    engines, failures = [], []

    def start() -> None:
        try:
            engines.append(open_database(url))
        except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(engines) == 4
    assert _shape(engines[0]) == []
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("done", [1, 4, 9])
def test_a_migration_that_stopped_half_way_is_taken_up_again(tmp_path, done):
    # of SQLite: PostgreSQL has all of a migration or nothing
    url = tmp_path / "journal.db"
    engine = open_database(url)
    with open_writer(engine) as connection:
        for table in reversed(schema.metadata.sorted_tables[done:]):
            table.drop(connection)
        connection.execute(text("DELETE FROM alembic_version"))
    engine.dispose()
    again = open_database(url)
    assert _shape(again) == []
    again.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(url, monkeypatch):
    whole = database.create

    def cut(connection) -> None:
        whole(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "create", cut)
    with pytest.raises(KeyboardInterrupt):
        open_database(url)
    monkeypatch.setattr(database, "create", lambda _connection: None)
    engine = open_database(url)
    with open_reader(engine) as connection:
        assert read_revision(connection) is None
    engine.dispose()


def test_a_database_of_a_later_version_is_left_alone(journal_url, engine):
    with open_writer(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("COMMENT ON TABLE alembic_version IS '9999'"))
    with pytest.raises(FatalError) as caught:
        open_database(journal_url)
    assert caught.value.code == "incident.database.newer"


@pytest.mark.parametrize("wrong", ["mysql://server/x", "sqlite://", "sqlite:///:memory:", "no such thing://"])
def test_another_kind_of_database_is_refused(wrong):
    with pytest.raises(FatalError) as caught:
        open_database(wrong)
    assert caught.value.code == "incident.database.unsupported"


def test_a_server_that_is_not_there_is_said_without_its_password():
    with pytest.raises(FatalError) as caught:
        open_database("postgresql://somebody:s3cret@127.0.0.1:9/none?connect_timeout=2")
    assert caught.value.code == "incident.database.unreachable"
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"Madame Untel " * 100)
    with pytest.raises(FatalError) as caught:
        open_database(tmp_path / "journal.db")
    assert caught.value.code == "incident.journal.corrupt"
    assert caught.value.details == {"cause": "SQLITE_NOTADB"}


def test_no_value_comes_out_of_a_failing_statement(engine):
    with pytest.raises(FatalError) as caught, open_writer(engine) as connection:
        connection.execute(text("INSERT INTO statement (subject) VALUES (:name)"), {"name": b"Madame Untel"})
    assert "Untel" not in f"{caught.value!s} {caught.value!r} {caught.value.details}"
    assert caught.value.__suppress_context__
    assert "Untel" not in str(caught.value.__context__)


def test_what_fails_in_the_middle_is_undone(engine):
    def half() -> None:
        with open_writer(engine) as connection:
            connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('f', 'c')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with open_reader(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM scope")).scalar() == 0


def test_the_sqlite_files_are_private_and_its_settings_safe(tmp_path):
    engine = open_database(tmp_path / "state" / "journal.db")
    with open_writer(engine) as connection:
        connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('f', 'c')"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"journal.db", "journal.db-wal", "journal.db-shm", "journal.db-gate"} == set(modes)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "wal_autocheckpoint": 0}
    with open_reader(engine) as connection:
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted} == wanted
    engine.dispose()


def test_a_sqlite_file_that_others_could_read_is_closed_to_them(tmp_path):
    (tmp_path / "journal.db").touch(mode=0o644)
    open_database(tmp_path / "journal.db").dispose()
    assert stat.S_IMODE((tmp_path / "journal.db").stat().st_mode) == 0o600


def test_a_long_write_ahead_log_is_folded_by_the_writer(tmp_path):
    engine = open_database(tmp_path / "journal.db")
    with open_writer(engine) as connection:
        connection.execute(text("CREATE TABLE big (x BLOB)"))
        connection.execute(text("INSERT INTO big VALUES (zeroblob(40000000))"))
    assert (tmp_path / "journal.db-wal").stat().st_size == 0
    engine.dispose()


def test_folding_empties_the_write_ahead_log(tmp_path):
    engine = open_database(tmp_path / "journal.db")
    with open_writer(engine) as connection:
        connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('f', 'c')"))
    assert (tmp_path / "journal.db-wal").stat().st_size > 0
    truncate_wal(engine)
    assert (tmp_path / "journal.db-wal").stat().st_size == 0
    engine.dispose()


def test_a_gate_that_stays_shut_is_said(tmp_path, monkeypatch):
    engine = open_database(tmp_path / "journal.db")
    lock = FileLock(tmp_path / "journal.db-gate")
    assert lock.acquire()
    monkeypatch.setattr(database, "_GATE_SECONDS", 0.05)
    with pytest.raises(FatalError) as caught, open_writer(engine):
        pass
    assert caught.value.code == "incident.database.busy"
    lock.release()
    with open_writer(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_writers_of_many_threads_lose_nothing(engine):
    def add(number: int) -> None:
        for _ in range(10):
            with open_writer(engine) as connection:
                before = connection.execute(text("SELECT count(*) FROM run")).scalar()
                connection.execute(
                    text("INSERT INTO run (flows, started_at, outcome) VALUES (:flows, :before, '')"),
                    {"flows": f"flow-{number}", "before": before},
                )

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_reader(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM run")).scalar() == 40


def test_a_postgresql_without_encoding_serves_too(unencoded_postgresql_url):
    engine = open_database(unencoded_postgresql_url)
    with open_reader(engine) as connection:
        assert connection.execute(text("SELECT 'Période à vérifier'")).scalar() == "Période à vérifier"
    engine.dispose()


@pytest.mark.parametrize(
    ("attribute", "cause", "code"),
    [
        ("sqlite_errorname", "SQLITE_FULL", "incident.database.full"),
        ("sqlstate", "53100", "incident.database.full"),
        ("sqlite_errorname", "SQLITE_BUSY", "incident.database.busy"),
        ("sqlite_errorname", "SQLITE_CORRUPT", "incident.journal.corrupt"),
        ("sqlstate", "28P01", "incident.database.failed"),
        ("sqlstate", "57P01", "incident.database.failed"),
    ],
)
def test_a_cause_that_the_database_names_is_told_by_its_name(tmp_path, attribute, cause, code):
    engine = open_database(tmp_path / "journal.db")
    original = sqlite3.OperationalError("Mme Untel")
    setattr(original, attribute, cause)
    with pytest.raises(FatalError) as stopped, open_reader(engine):
        raise OperationalError("SELECT 'Mme Untel'", {}, original)
    engine.dispose()
    assert stopped.value.code == code
    says_all = code in {"incident.database.full", "incident.database.busy"}
    assert stopped.value.details == ({} if says_all else {"cause": cause})
    assert "Untel" not in "".join(traceback.format_exception(stopped.value))


def test_only_a_trouble_without_a_name_is_told_as_a_database_that_cannot_be_reached(tmp_path):
    engine = open_database(tmp_path / "journal.db")
    for kind, code, facts in (
        (sqlite3.OperationalError, "incident.database.unreachable", {}),
        (sqlite3.InterfaceError, "incident.database.failed", {"cause": "InterfaceError"}),
    ):
        with pytest.raises(FatalError) as stopped, open_reader(engine):
            raise DBAPIError("SELECT 1", {}, kind("Mme Untel"))
        assert (stopped.value.code, stopped.value.details) == (code, facts)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://u@hote:5433/base", ("hote", 5433, "base")),
        ("postgresql://u@hote/base", ("hote", 5432, "base")),
        ("postgresql://u@/base?host=/run/pg&port=5434", ("/run/pg", 5434, "base")),
        ("postgresql://u@hote", ("hote", 5432, "u")),
    ],
)
def test_two_addresses_of_one_database_name_the_same_place(url, place):
    assert name_server_database(url) == place
