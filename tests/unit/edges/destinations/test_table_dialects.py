"""What SQL Server and Oracle, which no test can start, would be told: tables, statements, locks, lengths of names.

The way of writing is tried for real on MariaDB, and here on SQLite: it is the same for all that lack one statement.
"""

from __future__ import annotations

import json

import polars as pl
import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, create_engine, insert, select
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.schema import CreateTable

from passerelle.contracts.catalogue import catalogue, get
from passerelle.edges.databases.reading import list_preparations
from passerelle.edges.destinations import cells, table_writing
from passerelle.edges.destinations.database import DatabaseDestination
from passerelle.edges.destinations.table_writing import make_update, name_values
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery

DIALECTS = {"mysql": mysql.dialect(), "mssql": mssql.dialect(), "oracle": oracle.dialect()}


def make_table(contract="person/1", prefix="passerelle_"):
    columns = cells.list_columns(get(contract))
    own = (Column("passerelle_key", cells.SHORT_TEXT), Column("passerelle_version", BigInteger))
    return Table(prefix + contract.replace("/", "_"), MetaData(), *columns, *own)


def write(statement, dialect):
    return " ".join(str(statement.compile(dialect=DIALECTS[dialect])).split())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("contract", catalogue())
def test_every_contract_has_a_table_whose_names_fit(contract, dialect):
    table = make_table(contract, prefix="p" * 30)
    assert len(table.name) <= DIALECTS[dialect].max_identifier_length
    assert "CREATE TABLE" in write(CreateTable(table), dialect)


@pytest.mark.parametrize(
    ("dialect", "parts"),
    [
        ("mssql", ("ref NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL", "NVARCHAR(max)", "PRIMARY KEY (ref)")),
        ("oracle", ("ref VARCHAR2(255 CHAR) NOT NULL", "VARCHAR2(1000 CHAR)", "CLOB", "PRIMARY KEY (ref)")),
        ("mysql", ("ref VARCHAR(255) NOT NULL", "MEDIUMTEXT", "JSON", "PRIMARY KEY (ref)")),
    ],
)
def test_a_reference_is_a_key_and_texts_have_room(dialect, parts):
    made = write(CreateTable(make_table()), dialect)
    assert all(part in made for part in parts), made
    assert " TEXT" not in made, "which ends at 64 KiB, or knows one alphabet"


@pytest.mark.parametrize(
    ("dialect", "kinds"),
    [
        ("mssql", ("DATETIMEOFFSET", "DATE", "BIT")),
        ("oracle", ("TIMESTAMP", "DATE", "SMALLINT")),
        ("mysql", ("DATETIME(6)", "DATE", "BOOL")),
    ],
)
def test_moments_days_and_flags_have_types(dialect, kinds):
    made = " ".join(write(CreateTable(make_table(contract)), dialect) for contract in catalogue())
    assert all(f" {kind}" in made for kind in kinds)


def test_what_is_there_is_held_before_it_is_changed():
    table = make_table()
    found = select(table.c.ref).where(table.c.ref.in_(["a"])).with_for_update()
    held = found.with_hint(table, "WITH (UPDLOCK, HOLDLOCK)", "mssql")
    assert "WITH (UPDLOCK, HOLDLOCK) WHERE" in write(held, "mssql")
    assert "FOR UPDATE" not in write(held, "mssql")
    assert write(held, "oracle").endswith("FOR UPDATE")
    assert write(held, "mysql").endswith("FOR UPDATE")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_change_sets_each_column_but_the_reference_and_what_is_kept(dialect):
    table = make_table()
    statement = write(make_update(table, kept=("sex",)), dialect)
    changed = statement.partition(" SET ")[2].partition(" WHERE ")[0]
    assert changed.count("=") == len(table.columns) - 2
    assert "sex" not in changed
    assert "WHERE" in statement
    assert set(name_values({"ref": "a", "sex": "f"})) == {"new_ref", "new_sex"}
    assert write(insert(table), dialect).startswith("INSERT INTO passerelle_person_1")


def test_a_reader_of_oracle_writes_json_and_one_of_mysql_utc():
    readers = cells.list_readers(get("person/1"), "oracle")
    assert json.loads(readers["identifiers"]([{"value": "é"}])) == [{"value": "é"}]
    moments = cells.list_readers(get("visit/1"), "mysql")
    assert moments["planned_start"]("2026-03-01T08:30:00+01:00").isoformat() == "2026-03-01T07:30:00"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("mysql", ["max_execution_time = 1500", "time_zone = '+00:00'", "START TRANSACTION READ ONLY"]),
        ("oracle", ["TIME_ZONE = 'Europe/Paris'", "SET TRANSACTION READ ONLY"]),
        ("mssql", ["SET LOCK_TIMEOUT 1500"]),
    ],
)
def test_a_server_is_told_that_it_is_read_only_and_for_how_long(kind, told):
    statements = list_preparations(DIALECTS[kind], 1.5, "Europe/Paris")
    assert len(statements) == len(told)
    assert all(part in statement for part, statement in zip(told, statements, strict=True))


def test_writing_without_one_statement_leaves_the_same_rows(tmp_path, monkeypatch):
    rows = {}
    for way in ("one statement", "two"):
        path = tmp_path / f"{way}.db"
        if way == "two":
            monkeypatch.setattr(table_writing, "UPSERTING", frozenset())
        destination = DatabaseDestination(f"sqlite:///{path}")
        for number, (versions, sexes) in enumerate((((1, 1), "fm"), ((2, 1), "mf"), ((1, 3), "ff"), ((1, 3), "ff"))):
            bodies = [json.dumps({"ref": f"a:person:{place}", "sex": sex}).encode() for place, sex in enumerate(sexes)]
            frame = pl.DataFrame({"ref": ["a:person:0", "a:person:1"]})
            keys = [f"k{number}{place}" for place in range(2)]
            batch = Delivery("nuit", "person/1", BatchKey("ab" * 32, number), frame, bodies, keys, versions)
            answers = destination.deliver(batch)
            assert {answer.fate for answer in answers} == {Fate.DELIVERED}
        destination.close()
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            columns = "ref, sex, passerelle_key, passerelle_version"
            rows[way] = connection.exec_driver_sql(f"SELECT {columns} FROM passerelle_person_1 ORDER BY ref").all()  # noqa: S608  our own words
        engine.dispose()
    assert rows["one statement"] == rows["two"]
    assert len(rows["two"]) == 2
