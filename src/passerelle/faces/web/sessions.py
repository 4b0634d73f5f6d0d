"""Who is signed in: links that open once, sessions that end, and what a session is trusted with.

Sessions of accounts outlast a restart: the digest of their token is in the journal, so that a copy of the state opens
none. What a session was trusted with, and sessions that a link opened, are in memory alone.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.faces.web.sign_in_desk import SignInDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from passerelle.engine.accounts.account_acts import Enrolment
    from passerelle.engine.quarantine.drafting import RowGrant
    from passerelle.engine.quarantine.value_grants import ValueGrant
    from passerelle.faces.web.rights import Visitor
    from passerelle.stores.web_sessions import WebSessionBook
    from passerelle.vocabulary.ports import Clock

COOKIE = "passerelle"
"""Holds the token of a session: no script reads it, and no other site has it sent."""
LINK_TIME = timedelta(minutes=15)
IDLE_TIME = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
"""Of a session, however busy."""
_SIGN_INS, _NAME_SIGN_INS, _ADDRESS_SIGN_INS = 5, 30, 30
"""Tries a minute: of one name from one address, of one name from all addresses, and from one address of all names.

Whoever guesses keeps neither others at the same door out, nor, from one address, the owner of the name.
"""
_SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is written when a session was seen."""
_REFUSALS = 60
"""People turned away a minute who stand in the audit trail; who guesses beyond that fills the log, not the journal."""
_CHECKS = 3
"""Files a minute of all who have no account together."""
_TRIES, _WINDOW = 10, timedelta(minutes=1)
"""How often anybody may come with a link, or ask for one: nobody guesses 256 bits, this spares work."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody who was looked for, with a reason that stands in the trail, and until when they are shown."""

    ref: str = field(repr=False)
    flows: tuple[str, ...]
    ends: datetime


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
    row_grants: dict[int, RowGrant] = field(default_factory=dict)
    """By number of the row."""
    subjects: dict[int, FoundPerson] = field(default_factory=dict)
    """Persons that were found, by a number of this session alone: no address holds a reference."""
    found: int = 0
    """How many were ever found."""
    account: int = 0
    """The number of the account that signed in; 0 for a link of this machine."""
    message: str = ""
    """Shown by the next page, once."""
    passkey_handle: bytes = field(default=b"", repr=False)
    """What a passkey that is being made knows the account by."""
    noted: datetime | None = None
    """When it was last written that it was seen."""

    def keep_subjects(self, found: Iterable[FoundPerson]) -> None:
        """Keep who was found in place of who was found before; numbers go on, so that an old page shows nobody else."""
        self.subjects = dict(enumerate(found, self.found + 1))
        self.found += len(self.subjects)

    def is_over(self, now: datetime) -> bool:
        """Whether it ended; also when the clock was set back, for then nobody knows how long it lasted."""
        return not (self.began <= self.seen <= now and now - self.seen < IDLE_TIME and now - self.began < LONGEST)


