"""Until when the certificate of a database server is valid, and those that an address names.

libpq verifies certificates and shows none. So the server is asked as libpq asks it, by the request for encryption that
its protocol begins with, and left after the handshake: nothing is said to it, and nothing else is read. PyMySQL's
connections are Python's own, and show it.
"""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from passerelle.edges.certificates import read_end
from passerelle.edges.databases.server_kinds import parse_url
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import URL

_PORT = 5432
_SECONDS = 10.0
_REQUEST = struct.pack("!ii", 8, 80_877_103)
"""SSLRequest: its length, and the number that stands for it (PostgreSQL, «Message Formats»)."""
_YES = b"S"
_reached: dict[tuple[str, int | None], Callable[[], datetime | None]] = {}
"""By host and port, what finds the end, of servers that let this process in."""


def note_reached(url: URL, connection: object) -> None:
    """Note that a server let this process in."""
    key = (url.host or "", url.port)
    if url.get_backend_name() == "mysql":
        end = read_end(getattr(connection, "_sock", None))
        _reached[key] = lambda: end
    elif url.get_backend_name() == "postgresql":
        address = url.render_as_string(hide_password=False)
        _reached[key] = lambda: find_server_end(address)


def find_seen_end(address: str) -> datetime | None:
    """Return until when the certificate of a server is valid that let this process in; None for any other."""
    with suppress(SettingsError):
        url = parse_url(address)
        find = _reached.get((url.host or "", url.port))
        return find() if find else None
    return None


def find_server_end(address: str) -> datetime | None:
    """Return until when the certificate of a server is valid; None where none can be had: no TLS, no answer."""
    url = _read_address(address)
    if url is None or not url.host or url.query.get("sslmode") == "disable":
        return None
    # the certificate is looked at, and trusted with nothing: whether it holds is libpq's business
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with suppress(OSError, ValueError), socket.create_connection((url.host, url.port or _PORT), _SECONDS) as connection:
        connection.sendall(_REQUEST)
        if connection.recv(1) == _YES:
            with context.wrap_socket(connection, server_hostname=url.host) as session:
                return x509.load_der_x509_certificate(session.getpeercert(binary_form=True) or b"").not_valid_after_utc
    return None


def find_client_end(address: str) -> datetime | None:
    """Return until when the certificate is valid with which we say who we are; None when the address names none."""
    url = _read_address(address)
    path = url.query.get("sslcert") if url else None
    if not isinstance(path, str):
        return None
    with suppress(OSError, ValueError):
        return x509.load_pem_x509_certificate(Path(path).expanduser().read_bytes()).not_valid_after_utc
    return None


def _read_address(address: str) -> URL | None:
    """Return the parts of an address of a server; what is wrong with one is told where it is opened."""
    with suppress(SettingsError):
        url = parse_url(address)
        return url if url.get_backend_name() == "postgresql" else None
    return None
