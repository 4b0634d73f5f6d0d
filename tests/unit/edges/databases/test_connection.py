"""What a destination database complains of is named by what happens next: wait, stop, or refuse one record."""

from __future__ import annotations

import os
import sqlite3
import stat

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from passerelle.edges.databases.connection import open_engine
from passerelle.edges.databases.sqlstates import find_sqlstate, is_of_the_record, name_problem
from passerelle.vocabulary.errors import FlowError, SettingsError, TransientError

WORDS = "INSERT INTO persons VALUES ('Mme Untel')"


def problem(*, name: str | None = None, state: str | None = None, kind=OperationalError, lost: bool = False):
    """Make what the driver would raise: an error name of SQLite, or a SQLSTATE of PostgreSQL."""
    original = sqlite3.OperationalError("Mme Untel") if state is None and kind is OperationalError else Exception("x")
    if name is not None:
        original.sqlite_errorname = name
    if state is not None:
        original.sqlstate = state
    return kind(WORDS, {}, original, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("name", "state", "kind", "code"),
    [
        ("SQLITE_BUSY", "55P03", TransientError, "incident.destination.unreachable"),
        ("SQLITE_BUSY_SNAPSHOT", "55P03", TransientError, "incident.destination.unreachable"),
        ("SQLITE_LOCKED", "55P03", TransientError, "incident.destination.unreachable"),
        ("SQLITE_FULL", "53100", TransientError, "incident.folder.full"),
        ("SQLITE_IOERR_WRITE", "58030", TransientError, "incident.destination.unreachable"),
        ("SQLITE_CANTOPEN", "42501", FlowError, "incident.flow_database.file"),
        ("SQLITE_READONLY", "42501", FlowError, "incident.flow_database.file"),
        ("SQLITE_NOTADB", "XX001", FlowError, "incident.flow_database.damaged"),
        ("SQLITE_CORRUPT", "XX001", FlowError, "incident.flow_database.damaged"),
        ("SQLITE_ERROR", "42000", FlowError, "incident.destination.forbidden"),
        ("SQLITE_UNHEARD_OF", "", TransientError, "incident.destination.unreachable"),
    ],
)
def test_sqlite_names_its_troubles_and_each_has_its_consequence(name, state, kind, code):
    told = problem(name=name)
    assert find_sqlstate(told) == state
    error = name_problem(told)
    assert (type(error), error.code) == (kind, code)


@pytest.mark.parametrize("state", ["08006", "40001", "53300", "55P03", "57P01", "58030"])
def test_what_passes_by_itself_is_waited_for(state):
    error = name_problem(problem(state=state))
    assert (type(error), error.code) == (TransientError, "incident.destination.unreachable")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("28P01", "incident.flow_database.credentials"),
        ("28000", "incident.flow_database.credentials"),
        ("3D000", "incident.flow_database.absent"),
        ("42501", "incident.flow_database.right"),
        ("PA001", "incident.flow_database.host"),
        ("PA002", "incident.flow_database.untrusted"),
        ("PA003", "incident.flow_database.in_clear"),
        ("42P01", "incident.destination.forbidden"),
        ("0A000", "incident.destination.forbidden"),
        ("XX000", "incident.destination.forbidden"),
    ],
)
def test_what_does_not_pass_suspends_the_flow_and_says_what_to_correct(state, code):
    error = name_problem(problem(state=state))
    assert (type(error), error.code, error.details) == (FlowError, code, {"sqlstate": state})


@pytest.mark.parametrize(
    ("state", "code"), [("08006", "incident.source.unreachable"), ("42P01", "incident.query.refused")]
)
def test_a_source_is_called_a_source(state, code):
    assert name_problem(problem(state=state), "source").code == code


def test_a_connection_that_was_lost_is_waited_for_whatever_the_state_says():
    assert isinstance(name_problem(problem(state="42501", lost=True)), TransientError)
    assert isinstance(name_problem(problem(state="28P01", lost=True)), FlowError), "it was never there to be lost"
    assert isinstance(name_problem(problem(name="SQLITE_ERROR", lost=True)), TransientError)


