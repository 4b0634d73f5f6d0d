"""A signed message posted to a receiver of events, as Standard Webhooks 1.0 (standardwebhooks.com) says."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.edges.http.reply_judging import read_retry_after
from passerelle.vocabulary.errors import PasserelleError, TransientError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.vocabulary.ports import Clock

SECONDS = 10.0
"""How long a receiver may take to answer."""
_ANSWER = 4 * 1024
"""Most bytes of an answer that are read: only a handshake looks at them."""
_PREFIX = "whsec_"
_TYPE = "application/cloudevents-batch+json"
"""CloudEvents 1.0, HTTP protocol binding §3.3: several events in one body."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """How a receiver answered."""

    outcome: str
    """A status of HTTP, or the reason code of why no answer came."""
    milliseconds: int
    answer: bytes = field(default=b"", repr=False)
    retry_after: float | None = None
    """Seconds after which it wants to be asked again."""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver took the message."""
        return len(self.outcome) == 3 and self.outcome.startswith("2")


def make_signing_secret() -> str:
    """Make the secret of a receiver: 32 random bytes, written as the specification says."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign_message(signing_secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature`: one signature a secret, so that a receiver may change over."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    keys = (base64.b64decode(one.removeprefix(_PREFIX)) for one in signing_secrets)
    return " ".join(f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in keys)


def post_message(
    url: str, signing_secrets: Sequence[str], message_id: str, body: bytes, clock: Clock, *, allow_private: bool
) -> PostedMessage:
    """Post one message once, under the address rules of the house. Whatever goes wrong is in the answer."""
    policy = Policy(allowed_private=allow_private, deadline=SECONDS, max_bytes=_ANSWER, cuts_answers=True, attempts=1)
    now, began = clock.now(), monotonic()
    timestamp = int(now.timestamp())
    headers = {
        "content-type": _TYPE,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign_message(signing_secrets, message_id, timestamp, body),
    }
    retry_after = None
    try:
        parts = urlsplit(url)
        client = HttpClient(f"{parts.scheme}://{parts.netloc}", policy=policy, clock=clock)
        try:
            reply = client.post(parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        finally:
            client.close()
        outcome, answer = str(reply.status), reply.content
        retry_after = read_retry_after(reply.headers, now)
    except (PasserelleError, ValueError) as error:
        outcome, answer = error.code if isinstance(error, PasserelleError) else "incident.address.unusable", b""
        if isinstance(error, TransientError):
            retry_after = error.retry_after
    return PostedMessage(outcome, round((monotonic() - began) * 1_000), answer, retry_after)
