"""Every table of a shared journal has the column, the check, the keys and the policy: read from the catalogue."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from passerelle.stores import database
from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.organisation_schema import metadata
from passerelle.stores.tenant_tables import guard_tables, lift_guards
from passerelle.vocabulary.organisation_names import ORGANISATION_NAME

OWN, OTHER = "una-35", "admr-81"


def _find_faults(connection) -> list[str]:
    """Name what a table of the database lacks; `alembic_version` is of no organisation."""
    there, faults = inspect(connection), []
    for name in set(there.get_table_names()) - {"alembic_version"}:
        columns = {column["name"]: column for column in there.get_columns(name)}
        if "organisation" not in columns or columns["organisation"]["nullable"]:
            faults.append(f"{name}: column")
        if f"ck_{name}_organisation" not in {check["name"] for check in there.get_check_constraints(name)}:
            faults.append(f"{name}: check")
        row = text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = to_regclass(:name)")
        if not connection.execute(row, {"name": name}).scalar():
            faults.append(f"{name}: forced")
        policy = text("SELECT policyname, cmd, qual, with_check FROM pg_policies WHERE tablename = :name")
        rules = {row.policyname: row for row in connection.execute(policy, {"name": name})}
        own, due = rules.pop("own_rows", None), rules.pop("due_rows", None)
        if rules or own is None or any("passerelle.organisation" not in words for words in own[2:]):
            faults.append(f"{name}: policy")
        # when flows are due is read, and nothing of it written, by who works for several organisations
        if (due is not None) != (name == "turn") or (due and (due.cmd, due.with_check) != ("SELECT", None)):
            faults.append(f"{name}: due rows")
        keys = [there.get_pk_constraint(name)["constrained_columns"]]
        keys += [key["column_names"] for key in there.get_unique_constraints(name)]
        keys += [key["column_names"] for key in there.get_indexes(name)]
        keys += [key["constrained_columns"] for key in there.get_foreign_keys(name)]
        keys += [key["referred_columns"] for key in there.get_foreign_keys(name)]
        faults += [f"{name}: {key}" for key in keys if key[0] != "organisation"]
    return faults


def test_every_table_is_guarded(copied_postgresql_url):
    engine = open_database(copied_postgresql_url)
    with open_reader(engine) as connection:
        assert _find_faults(connection) == []
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_a_table_of_a_later_migration_is_guarded_like_the_first(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, OWN)
    with open_writer(engine) as connection:
        lift_guards(connection, metadata.tables)
        connection.execute(text("CREATE TABLE later (flow text PRIMARY KEY, place int UNIQUE, note text)"))
        connection.execute(text("CREATE INDEX ix_later ON later (note)"))
        connection.execute(text("CREATE INDEX ix_new ON parcel (kind)"))
        connection.execute(text("INSERT INTO later VALUES ('visites', 1, '')"))
        assert _find_faults(connection) != []
        guard_tables(connection, [*metadata.tables, "later", "never-made"])
        assert _find_faults(connection) == []
    other = open_database(copied_postgresql_url, OTHER)
    for each, seen in ((engine, 1), (other, 0)):
        with open_reader(each) as connection:
            assert connection.execute(text("SELECT count(*) FROM later")).scalar() == seen
        each.dispose()


def test_a_journal_of_before_belongs_to_whom_migrates_it(owned_postgresql_url):
    plain = create_engine(owned_postgresql_url)
    config = Config()
    config.set_main_option("script_location", str(database.__file__).replace("database.py", "migrations"))
    config.set_main_option("path_separator", "os")
    with plain.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0016")
        connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('visites', 'visit/1')"))
        connection.execute(text("INSERT INTO known_remote SELECT id, 'k', 'r' FROM scope"))
    plain.dispose()
    own, other = open_database(owned_postgresql_url, OWN), open_database(owned_postgresql_url, OTHER)
    for engine, seen in ((own, 1), (other, 0)):
        with open_reader(engine) as connection:
            assert connection.execute(text("SELECT count(*) FROM scope JOIN known_remote ON true")).scalar() == seen
            assert _find_faults(connection) == []
        engine.dispose()


def test_a_migration_changes_the_rows_of_everybody(copied_postgresql_url):
    own, other = open_database(copied_postgresql_url, OWN), open_database(copied_postgresql_url, OTHER)
    for engine in (own, other):
        with open_writer(engine) as connection:
            connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('visites', 'visit/1')"))
    with open_writer(own) as connection:
        lift_guards(connection, metadata.tables)
        assert connection.execute(text("UPDATE scope SET contract = 'visit/2'")).rowcount == 2
        guard_tables(connection, metadata.tables)
        assert connection.execute(text("UPDATE scope SET contract = 'visit/3'")).rowcount == 1
    own.dispose()
    other.dispose()


@pytest.mark.parametrize("name", ["", "UNA", "una_35", "a" * 41, "*", "una/35", "una 35"])
def test_a_name_that_is_no_word_of_ours_is_none(name):
    assert ORGANISATION_NAME.match(name) is None
    assert ORGANISATION_NAME.match("una-35")
