"""Until when the certificates are valid that servers showed to this process, which verified them: by host and port.

Nobody connects to learn it: it is noted at each connection that is made anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from passerelle.edges.certificates import read_end

if TYPE_CHECKING:
    from datetime import datetime

    import httpcore

_PORT = 443
_ends: dict[tuple[str, int], datetime] = {}


def note_certificate(host: str, port: int, stream: httpcore.NetworkStream) -> None:
    """Note until when the certificate of a connection is valid that was just verified."""
    if end := read_end(stream.get_extra_info("socket")):
        _ends[host.lower(), port] = end


def find_certificate_end(base_url: str) -> datetime | None:
    """Return until when the certificate of a server is valid; None when none was seen, or it speaks no TLS."""
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, ValueError):
        return None
    return _ends.get((url.raw_host.decode("ascii").lower(), url.port or _PORT)) if url.scheme == "https" else None
