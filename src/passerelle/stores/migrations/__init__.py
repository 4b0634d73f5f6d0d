"""How the tables came to be, step by step. `HEAD` is the last step: a database at HEAD needs no Alembic to start."""

HEAD = "0002"