@pytest.mark.parametrize(
    ("told", "of_the_record"),
    [
        (problem(state="22001"), True),
        (problem(state="23505"), True),
        (problem(state="42501"), False),
        (problem(state="08006"), False),
        (problem(name="SQLITE_CONSTRAINT_UNIQUE"), True),
        (problem(name="SQLITE_MISMATCH"), True),
        (problem(name="SQLITE_TOOBIG"), True),
        (problem(name="SQLITE_BUSY"), False),
        (problem(kind=DataError), True),
        (problem(kind=IntegrityError), True),
        (problem(kind=DBAPIError), False),
    ],
)
def test_only_data_and_constraints_are_held_against_the_record(told, of_the_record):
    assert is_of_the_record(told) is of_the_record


def test_a_real_violation_and_a_real_missing_table_are_told_apart(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'records.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (ref TEXT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO kept VALUES ('a')"))
    with pytest.raises(DBAPIError) as twice, engine.begin() as connection:
        connection.execute(text("INSERT INTO kept VALUES ('a')"))
    with pytest.raises(DBAPIError) as absent, engine.begin() as connection:
        connection.execute(text("SELECT * FROM elsewhere"))
    engine.dispose()
    assert (is_of_the_record(twice.value), is_of_the_record(absent.value)) == (True, False)
    assert (find_sqlstate(twice.value), find_sqlstate(absent.value)) == ("23000", "42000")


@pytest.mark.skipif(os.name != "posix", reason="rights of files are of POSIX")
def test_a_new_file_is_for_its_owner_and_the_rights_that_somebody_gave_stay(tmp_path):
    path = tmp_path / "records.db"
    modes = []
    for given in (None, 0o640):
        if given is not None:
            path.chmod(given)
        engine = open_engine(f"sqlite:///{path}")
        assert path.exists() == (given is not None), "nothing is made before it is needed"
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS kept (ref TEXT PRIMARY KEY)"))
        engine.dispose()
        modes.append(stat.S_IMODE(path.stat().st_mode))
    assert modes == [0o600, 0o640]


def test_tables_made_in_a_transaction_that_fails_are_not_there_afterwards(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'records.db'}")
    both = text("CREATE TABLE halfway (ref TEXT)"), text("SELECT * FROM elsewhere")
    with pytest.raises(DBAPIError), engine.begin() as connection:
        list(map(connection.execute, both))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master")).all() == []
    engine.dispose()


def test_a_second_writer_waits_at_the_beginning_not_in_the_middle(tmp_path):
    path = tmp_path / "records.db"
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin():
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    engine.dispose()


@pytest.mark.parametrize("url", ["db2://host/base", "not a url", "", "nothing://x"])
def test_any_other_database_is_refused_when_the_settings_are_read(url):
    with pytest.raises(SettingsError) as refused:
        open_engine(url)
    assert refused.value.code == "incident.destination.unknown_database"


def test_a_driver_that_is_not_installed_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setattr("passerelle.edges.databases.server_kinds.find_spec", lambda _name: None)
    with pytest.raises(SettingsError) as refused:
        open_engine("postgresql://host/base")
    assert refused.value.code == "incident.flow_database.driver"
    assert "passerelle-social[postgresql]" in str(refused.value)


def test_an_address_in_the_form_of_sqlite_makes_the_file_that_it_names_and_nothing_beside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bases").mkdir()
    engine = open_engine(f"sqlite:///file:{tmp_path}/bases/records.db?mode=rwc&uri=true")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (ref TEXT PRIMARY KEY)"))
    engine.dispose()
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"bases", "bases/records.db"}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_makes_no_file(tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (ref TEXT PRIMARY KEY)"))
    engine.dispose()
    assert list(tmp_path.iterdir()) == []
