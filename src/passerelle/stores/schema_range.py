"""Which tables this program works with: its own, or those of a later one that only added to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from passerelle.stores.migrations import HEAD, OLDEST

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OLDEST = text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")


def read_revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def may_go_on(connection: Connection) -> bool:
    """Whether the tables are those of this program, or of a later one that only added to them."""
    revision = read_revision(connection)
    return revision == HEAD or (_is_later(connection, revision) and str(_read_oldest(connection)) <= HEAD)


def is_too_new(connection: Connection) -> bool:
    """Whether a later program changed the tables so that this one may not go on."""
    return _is_later(connection, read_revision(connection)) and not may_go_on(connection)


def keep_oldest(connection: Connection) -> None:
    """Keep beside the tables which programs may go on with them: on PostgreSQL, where others are at work meanwhile."""
    # a comment: no older program stumbles over it, and a copy of the database has it
    if read_revision(connection) is not None:
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{OLDEST}'"))


def _is_later(connection: Connection, revision: str | None) -> bool:
    return revision is not None and revision > HEAD and connection.dialect.name == "postgresql"


def _read_oldest(connection: Connection) -> str:
    """Return the oldest revision that may go on; where nobody said so, none of before may."""
    return connection.execute(_OLDEST).scalar() or "9999"