class Doorkeeper:
    """Issues links that open once, and keeps sessions by the digest of their token. Safe for several threads."""

    def __init__(self, clock: Clock, *, is_secure: bool = False, book: WebSessionBook | None = None) -> None:
        """`is_secure`: browsers come over TLS, so that the cookie may be asked to stay there; `book` keeps sessions."""
        self._clock = clock
        self._book = book
        self.is_secure = is_secure
        self._lock = threading.Lock()
        self._links: dict[bytes, tuple[Visitor, datetime]] = {}
        self._sessions: dict[bytes, Session] = {}
        self._ended: set[bytes] = set()
        self._tries: list[datetime] = []
        self._checks: list[datetime] = []
        self._refusals: list[datetime] = []
        self.desk = SignInDesk(clock)
        self._sign_ins: dict[bytes, list[datetime]] = {}
        self._enrolments: dict[bytes, tuple[Enrolment, datetime]] = {}

    def issue_link(self, visitor: Visitor) -> str:
        """Return the token of a new link; those before it open nothing any more."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._links = {_digest(token): (visitor, self._clock.now())}
        return token

    def may_try(self) -> bool:
        """Whether somebody may come with a link now; counts the try."""
        with self._lock:
            return _count_try(self._tries, self._clock.now(), _TRIES)

    def may_check(self) -> bool:
        """Whether somebody without an account may have a file checked now; counts the try."""
        with self._lock:
            return _count_try(self._checks, self._clock.now(), _CHECKS)

    def may_record(self) -> bool:
        """Whether one who is turned away now stands in the audit trail; counts them."""
        with self._lock:
            return _count_try(self._refusals, self._clock.now(), _REFUSALS)

    @property
    def cookie(self) -> str:
        """Return the name of the cookie: with a prefix that browsers honour, where TLS is spoken."""
        return f"__Host-{COOKIE}" if self.is_secure else COOKIE

    @property
    def door_cookie(self) -> str:
        """Return the name of the cookie by which a browser is known again that went to a provider."""
        return f"{self.cookie}-porte"

    def may_sign_in(self, name: str, address: str = "") -> bool:
        """Whether somebody may try this name now from an address; counts the try, of either and of both.

        Without a name, whose it is comes out later: the address alone is counted.
        """
        now = self._clock.now()
        with self._lock:
            # names that nobody tried for a minute are forgotten: a list of guesses takes no memory for long
            for key in [key for key, tries in self._sign_ins.items() if now - tries[-1] >= _WINDOW]:
                del self._sign_ins[key]
            limits = {f"address {address}": _ADDRESS_SIGN_INS}
            if name:
                limits = {f"{address} {name}": _SIGN_INS, **limits, f"name {name}": _NAME_SIGN_INS}
            counts = {_digest(key): most for key, most in limits.items()}
            # in this order, and no further than the first that is full: what is refused to one is counted to nobody
            return all(_count_try(self._sign_ins.setdefault(key, []), now, most) for key, most in counts.items())

    def keep_enrolment(self, enrolment: Enrolment) -> str:
        """Keep what somebody began, and return the token of the form that ends it."""
        token, now = secrets.token_urlsafe(24), self._clock.now()
        with self._lock:
            self._enrolments = {
                key: entry for key, entry in self._enrolments.items() if timedelta(0) <= now - entry[1] < LINK_TIME
            }
            self._enrolments[_digest(token)] = enrolment, now
        return token

    def find_enrolment(self, token: str) -> Enrolment | None:
        """Return what somebody began; None when it is too long ago, or never was."""
        with self._lock:
            enrolment, began = self._enrolments.get(_digest(token), (None, self._clock.now()))
            return enrolment if timedelta(0) <= self._clock.now() - began < LINK_TIME else None

    def open_account(self, visitor: Visitor, account: int) -> str:
        """Return the token of a new session of somebody who proved to be the owner of an account."""
        now, fresh = self._clock.now(), secrets.token_urlsafe(32)
        with self._lock:
            self._sessions = {key: one for key, one in self._sessions.items() if not one.is_over(now)}
            self._sessions[_digest(fresh)] = _make_session(fresh, visitor, now, now, account)
        if self._book is not None:
            self._book.keep_session(_digest(fresh).hex(), account, now, oldest=now - LONGEST)
        return fresh

    def restore_session(self, token: str, find_visitor: Callable[[int], Visitor | None]) -> Session | None:
        """Return the session of an account that began before a restart; None when it ended, or is none."""
        if self._book is None or (kept := self._book.find_kept_session(_digest(token).hex())) is None:
            return None
        now, visitor = self._clock.now(), find_visitor(kept.account)
        session = None if visitor is None else _make_session(token, visitor, kept.began, kept.seen, kept.account)
        if session is None or session.is_over(now) or _digest(token) in self._ended:
            self._ended.discard(_digest(token))
            self._book.drop_session(_digest(token).hex())
            return None
        with self._lock:
            # somebody else may have been faster, and been trusted with something
            return self._sessions.setdefault(_digest(token), session)

    def note_seen(self, token: str, session: Session) -> bool:
        """Write that a session of an account was seen, unless that was a moment ago; false when it ended elsewhere."""
        if self._book is None or not session.account:
            return True
        if session.noted is None or not timedelta(0) <= session.seen - session.noted < _SEEN_EVERY:
            session.noted = session.seen
            return self._book.note_session(_digest(token).hex(), session.seen)
        return True

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
                # what is written of it may be a little older than what ended it
                self._ended.add(key)
                return None
            session.seen = now
            return session

    def end_session(self, token: str) -> None:
        """End a session; its grants go with it."""
        with self._lock:
            self._sessions.pop(_digest(token), None)
        if self._book is not None:
            self._book.drop_session(_digest(token).hex())


def _make_session(token: str, visitor: Visitor, began: datetime, seen: datetime, account: int) -> Session:
    """Return a session whose forms carry what its token gives: they are still taken after a restart."""
    key = hashlib.sha256(b"form key " + token.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Session(visitor, began, seen, form_key=key, account=account, noted=seen)


def _count_try(tries: list[datetime], now: datetime, most: int) -> bool:
    """Add a try to those of the last minute, and return whether there are not too many."""
    tries[:] = [*(moment for moment in tries if timedelta(0) <= now - moment < _WINDOW), now]
    return len(tries) <= most


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
