"""Migrations of the tables. `HEAD` is the latest revision: a database at HEAD starts without loading Alembic."""

HEAD = "0027"
