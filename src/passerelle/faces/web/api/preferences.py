"""What a client would rather have (RFC 7240): to wait for the fates of what it wrote, or to hear little."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from passerelle.faces.web.api.answers import answer_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from passerelle.engine.api.api_caller import ApiCaller
    from passerelle.engine.api.live_api import LiveApi

LONGEST_WAIT = 10
"""Seconds that an answer waits for a run, however long its client would."""
_PAUSE = 0.1
_SYNC, _ASYNC, _MINIMAL = "respond-sync", "respond-async", "return=minimal"


async def keep_preferences(api: LiveApi, caller: ApiCaller, headers: Sequence[str], response: Response) -> Response:
    """Return an answer as its client prefers it; what is not about a write, or not known here, changes nothing."""
    if response.status_code != HTTPStatus.ACCEPTED:
        return response
    preferred = read_preferences(headers)
    applied = [_MINIMAL] if _MINIMAL in preferred else []
    seconds = 0 if _ASYNC in preferred else min(_read_wait(preferred), LONGEST_WAIT)
    # what is taken is told in any case: an answer that waits in vain is the one that does not wait
    if seconds and await _wait(api, caller, response.headers["location"].rpartition("/")[2], seconds):
        receipt = response.headers["location"].rpartition("/")[2]
        told = answer_content(await run_in_threadpool(api.find_receipt, caller, receipt))
        told.headers["location"] = response.headers["location"]
        response, applied = told, [*applied, f"wait={seconds}"]
    elif _ASYNC in preferred:
        applied.append(_ASYNC)
    if _MINIMAL in preferred:
        response.body = b""
        response.headers["content-length"] = "0"
        del response.headers["content-type"]
    if applied:
        response.headers["preference-applied"] = ", ".join(applied)
    return response


def read_preferences(headers: Sequence[str]) -> list[str]:
    """Return the preferences of headers, each as `name=value` or `name`, in small letters and without parameters."""
    parts = (part.partition(";")[0] for header in headers for part in header.split(","))
    return [part.replace(" ", "").replace('"', "").lower() for part in parts if part.strip()]


def _read_wait(preferred: Sequence[str]) -> int:
    """Return for how many seconds a client would wait; 0: not at all."""
    for one in preferred:
        name, _equals, value = one.partition("=")
        if name == "wait" and value.isascii() and value.isdecimal() and len(value) <= len("9999"):
            return int(value)
    return LONGEST_WAIT if _SYNC in preferred else 0


async def _wait(api: LiveApi, caller: ApiCaller, receipt: str, seconds: int) -> bool:
    """Whether a run settled what was written within so many seconds."""
    ends = time.monotonic() + seconds
    while not await run_in_threadpool(api.is_settled, caller, receipt):
        if time.monotonic() >= ends:
            return False
        await asyncio.sleep(_PAUSE)
    return True
