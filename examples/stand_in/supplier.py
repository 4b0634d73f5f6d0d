"""The supplier's API: OAuth2 client credentials, pages, a rate limit with Retry-After, now and then a 500."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

from .exchange import Answer, Request, refusal
from .faults import Fault, Faults

TOKEN_PATH = "/grc/oauth/token"  # noqa: S105  a path
CONTACTS_PATH = "/grc/v1/contacts"
_LARGEST_PAGE = 100


@dataclass(slots=True)
class Supplier:
    """One supplier API and whom it lets in."""

    contacts: list[dict[str, Any]]
    faults: Faults
    client_id: str
    client_secret: str
    token_seconds: float = 60.0
    per_second: int = 5
    """Requests allowed within any second; beyond, 429."""
    _tokens: dict[str, float] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self, request: Request) -> Answer:
        """Answer `POST /grc/oauth/token` (RFC 6749 section 4.4)."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type"})
        given_id, given_secret = _credentials(request, form)
        known = hmac.compare_digest(given_id.encode(), self.client_id.encode())
        if not (hmac.compare_digest(given_secret.encode(), self.client_secret.encode()) and known):
            return Answer(401, {"error": "invalid_client"})
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = time.monotonic() + self.token_seconds
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": int(self.token_seconds)})

    def page(self, request: Request) -> Answer:
        """Answer `GET /grc/v1/contacts?after=REVISION&limit=N`: what changed after a revision, a page at a time."""
        if not self._lets_in(request):
            return refusal(401, "token_expired_or_unknown", {"WWW-Authenticate": "Bearer"})
        if self._too_fast():
            return refusal(429, "too_many_requests", {"Retry-After": "1"})
        try:
            after = int(request.query.get("after", "0"))
            limit = min(int(request.query.get("limit", "50")), _LARGEST_PAGE)
        except ValueError:
            return refusal(400, "parameter_not_a_number")
        if after < 0 or limit < 1:
            return refusal(400, "parameter_out_of_bounds")
        if self.faults.draw(f"contacts/{after}") is not Fault.NONE:
            return refusal(500, "accident")
        return Answer(200, self._page(after, limit))

    def _page(self, after: int, limit: int) -> dict[str, Any]:
        found = [contact for contact in self.contacts if contact["revision"] > after]
        page = found[:limit]
        last = page[-1]["revision"] if page else after
        following = urlencode({"after": last, "limit": limit})
        return {
            "contacts": page,
            "revision": last,
            "next": f"{CONTACTS_PATH}?{following}" if len(found) > limit else None,
        }

    def _lets_in(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        with self._lock:
            return scheme == "Bearer" and self._tokens.get(token, 0.0) > time.monotonic()

    def _too_fast(self) -> bool:
        now = time.monotonic()
        with self._lock:
            while self._recent and self._recent[0] <= now - 1.0:
                self._recent.popleft()
            if len(self._recent) >= self.per_second:
                return True
            self._recent.append(now)
            return False


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Read the client's id and secret from Basic authentication, or else from the form."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        given_id, _, given_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(given_id), unquote(given_secret)
