"""The only HTTP client: one other system, its credentials, its pace, a deadline on everything, no value in any log.

The retry loop is our own and not stamina's: it sleeps on the injected clock, shares one deadline between attempts and
the body, obeys `Retry-After`, and tells «nothing sent» from «maybe sent» from «answered», which decides whether a
request without a key may be repeated at all.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import httpx

from passerelle.edges.http.address import parse_base_address, resolve_address
from passerelle.edges.http.body import GarbledError
from passerelle.edges.http.credentials import Credentials, NoCredentials
from passerelle.edges.http.failure import UnansweredError
from passerelle.edges.http.network import limit_until, make_guarded_transport
from passerelle.edges.http.rate import Rate
from passerelle.edges.http.reply_judging import Trouble, compute_pause, judge_reply, read_retry_after
from passerelle.edges.http.wire import build_request, read_reply
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.ports import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.edges.http.policy import Policy
    from passerelle.vocabulary.ports import Clock

_IDEMPOTENT = frozenset({"PUT", "DELETE"})
"""RFC 9110 §9.2.2, of the methods that carry a record."""
_IN_PROGRESS = frozenset({409})
"""draft-ietf-httpapi-idempotency-key-header §2.6: a request with the same key is still being processed."""
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError)
_JSON: Mapping[str, str] = MappingProxyType({"content-type": "application/json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request as asked for, however many attempts it takes."""

    method: str
    url: httpx.URL = field(repr=False)
    ends: float
    """Monotonic time of its deadline."""
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool
    again_on: frozenset[int] = frozenset()
    """Statuses that are asked again too, and returned when they stay."""


