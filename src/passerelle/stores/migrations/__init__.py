"""Migrations of the tables. `HEAD` is the latest revision: a database at HEAD starts without loading Alembic."""

HEAD = "0029"
OLDEST = "0025"
"""The revision whose programs may go on with tables at HEAD, on PostgreSQL, while others are new already.

It stays as long as migrations only add what such a program need not write (a test looks); else it becomes HEAD, and
programs of before refuse to work.
"""
