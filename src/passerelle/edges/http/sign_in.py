"""Credentials for a supplier's own way to sign in: a token for a password or signature, then repeated."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from secrets import randbelow
from threading import Lock
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.edges.http.credentials import AskToken
    from passerelle.vocabulary.ports import Clock

_JSON = {"content-type": "application/json", "accept": "application/json"}


@dataclass(slots=True, kw_only=True)
class SignInCredentials:
    """Credentials exchanged for a token. One exchange at a time; a 401 causes one more, then the flow stops."""

    path: str
    """Where to ask, relative to the base URL."""
    form: Mapping[str, str]
    """The JSON body to post: `{username}`, `{password}`, `{time}`, `{signature}` are filled in."""
    signs: str = ""
    """What `{signature}` signs: HMAC-SHA1 in upper-case hexadecimal, its key the password."""
    repeats: tuple[str, ...] = ()
    """Headers of the answer that every call repeats, in lower case."""
    member: str = ""
    """Member of the answer that every JSON body repeats."""
    life: float
    """Seconds after which to sign in again."""
    username: str = field(repr=False)
    password: str = field(repr=False)
    clock: Clock = field(repr=False)
    _headers: Mapping[str, str] = field(default_factory=dict, init=False, repr=False)
    _members: Mapping[str, str] = field(default_factory=dict, init=False, repr=False)
    _expires: float = field(default=float("-inf"), init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:
        """Return the headers to repeat, signing in when it is time."""
        with self._lock:
            if now < self._expires:
                return self._headers
            reply = ask(self.path, self._make_form(), _JSON)
            answer = reply.json() if self.member and reply.status < 300 else {}
            token = answer.get(self.member) if isinstance(answer, dict) else None
            headers = {name: reply.headers.get(name, "") for name in self.repeats}
            # An answer without what is to be repeated is a refusal, whatever its status.
            if reply.status >= 300 or not all(headers.values()) or (self.member and not isinstance(token, str)):
                raise FlowError("incident.credentials.refused")
            self._headers, self._members = headers, {self.member: str(token)} if self.member else {}
            self._expires = now + self.life
            return self._headers

    def make_members(self) -> Mapping[str, str]:
        """Return what every JSON body repeats."""
        return self._members

    def renew(self, used: Mapping[str, str]) -> bool:
        """Sign in again, unless another thread already has."""
        with self._lock:
            if used == self._headers:
                self._expires = float("-inf")
            return True

    def _make_form(self) -> bytes:
        # UTC with a random end: no two requests are signed alike
        moment = f"{self.clock.now():%Y%m%d%H%M%S}.{randbelow(1_000_000):06d}"
        words = {"username": self.username, "password": self.password, "time": moment}
        signed = self.signs.format_map(words).encode()
        words["signature"] = hmac.digest(self.password.encode(), signed, "sha1").hex().upper()
        return json.dumps({name: text.format_map(words) for name, text in self.form.items()}).encode()