class HttpClient:
    """Implements `vocabulary.ports.Client`. May be used from several threads."""

    def __init__(
        self,
        base_url: str,
        *,
        credentials: Credentials | None = None,
        policy: Policy,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._policy = policy
        self._base = parse_base_address(base_url, private=policy.allowed_private)
        self._credentials = credentials or NoCredentials()
        self._clock = clock
        self._rate = Rate(policy.per_second, clock)
        timeout = httpx.Timeout(policy.deadline, connect=policy.connect)
        self._extensions = {"timeout": timeout.as_dict()}
        self._own_transport = transport
        self._transport = self._open_transport()
        self._last: tuple[str | None, httpx.URL] = None, self._base
        for name in ("httpx", "httpcore"):
            # They log whole URLs at INFO, and headers at DEBUG.
            logging.getLogger(name).setLevel(logging.WARNING)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Send a GET request. See the port."""
        url = resolve_address(self._base, path, params)
        return self._call(_Call(method="GET", url=url, repeatable=True, ends=self._start_deadline()), self._credentials)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Send JSON. See the port: repeated only with an `Idempotency-Key`, or when nothing was sent."""
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        call = _Call(
            method="POST",
            url=self._resolve(path),
            body=body,
            headers={**_JSON, **lowered},
            repeatable=bool(lowered.get("idempotency-key")),
            ends=self._start_deadline(),
        )
        return self._call(call, self._credentials)

    def send(self, method: str, path: str, body: bytes, *, key_header: str = "", key: str = "") -> Reply:
        """Send a record as JSON under its key; `key_header` is empty when the other side knows no keys.

        A 409, which may mean that the same key is being worked on, is asked again, and returned when it stays. Raises
        Unanswered when the other side may have acted; TransientError, FlowError as the port says.
        """
        call = _Call(
            method=method.upper(),
            url=self._resolve(path),
            body=body,
            headers={**_JSON, **({key_header.lower(): key} if key_header else {})},
            repeatable=bool(key_header) or method.upper() in _IDEMPOTENT,
            again_on=_IN_PROGRESS if key_header else frozenset(),
            ends=self._start_deadline(),
        )
        return self._call(call, self._credentials)

    def probe(self, path: str) -> int:
        """Ask once for the headers of a path, with the credentials, and return the status: nothing is changed there.

        Raises TransientError when no answer came, FlowError for an address or a certificate that is refused, and for
        credentials that the token endpoint refuses.
        """
        call = _Call(method="HEAD", url=self._resolve(path), repeatable=True, ends=self._start_deadline())
        outcome = self._attempt(call, self._credentials)
        if isinstance(outcome, Trouble):
            raise TransientError(outcome.code, status=str(outcome.status or "-"))
        return outcome.status

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._transport.close()
        self._transport = self._open_transport()

    def _open_transport(self) -> httpx.BaseTransport:
        return self._own_transport or make_guarded_transport(self._policy)

    def _resolve(self, path: str) -> httpx.URL:
        """Return the URL of a path; the last one is kept, for records go one after the other to the same path."""
        last, url = self._last
        if path != last:
            url = resolve_address(self._base, path)
            self._last = path, url
        return url

    def _start_deadline(self) -> float:
        """Wait for the rate limit, then return the deadline: our own pace is not the other side's fault."""
        self._rate.wait()
        return monotonic() + self._policy.deadline

    def _call(self, call: _Call, credentials: Credentials) -> Reply:
        maybe_done = False
        attempt = 1
        while True:
            outcome = self._attempt(call, credentials)
            trouble = outcome if isinstance(outcome, Trouble) else self._judge_reply(outcome, call)
            if trouble is None:
                return cast("Reply", outcome)
            maybe_done = maybe_done or trouble.maybe_done
            pause = compute_pause(attempt, trouble, self._policy.longest_pause)
            safe = call.repeatable or not trouble.maybe_done
            in_time = pause <= self._policy.longest_pause + 1 and monotonic() + pause < call.ends
            if not (safe and trouble.quick and in_time and attempt < self._policy.attempts):
                break
            self._clock.sleep(pause)
            self._rate.wait()
            attempt += 1
        if isinstance(outcome, Reply) and outcome.status in call.again_on:
            return outcome
        hint = None if trouble.hint is None else min(trouble.hint, self._policy.server_hint_ceiling)
        kind = UnansweredError if maybe_done and call.method != "GET" else TransientError
        raise kind(trouble.code, retry_after=hint, status=str(trouble.status or "-"))

    def _judge_reply(self, reply: Reply, call: _Call) -> Trouble | None:
        if reply.status < 300:
            return None
        now = self._clock.now()
        if reply.status in call.again_on:
            return Trouble("incident.supplier.failing", False, read_retry_after(reply.headers, now))
        return judge_reply(reply, now)

    def _attempt(self, call: _Call, credentials: Credentials) -> Reply | Trouble:
        """Exchange once; once more with fresh credentials after a 401, which says that nothing was done."""
        ask = partial(self._ask_token, call.ends)
        headers = credentials.make_headers(ask, monotonic())
        outcome = self._exchange(_add_members(credentials.make_members(), call), headers)
        if isinstance(outcome, Reply) and outcome.status == 401 and credentials.renew(headers):
            headers = credentials.make_headers(ask, monotonic())
            return self._exchange(_add_members(credentials.make_members(), call), headers)
        return outcome

    def _ask_token(self, ends: float, url: str, form: bytes, headers: Mapping[str, str]) -> Reply:
        """Post to the token endpoint, within the deadline of the call that needs the token.

        The endpoint is configuration: it may be on another host, under the same rules.
        """
        private = self._policy.allowed_private
        address = parse_base_address(url, private=private) if "://" in url else resolve_address(self._base, url)
        call = _Call(method="POST", url=address, body=form, headers=headers, repeatable=True, ends=ends)
        return self._call(call, NoCredentials())

    def _exchange(self, call: _Call, headers: Mapping[str, str]) -> Reply | Trouble:
        request = build_request(call.method, call.url, call.body, {**call.headers, **headers}, self._extensions)
        try:
            with limit_until(call.ends):
                return read_reply(
                    self._transport.handle_request(request), self._policy.max_bytes, cuts=self._policy.cuts_answers
                )
        except _NOTHING_SENT:
            return Trouble("incident.supplier.unreachable", maybe_done=False)
        except httpx.TimeoutException:
            return Trouble("incident.supplier.slow", maybe_done=True)
        except httpx.TransportError:
            return Trouble("incident.supplier.unreachable", maybe_done=True)
        except GarbledError:
            return Trouble("incident.supplier.garbled", maybe_done=True)


def _add_members(members: Mapping[str, str], call: _Call) -> _Call:
    """Return the call with the token that a supplier expects in a body that is a JSON object."""
    if not members or call.body is None or not call.body.startswith(b"{"):
        return call
    return replace(call, body=json.dumps({**json.loads(call.body), **members}).encode())
