"""Why a PostgreSQL server let nobody in: the driver hands on a text in the server's language, and no code.

libpq knows the code and does not tell it, but writes what passes on the wire to a file when it is asked to (PQtrace).
So a connection that failed is tried once more, traced into a pipe, and the code is taken out of what was written.
"""

from __future__ import annotations

import os
import re
import select
import socket
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN_HOST, UNTRUSTED, NO_TLS, UNKNOWN_WORD = "PA001", "PA002", "PA003", "PA004"
"""Codes of our own, where no server says any: in a class that the standard leaves to implementations."""
_NO_PASSWORD = "28P01"  # noqa: S105  a SQLSTATE: the server asks for a password, the address has none
_SECONDS = 10.0
_ROOM = 65_536
"""Bytes that a pipe holds on Linux: a connection that is refused writes some hundred."""
_CODE = re.compile(rb'\tErrorResponse\t.*? C "([0-9A-Z]{5})"')
_TLS_ANSWER = re.compile(rb"\tSSLResponse\t (\w)")
_UNKNOWN = {getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA") if hasattr(socket, name)}
"""Answers of name resolution that a second try does not change; EAI_AGAIN says that nobody answered."""


def note_refusal(problem: Any, parameters: Mapping[str, Any]) -> None:
    """Set the code (`sqlstate`) that an error of the driver lacks, where one can be found."""
    if getattr(problem, "sqlstate", None) is None:
        state = find_refusal(parameters)
        if state:
            problem.sqlstate = state


def find_refusal(parameters: Mapping[str, Any]) -> str:
    """Return the code with which a server refuses a connection with these libpq parameters.

    Empty where it cannot be found: nobody answers, or this platform cannot trace. Never raises for a server.
    """
    import psycopg  # noqa: PLC0415  an extra that may not be installed

    hosts = [host for host in str(parameters.get("host") or "").split(",") if host and host[0] not in "/@"]
    if hosts and not parameters.get("hostaddr") and all(map(is_unknown, hosts)):
        return UNKNOWN_HOST
    if sys.platform != "linux":  # psycopg traces nowhere else
        return ""
    with suppress(psycopg.Error, OSError, ValueError):
        # what is no text or number is the driver's own, such as its adapters
        own: dict[str, Any] = {name: value for name, value in parameters.items() if isinstance(value, str | int)}
        return _trace(psycopg.conninfo.make_conninfo(**own))
    return ""


def is_unknown(host: str) -> bool:
    """Whether a name server answers that there is no such host. A network that is down answers nothing."""
    try:
        socket.getaddrinfo(host.strip("[]"), None)
    except socket.gaierror as error:
        return is_no_name(error)
    except UnicodeError:  # no name could be written like this
        return True
    return False


def is_no_name(error: socket.gaierror) -> bool:
    """Whether this answer of name resolution is one that a second try does not change."""
    return error.errno in _UNKNOWN


def _trace(conninfo: str) -> str:
    """Try to connect, and return the code of the last refusal."""
    from psycopg import pq  # noqa: PLC0415  an extra that may not be installed

    reading, writing = os.pipe()
    try:
        connection = pq.PGconn.connect_start(conninfo.encode())
        if connection.status == pq.ConnStatus.BAD:
            return ""
        connection.trace(writing)
        is_open = _finish_connecting(connection)
        wants_password = connection.needs_password
        connection.untrace()
        connection.finish()
        os.set_blocking(reading, False)
        told = b""
        with suppress(BlockingIOError):
            told = os.read(reading, _ROOM)
    finally:
        os.close(reading)
        os.close(writing)
    return "" if is_open else _read_code(told, wants_password=wants_password)


def _finish_connecting(connection: Any) -> bool:
    """Drive a connection until it is open or refused; return whether it is open."""
    from psycopg import pq  # noqa: PLC0415  an extra that may not be installed

    ends = monotonic() + _SECONDS
    while (status := connection.connect_poll()) in (pq.PollingStatus.READING, pq.PollingStatus.WRITING):
        waits = [connection.socket]
        is_reading = status == pq.PollingStatus.READING
        ready = select.select(waits if is_reading else [], [] if is_reading else waits, [], max(0, ends - monotonic()))
        if not any(ready):
            return False
    return bool(status == pq.PollingStatus.OK)


def _read_code(told: bytes, *, wants_password: bool) -> str:
    if codes := _CODE.findall(told):
        return str(codes[-1].decode("ascii"))
    if wants_password:
        return _NO_PASSWORD
    if b"\tStartupMessage\t" in told:
        return ""
    # Nothing was said after the question for encryption: the certificate was not liked, or there is no encryption.
    answers = _TLS_ANSWER.findall(told)
    return {b"S": UNTRUSTED, b"N": NO_TLS}.get(answers[-1], "") if answers else ""
