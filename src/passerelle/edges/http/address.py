"""Checks the address of a call: one origin per client, never in clear over a public network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx

from passerelle.edges.http.network import is_loopback_name
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping


_SLASHES = re.compile(r"[/\\]")
_LAYERS = 4
"""Encodings of encodings that are looked under: `%252e` is a dot to a server behind a server."""


def parse_base_address(text: str, *, private: bool) -> httpx.URL:
    """Read the address of a system, or of its token endpoint. Raises FlowError `incident.address.…`.

    Plain http is for this machine by its literal name, and for networks that the operator declared as private.
    """
    url = _parse_url(text)
    in_clear = url.scheme == "http" and (private or is_loopback_name(url.host))
    if not url.host or not (url.scheme == "https" or in_clear):
        raise FlowError("incident.address.clear")
    return url


def resolve_address(base: httpx.URL, path: str, params: Mapping[str, str] | None = None) -> httpx.URL:
    """Resolve a path relative to the base (a leading slash changes nothing), or a whole URL on the same origin.

    Raises FlowError for another origin: a supplier's `next` link must not carry our credentials elsewhere; and for a
    path that climbs: an id of a record must not reach another part of the same host.
    """
    # Behind the question mark `://` is data: only in front of it does it make an address.
    is_url = "://" in path.partition("?")[0] or path.startswith(("//", "\\"))
    if _is_climbing(path):
        raise FlowError("incident.address.climbing")
    url = _parse_url(path if is_url else f"{str(base).rstrip('/')}/{path.lstrip('/')}")
    # A password in an address ends in the logs of proxies: credentials travel in headers only.
    if _get_origin(url) != _get_origin(base) or url.userinfo:
        raise FlowError("incident.address.foreign")
    return url.copy_merge_params(dict(params)) if params else url


def _is_climbing(path: str) -> bool:
    """Whether a path has a segment `.` or `..`, in any of the ways in which a server between might read one."""
    plain = path.partition("?")[0].partition("#")[0]
    for _layer in range(_LAYERS):
        # A server may take `;` for the start of parameters, drop what does not print, and read `\\` as `/`.
        segments = ("".join(filter(str.isprintable, part)).partition(";")[0] for part in _SLASHES.split(plain))
        if any(segment.strip() in {".", ".."} for segment in segments):
            return True
        plain = unquote(plain)
    return False


def _get_origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _parse_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise FlowError("incident.address.unusable") from None
    if url.port is not None and not 0 < url.port < 65_536:
        raise FlowError("incident.address.unusable")
    return url
