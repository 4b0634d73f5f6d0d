"""What people write into the tables of the workbench is sealed, and the tables are those that migrations make."""

from __future__ import annotations

from sqlalchemy import Text, inspect

from passerelle.stores import workbench_schema
from passerelle.stores.foreign_words import WordType

OURS = {"secret", "roles", "flows", "invitation", "verdict", "digest"}
"""Hashes, digests, and words of our own lists."""
TABLES = [getattr(workbench_schema, name) for name in workbench_schema.__all__ if name != "metadata"]


def test_every_word_that_a_person_writes_is_sealed():
    texts = {
        column.name: column.type for table in TABLES for column in table.c if isinstance(column.type, Text | WordType)
    }
    assert {name for name, kind in texts.items() if not isinstance(kind, WordType)} == OURS
    assert {"note", "assignee", "content", "who", "name"} <= set(texts)


def test_the_tables_are_those_that_migrations_make(engine):
    found = inspect(engine)
    for table in TABLES:
        # on PostgreSQL every table has the organisation besides
        assert {column["name"] for column in found.get_columns(table.name)} - {"organisation"} == set(table.c.keys())
