"""How a connection to a PostgreSQL server is protected: encrypted and its server verified, unless its address says."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VERIFIED = "verify-full"
_OWN_ROOTS = Path(".postgresql", "root.crt")
"""Where libpq looks for the certificates that it trusts, below the home folder."""


def choose_tls(host: str | None, query: Mapping[str, str | tuple[str, ...]]) -> dict[str, str]:
    """Return what must be added to the parameters of a connection; nothing where its address decides, or for sockets.

    libpq's own default (`prefer`) goes on in clear when the server wants to, and never looks at whose it is.
    """
    if "sslmode" in query or is_local(host, query):
        return {}
    added = {"sslmode": VERIFIED}
    if "sslrootcert" not in query and not (Path.home() / _OWN_ROOTS).exists():
        added["sslrootcert"] = "system"  # as any browser; without a file of its own libpq would trust nobody
    return added


def is_verified(host: str | None, query: Mapping[str, str | tuple[str, ...]]) -> bool:
    """Whether nobody on the way can read or change what goes to this server."""
    return query.get("sslmode", VERIFIED) == VERIFIED or is_local(host, query)


def is_local(host: str | None, query: Mapping[str, str | tuple[str, ...]]) -> bool:
    """Whether every server of an address is on this machine: a socket, or a literal loopback address."""
    hosts = [host] if host else _list_texts(query.get("host", ()))
    # what libpq takes when the address names none
    names = hosts or [os.environ.get("PGHOST", "")]
    # where it connects instead, whatever the name says
    numbers = _list_texts(query.get("hostaddr", os.environ.get("PGHOSTADDR", "")))
    return "service" not in query and all(map(is_here, ",".join([*names, *numbers]).split(",")))


def _list_texts(given: str | tuple[str, ...]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def is_here(host: str) -> bool:
    """Whether one server is on this machine: a socket, or a literal loopback address; no name is looked up."""
    if not host or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.partition(":")[0] in ("localhost", "127.0.0.1")
