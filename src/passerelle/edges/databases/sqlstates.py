"""What is wrong with a database, by its own codes and never by its texts, which are translated and may hold values."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from sqlalchemy.exc import DataError, IntegrityError

from passerelle.edges.databases.refused_connections import NO_TLS, UNKNOWN_HOST, UNKNOWN_WORD, UNTRUSTED
from passerelle.edges.databases.server_codes import find_server_state
from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.exc import DBAPIError

Side = Literal["source", "destination"]

_OF_THE_RECORD = ("22", "23")
"""SQLSTATE classes that speak of the record: data exceptions, violated constraints of somebody's own."""
_PASSING = ("08", "40", "53", "55", "57", "58")
"""SQLSTATE classes that pass: connection, rollback, resources, lock, operator's intervention, system."""
_DISK = "53100"
_SQLITE = (
    ("SQLITE_CONSTRAINT", "23000"),
    ("SQLITE_MISMATCH", "22000"),
    ("SQLITE_TOOBIG", "22001"),
    ("SQLITE_BUSY", "55P03"),
    ("SQLITE_LOCKED", "55P03"),
    ("SQLITE_FULL", _DISK),
    ("SQLITE_IOERR", "58030"),
    ("SQLITE_CANTOPEN", "42501"),
    ("SQLITE_PERM", "42501"),
    ("SQLITE_READONLY", "42501"),
    ("SQLITE_NOTADB", "XX001"),
    ("SQLITE_CORRUPT", "XX001"),
    ("SQLITE_INTERRUPT", "57014"),
    ("SQLITE_ERROR", "42000"),
)
"""SQLite's error names, and the SQLSTATE that says the same."""
_TO_CORRECT = (
    ("28", "incident.flow_database.credentials"),
    ("3D000", "incident.flow_database.absent"),
    ("42501", "incident.flow_database.right"),
    (UNKNOWN_HOST, "incident.flow_database.host"),
    (UNTRUSTED, "incident.flow_database.untrusted"),
    (NO_TLS, "incident.flow_database.in_clear"),
    (UNKNOWN_WORD, "incident.flow_database.address"),
    # the manager of drivers, which SQL Server's goes through, finds none of that name
    ("IM", "incident.flow_database.odbc"),
)
"""How SQLSTATEs begin that a person corrects in the address or at the server, and what they are told."""
_FILE_TO_CORRECT: Mapping[str, str] = MappingProxyType(
    {"42501": "incident.flow_database.file", "XX001": "incident.flow_database.damaged"}
)
"""The same for SQLite, which has no accounts: rights are those of a file."""
_UNREACHABLE: Mapping[Side, str] = MappingProxyType(
    {"source": "incident.source.unreachable", "destination": "incident.destination.unreachable"}
)
_FORBIDDEN: Mapping[Side, str] = MappingProxyType(
    {"source": "incident.query.refused", "destination": "incident.destination.forbidden"}
)


def find_sqlstate(problem: DBAPIError) -> str:
    """Return the SQLSTATE of an error, or its equivalent where a database has others; empty when there is none."""
    # its own number first: MySQL calls a missing database, a missing right and a wrong word by one SQLSTATE
    if found := find_server_state(problem.orig):
        return found
    state = getattr(problem.orig, "sqlstate", None)
    if isinstance(state, str):
        return state
    if not _is_sqlite(problem) and isinstance(problem, DataError | IntegrityError):
        return "22000"  # the driver itself refused a value, without asking the server
    name = str(getattr(problem.orig, "sqlite_errorname", ""))
    return next((code for start, code in _SQLITE if name.startswith(start)), "")


def is_of_the_record(problem: DBAPIError) -> bool:
    """Whether the database refuses the record, not the statement or the connection."""
    return find_sqlstate(problem).startswith(_OF_THE_RECORD)


def name_problem(problem: DBAPIError, side: Side = "destination") -> PasserelleError:
    """Return the error to raise, named by what follows: a passing fault waits, what is to be corrected suspends."""
    state = find_sqlstate(problem)
    if state == _DISK:
        return TransientError("incident.folder.full")
    # A connection that was refused was never there to be lost, whatever SQLAlchemy makes of the error.
    if not state or state.startswith(_PASSING) or (problem.connection_invalidated and not _is_refusal(state)):
        return TransientError(_UNREACHABLE[side])
    if _is_sqlite(problem) and state in _FILE_TO_CORRECT:
        return FlowError(_FILE_TO_CORRECT[state])
    for start, code in _TO_CORRECT:
        if state.startswith(start):
            return FlowError(code, sqlstate=state)
    return FlowError(_FORBIDDEN[side], sqlstate=state)


def _is_refusal(state: str) -> bool:
    return state.startswith(("28", "3D", "PA", "IM"))


def _is_sqlite(problem: DBAPIError) -> bool:
    return hasattr(problem.orig, "sqlite_errorname")
