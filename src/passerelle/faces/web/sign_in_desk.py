"""What the door remembers of those who are on their way in: what a provider was asked, and which challenges were used.

In memory alone, for minutes: whoever was on the way during a restart begins again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.accounts.issuer_sign_in import IdentityIssuer

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.accounts.issuer_sign_in import SignInRequest
    from passerelle.engine.settings.oidc_settings import OidcSettings
    from passerelle.vocabulary.ports import Clock

AWAY_TIME = timedelta(minutes=10)
"""How long somebody may be at the provider."""
CHALLENGE_TIME = timedelta(minutes=5)
_MOST_AWAY = 2_000
"""People who are at the provider at a time."""
_RANDOM, _MOMENT, _MAC = 16, 8, 24


class SignInDesk:
    """Remembers those on their way in. Safe for several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._away: dict[bytes, tuple[SignInRequest, bytes, datetime]] = {}
        self._invited: dict[bytes, tuple[int, str, datetime]] = {}
        self._key = secrets.token_bytes(32)
        self._used: dict[bytes, datetime] = {}
        self._issuer: IdentityIssuer | None = None

    def find_issuer(self, settings: OidcSettings) -> IdentityIssuer:
        """Return the provider of the settings, with what is known of it."""
        with self._lock:
            if self._issuer is None or self._issuer.settings != settings:
                self._issuer = IdentityIssuer(settings, self._clock)
            return self._issuer

    def send_away(self, asked: SignInRequest, browser: str) -> str:
        """Return the state with which a browser goes to the provider; its answer is taken from this browser alone.

        Empty when too many are away: whoever sends thousands there fills no memory.
        """
        state, now = secrets.token_urlsafe(32), self._clock.now()
        with self._lock:
            self._away = {key: one for key, one in self._away.items() if timedelta(0) <= now - one[2] < AWAY_TIME}
            if len(self._away) >= _MOST_AWAY:
                return ""
            self._away[_digest(state)] = asked, _digest(browser), now
        return state

    def take_back(self, state: str, browser: str) -> SignInRequest | None:
        """Return what the provider was asked with a state, once; None for another browser's, and one too old."""
        now = self._clock.now()
        with self._lock:
            asked, owner, sent = self._away.pop(_digest(state), (None, b"", now))
        is_own = bool(browser) and hmac.compare_digest(owner, _digest(browser))
        return asked if is_own and timedelta(0) <= now - sent < AWAY_TIME else None

    def keep_invited(self, browser: str, account: int, invitation: str) -> None:
        """Remember whose invitation a browser takes up with what the provider answers."""
        now = self._clock.now()
        with self._lock:
            self._invited = {key: one for key, one in self._invited.items() if timedelta(0) <= now - one[2] < AWAY_TIME}
            self._invited[_digest(browser)] = account, invitation, now

    def take_invited(self, browser: str) -> tuple[int, str]:
        """Return whose invitation a browser takes up, once; 0 for nobody's."""
        now = self._clock.now()
        with self._lock:
            account, invitation, kept = self._invited.pop(_digest(browser), (0, "", now))
        return (account, invitation) if timedelta(0) <= now - kept < AWAY_TIME else (0, "")

    def make_challenge(self, purpose: str) -> bytes:
        """Return what a passkey signs next. It proves itself: whoever asks for a thousand fills no memory."""
        content = secrets.token_bytes(_RANDOM) + int(self._clock.now().timestamp()).to_bytes(_MOMENT)
        return content + self._sign(purpose, content)

    def use_challenge(self, challenge: bytes, purpose: str) -> bool:
        """Whether a challenge was made here, for this, a moment ago, and was not used; it is now."""
        content, mac, now = challenge[:-_MAC], challenge[-_MAC:], self._clock.now()
        if len(challenge) != _RANDOM + _MOMENT + _MAC or not hmac.compare_digest(mac, self._sign(purpose, content)):
            return False
        age = now.timestamp() - int.from_bytes(content[_RANDOM:])
        if not -1 < age < CHALLENGE_TIME.total_seconds():
            return False
        with self._lock:
            self._used = {key: one for key, one in self._used.items() if now - one <= CHALLENGE_TIME}
            is_fresh = challenge not in self._used
            self._used[challenge] = now
            return is_fresh

    def _sign(self, purpose: str, content: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + content, "sha256")[:_MAC]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
