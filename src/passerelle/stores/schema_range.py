"""Which tables this program works with: its own, or those of a later one that only added to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from passerelle.stores.migrations import HEAD, OLDEST

if TYPE_CHECKING:
    from sqlalchemy import Connection

RANGE = text("SELECT version_num, obj_description(to_regclass('alembic_version'), 'pg_class') FROM alembic_version")
"""The revision of the tables, and the oldest one whose programs may go on; on PostgreSQL."""


def read_revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def may_go_on(connection: Connection) -> bool:
    """Whether the tables are those of this program, or of a later one that only added to them."""
    revision = read_revision(connection)
    if revision is None or revision == HEAD or connection.dialect.name != "postgresql":
        return revision == HEAD
    return revision > HEAD and not is_too_new(*connection.execute(RANGE).one())


def is_too_new(revision: str, oldest: str | None) -> bool:
    """Whether a later program changed the tables so that this one may not go on; where nobody said so, it did."""
    return revision > HEAD and (not oldest or oldest > HEAD)


def keep_oldest(connection: Connection) -> None:
    """Keep beside the tables which programs may go on with them: on PostgreSQL, where others are at work meanwhile."""
    # a comment: no older program stumbles over it, and a copy of the database has it
    if read_revision(connection) is not None:
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{OLDEST}'"))
