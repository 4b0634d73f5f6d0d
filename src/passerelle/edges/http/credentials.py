"""Credentials of a client. Secrets are never in a repr, and travel in headers or in a token request's body only."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote_plus, urlencode

from passerelle.vocabulary.errors import FlowError, TransientError

if TYPE_CHECKING:
    from passerelle.vocabulary.ports import Reply

AskToken = Callable[[str, bytes, Mapping[str, str]], "Reply"]
"""`ask(url, form, headers)`: post to the token endpoint, within the call's deadline."""

_MARGIN = 30.0
"""Seconds before its end at which a token counts as expired."""
_ASSUMED_LIFE = 300.0
"""Life of a token whose server does not tell, which RFC 6749 §5.1 only recommends."""


class Credentials(Protocol):
    """What a client asks before each attempt."""

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:
        """Return the headers to add. `now` is a monotonic time. Called from several threads at once."""
        ...

    def make_members(self) -> Mapping[str, str]:
        """Return what to add to a JSON body. Called after `make_headers`, which may fetch it."""
        ...

    def renew(self, used: Mapping[str, str]) -> bool:
        """Whether, after `used` got a 401, asking again may give better headers."""
        ...


class _HeaderCredentials:
    """Credentials that travel in headers only."""

    __slots__ = ()

    def make_members(self) -> Mapping[str, str]:
        """Add nothing to a body."""
        return {}


class _FixedCredentials(_HeaderCredentials):
    """Credentials that never change: a refusal is final."""

    __slots__ = ()

    def renew(self, used: Mapping[str, str]) -> bool:  # noqa: ARG002  the port's signature
        """Return False: there are no better ones."""
        return False


@dataclass(frozen=True, slots=True)
class NoCredentials(_FixedCredentials):
    """No credentials, for a system that asks for none."""

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:  # noqa: ARG002  the port's signature
        """Add nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class Bearer(_FixedCredentials):
    """A long-lived token (RFC 6750)."""

    token: str = field(repr=False)

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:  # noqa: ARG002  the port's signature
        """Add the token."""
        return {"authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Basic(_FixedCredentials):
    """A user and a password (RFC 7617)."""

    user: str = field(repr=False)
    password: str = field(repr=False)

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:  # noqa: ARG002  the port's signature
        """Add both, as UTF-8."""
        return {"authorization": make_basic(self.user, self.password)}


@dataclass(frozen=True, slots=True)
class Header(_FixedCredentials):
    """A key in a header of the supplier's own (`X-Api-Key`)."""

    name: str
    value: str = field(repr=False)

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:  # noqa: ARG002  the port's signature
        """Add the key."""
        return {self.name.lower(): self.value}


@dataclass(slots=True)
class OAuth2(_HeaderCredentials):
    """Client credentials (RFC 6749 §4.4). One refresh at a time; a 401 causes one refresh, then the flow stops."""

    token_url: str
    """Absolute, or relative to the base URL."""
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    scope: str = ""
    in_body: bool = False
    """Send id and secret in the form, for servers that do not take them in the header as RFC 6749 §2.3.1 demands."""
    _token: str = field(default="", init=False, repr=False)
    _expires: float = field(default=0.0, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def make_headers(self, ask: AskToken, now: float) -> Mapping[str, str]:
        """Add a token, asking for one when there is none or it is about to expire."""
        with self._lock:
            if not self._token or now >= self._expires:
                self._refresh(ask, now)
            return {"authorization": f"Bearer {self._token}"}

    def renew(self, used: Mapping[str, str]) -> bool:
        """Forget the token that was refused, unless another thread already has a newer one."""
        with self._lock:
            if used.get("authorization") == f"Bearer {self._token}":
                self._token = ""
            return True

    def _refresh(self, ask: AskToken, now: float) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        form = {"grant_type": "client_credentials"}
        if self.scope:
            form["scope"] = self.scope
        if self.in_body:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            # RFC 6749 §2.3.1: id and secret are form-encoded before they become a Basic user and password
            headers["authorization"] = make_basic(quote_plus(self.client_id), quote_plus(self.client_secret))
        reply = ask(self.token_url, urlencode(form).encode("ascii"), headers)
        if reply.status != 200:
            raise FlowError("incident.credentials.refused")
        answer = reply.json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise TransientError("incident.supplier.garbled")
        self._token = token
        life = answer.get("expires_in")  # some servers write the number as text
        is_number = isinstance(life, int | str) and str(life).isdecimal()
        self._expires = now + max((float(life) if is_number else _ASSUMED_LIFE) - _MARGIN, 0.0)


def make_basic(user: str, password: str) -> str:
    """Return the header of a user and a password (RFC 7617), as UTF-8."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")
