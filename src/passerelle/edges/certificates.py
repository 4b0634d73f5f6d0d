"""Until when a certificate is valid, as Python's TLS tells it of one that it has verified."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime


def read_end(connection: object) -> datetime | None:
    """Return until when the certificate of the other side is valid; None for none that was verified."""
    shown = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC) if shown else None
