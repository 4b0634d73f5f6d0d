"""Whose rows a transaction reads and writes: on PostgreSQL one database holds the journals of many organisations.

No statement of the stores names the organisation. Each transaction begins by saying whose it is; a default writes it
into every row, and a policy hides the rows of all others (`tenant_tables`). A SQLite file holds one organisation, and
has nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import event, text
from sqlalchemy.engine.base import OptionEngine

from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Engine

ALONE = "seule"
"""The organisation of a database in which nobody named one."""
EVERYBODY = "*"
"""What acts on a whole installation names: it opens the table of organisations, reads that of turns, and no other."""
SETTING = "passerelle.organisation"
_OPTION = "organisation"
_ORGANISATIONS: WeakKeyDictionary[Dialect, str] = WeakKeyDictionary()
"""Of each open database on PostgreSQL."""


def set_organisation(engine: Engine, organisation: str) -> None:
    """Have every transaction of an engine begin with whose rows it reads and writes."""
    _ORGANISATIONS[engine.dialect] = organisation

    def begin(connection: Connection) -> None:
        # local to the transaction: a connection that a pooler hands to somebody else keeps nothing of it
        own = connection.get_execution_options().get(_OPTION, organisation)
        connection.exec_driver_sql(f"SELECT set_config('{SETTING}', %s, true)", (own,))

    event.listen(engine, "begin", begin)


class LentEngine(OptionEngine):
    """An engine on the connections of another one, for the rows of one organisation; closing it closes none of them."""

    def dispose(self, close: bool = True) -> None:  # noqa: FBT001, FBT002  as SQLAlchemy has it
        """Leave the connections to whoever lent them."""


def lend_engine(engine: Engine, organisation: str) -> Engine:
    """Return an engine whose transactions begin with another organisation, on the same connections.

    A SQLite file holds one organisation: the engine itself.
    """
    return LentEngine(engine, {_OPTION: organisation}) if engine.dialect in _ORGANISATIONS else engine


def see_everybody(connection: Connection) -> None:
    """See the keys of all organisations, and the rows of none, until the transaction ends."""
    connection.execute(text(f"SELECT set_config('{SETTING}', '{EVERYBODY}', true)"))


def find_organisation(engine: Engine) -> str:
    """Return whose rows an engine reads and writes; empty for a SQLite file, which holds one organisation."""
    lent = engine.get_execution_options().get(_OPTION)
    return _ORGANISATIONS.get(engine.dialect, "") if lent is None else str(lent)


def lock_within(connection: Connection, number: int) -> None:
    """Hold a lock of this number among the transactions of one organisation until this one ends.

    For what is read first and written then. On SQLite a transaction that writes holds the lock of the file already.
    """
    if connection.dialect.name != "postgresql":
        return
    own = f"hashtextextended(current_setting('{SETTING}'), :number)"
    connection.execute(text(f"SELECT pg_advisory_xact_lock({own})"), {"number": number})


def refuse_bypass(connection: Connection) -> None:
    """Raise FatalError `incident.database.bypass` where the account sees the rows of all whatever policies say."""
    bypasses = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    if connection.execute(text(bypasses)).scalar():
        raise FatalError("incident.database.bypass")
