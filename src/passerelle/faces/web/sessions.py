"""Who is signed in: links that open once, sessions that end, and what a session is trusted with. In memory alone.

Nothing of this is written: a restart signs everybody out, and a copy of the state opens no session.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.quarantine.value_grants import ValueGrant
    from passerelle.faces.web.rights import Visitor
    from passerelle.vocabulary.ports import Clock

COOKIE = "passerelle"
"""Holds the token of a session: no script reads it, and no other site has it sent."""
LINK_TIME = timedelta(minutes=15)
IDLE_TIME = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
"""Of a session, however busy."""
_TRIES, _WINDOW = 10, timedelta(minutes=1)
"""How often anybody may come with a link, or ask for one: nobody guesses 256 bits, this spares work."""


@dataclass(slots=True)
class Session:
    """One visitor in one browser."""

    visitor: Visitor
    began: datetime
    seen: datetime
    form_key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """Each form of the session carries it: what another site sends does not."""
    grants: dict[int, ValueGrant] = field(default_factory=dict)
    """By number of the cause."""
    message: str = ""
    """Shown by the next page, once."""

    def is_over(self, now: datetime) -> bool:
        """Whether it ended; also when the clock was set back, for then nobody knows how long it lasted."""
        return not (self.began <= self.seen <= now and now - self.seen < IDLE_TIME and now - self.began < LONGEST)


class Doorkeeper:
    """Issues links that open once, and keeps sessions by the digest of their token. Safe for several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._links: dict[bytes, tuple[Visitor, datetime]] = {}
        self._sessions: dict[bytes, Session] = {}
        self._tries: list[datetime] = []

    def issue_link(self, visitor: Visitor) -> str:
        """Return the token of a new link; those before it open nothing any more."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._links = {_digest(token): (visitor, self._clock.now())}
        return token

    def may_try(self) -> bool:
        """Whether somebody may come with a link now; counts the try."""
        now = self._clock.now()
        with self._lock:
            self._tries = [moment for moment in self._tries if timedelta(0) <= now - moment < _WINDOW]
            self._tries.append(now)
            return len(self._tries) <= _TRIES

    def open_session(self, token: str) -> str:
        """Use a link up and return the token of a new session; empty when the link opens nothing."""
        now, fresh = self._clock.now(), secrets.token_urlsafe(32)
        with self._lock:
            visitor, issued = self._links.pop(_digest(token), (None, now))
            if visitor is None or not timedelta(0) <= now - issued < LINK_TIME:
                return ""
            self._sessions[_digest(fresh)] = Session(visitor, now, now)
        return fresh

    def find_session(self, token: str) -> Session | None:
        """Return the session of a token and note that it was seen; None when it ended or never was."""
        now, key = self._clock.now(), _digest(token)
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return None
            if session.is_over(now):
                del self._sessions[key]
                return None
            session.seen = now
            return session

    def end_session(self, token: str) -> None:
        """End a session; its grants go with it."""
        with self._lock:
            self._sessions.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
