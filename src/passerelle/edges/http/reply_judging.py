"""Judges an answer: the call is settled or not, and the other side may have acted or not."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.vocabulary.ports import Reply

_FIRST_PAUSE = 0.25
_NOT_PROCESSED = (408, 425, 429)
"""RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4: the server says that it did not process the request."""
_MOVED_FOR_GOOD = (301, 308)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An attempt that did not settle the call."""

    code: str
    maybe_done: bool
    """The other side may have acted on the request."""
    hint: float | None = None
    """Seconds to wait, when the server said so."""
    status: int = 0
    quick: bool = True
    """Worth another attempt in this call."""


def judge_reply(reply: Reply, now: datetime) -> Trouble | None:
    """Return why the reply does not settle the call, None when it does. Raises FlowError when somebody has to act."""
    status = reply.status
    if status == 401:
        raise FlowError("incident.credentials.refused")
    if status == 403:
        raise FlowError("incident.access.forbidden")
    # Not followed: our credentials would go to an address that nobody has vouched for.
    if status in _MOVED_FOR_GOOD:
        raise FlowError("incident.supplier.moved")
    if 300 <= status < 400:
        return Trouble("incident.supplier.redirected", maybe_done=False, status=status, quick=False)
    if status in _NOT_PROCESSED:
        code = "incident.supplier.busy" if status == 429 else "incident.supplier.failing"
        return Trouble(code, maybe_done=False, hint=read_retry_after(reply.headers, now), status=status)
    if status >= 500:
        return Trouble("incident.supplier.failing", True, read_retry_after(reply.headers, now), status)
    return None


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read `Retry-After` (RFC 9110 §10.2.3): seconds or a date. None when absent, past or garbled."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        # A number of a thousand digits is infinite to `float`, and no pause.
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return seconds.total_seconds() if seconds.total_seconds() > 0 else None


def compute_pause(attempt: int, trouble: Trouble, longest: float) -> float:
    """Choose the pause after an attempt (from 1): the server's hint and a little more, else full jitter."""
    if trouble.hint is not None:
        return trouble.hint + random.uniform(0, _FIRST_PAUSE)  # noqa: S311  spreads load, protects nothing
    # From 0 (full jitter): clients that failed together must not come back together.
    return random.uniform(0, min(longest, _FIRST_PAUSE * 2**attempt))  # noqa: S311  the same
