"""Bodies that clients send: JSON, counted as it comes, and not for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from passerelle.engine.api.refusals import RequestRefusedError

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST_BODY = 8 << 20
"""Bytes: a thousand records of eight kilobytes."""
BODY_SECONDS = 20
"""From the head of a request to the last byte of its body."""


async def read_body(request: Request) -> bytes:
    """Return the body of a request. Raises RequestRefusedError for one that is too large, too slow, or not JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or "content-encoding" in request.headers:
        raise RequestRefusedError("api.body.media")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                # counted as it comes: what a request announces need not be true
                if len(body) > LARGEST_BODY:
                    raise RequestRefusedError("api.body.large", most=str(LARGEST_BODY))
    except TimeoutError:
        raise RequestRefusedError("api.body.late") from None
    return bytes(body)
