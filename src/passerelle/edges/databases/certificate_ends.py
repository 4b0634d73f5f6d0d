"""Until when the certificate of a PostgreSQL server is valid, and those that an address names.

libpq verifies certificates and shows none. So the server is asked as libpq asks it, by the request for encryption that
its protocol begins with, and left after the handshake: nothing is said to it, and nothing else is read.
"""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from passerelle.edges.databases.connection import parse_url
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import URL

_PORT = 5432
_SECONDS = 10.0
_REQUEST = struct.pack("!ii", 8, 80_877_103)
"""SSLRequest: its length, and the number that stands for it (PostgreSQL, «Message Formats»)."""
_YES = b"S"


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
