"""What every answer carries, and what every request must be before anything looks at it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.faces.web.visits import VisitRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

LARGEST_BODY = 256 * 1024
"""Bytes of a form: a thousand corrected values."""
BODY_SECONDS = 20
"""From the head of a request to the last byte of its body."""
_FORM = "application/x-www-form-urlencoded"
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        # no script at all: every page works without, so nothing has to be allowed
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # neither the browser nor anything in between keeps a page
        "Cache-Control": "no-store",
    }
)

SCRIPTED: Mapping[str, str] = MappingProxyType(
    # of the two kinds of pages that read themselves again: one file of ours, and no eval
    {"Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"}
)


def check_host(request: Request, hosts: frozenset[str]) -> None:
    """Raise VisitRefusedError unless the request names this server: another name is a page that was rebound to it."""
    named = request.headers.getlist("host")
    if len(named) != 1 or named[0] not in hosts:
        raise VisitRefusedError(HTTPStatus.MISDIRECTED_REQUEST)


def check_origin(request: Request, hosts: frozenset[str]) -> None:
    """Raise VisitRefusedError unless a page of ours sends the form.

    Browsers say where a form comes from; they leave its origin out (`null`) where pages send no referrer, as ours.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    is_own = origin in {f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts}
    if site is not None:
        is_own = site == "same-origin" and (is_own or origin in ("", "null"))
    if not is_own:
        raise VisitRefusedError(HTTPStatus.FORBIDDEN)


async def read_body(request: Request) -> bytes:
    """Return the body of a form. Raises VisitRefusedError for one that is too large, too slow, or no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise VisitRefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                # counted as it comes: what a request announces need not be true
                if len(body) > LARGEST_BODY:
                    raise VisitRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise VisitRefusedError(HTTPStatus.REQUEST_TIMEOUT) from None
    return bytes(body)
