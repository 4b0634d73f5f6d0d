"""What says who signs in is sealed, and the tables are those that migrations make."""

from __future__ import annotations

from sqlalchemy import Text, inspect, text

from passerelle.stores import sign_in_schema
from passerelle.stores.foreign_words import WordType
from passerelle.stores.trail import AuditEntry

OURS = {"public_key", "handle"}
"""What opens nothing, and chance."""
TABLES = [getattr(sign_in_schema, name) for name in sign_in_schema.__all__ if name != "metadata"]


def test_every_word_that_others_write_is_sealed():
    texts = {
        column.name: column.type for table in TABLES for column in table.c if isinstance(column.type, Text | WordType)
    }
    assert {name for name, kind in texts.items() if not isinstance(kind, WordType)} == OURS
    assert {"issuer", "subject", "credential", "name"} <= set(texts)


def test_the_tables_are_those_that_migrations_make(engine):
    found = inspect(engine)
    for table in TABLES:
        # on PostgreSQL every table has the organisation besides
        assert {column["name"] for column in found.get_columns(table.name)} - {"organisation"} == set(table.c.keys())


def test_a_subject_lies_nowhere_in_clear(journal, engine, make):
    act = AuditEntry(0, make.now, "account.bind", "marie", "", "racine")
    journal.keep_group_account("marie", "https://zzyx.fr", "zzyx-1", roles="lecteur", flows="", act=act)
    with engine.begin() as connection:
        (row,) = connection.execute(text("SELECT * FROM account_identity"))
    assert "zzyx" not in str(row)
