"""Recording an API: a live account is read once, what it answered is scrubbed in memory, and only that is handed on.

Requests are not scrubbed but made anew: the connector reads the scrubbed answers, under scrubbed settings, and what it
asks for then is what the recording holds. So nothing of the real requests, tokens least of all, can be in it, and a
recording is known to play before anybody writes it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.testing.exchanges import Exchange, RecordedRequest, RecordedResponse, Recording
from passerelle.testing.scrubbing import Scrubber, scrub_settings
from passerelle.vocabulary.errors import PasserelleError, UsageError
from passerelle.vocabulary.ports import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.edges.sources.api import ApiSource, ClosableClient
    from passerelle.engine.settings.endpoint_settings import ApiSourceSettings
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.supplier import Connector
    from passerelle.vocabulary.ports import Clock

MOST = 60
"""Answers of one recording: a sample of an account, not a copy of it."""


@dataclass(slots=True)
class _RecordingClient:
    """A client that keeps the answers. Credentials are added behind it: it never meets one."""

    client: ClosableClient = field(repr=False)
    heard: list[Reply] = field(default_factory=list, repr=False)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        return self._record(self.client.get(path, params))

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        return self._record(self.client.post(path, body, headers))

    def close(self) -> None:
        self.client.close()

    def _record(self, reply: Reply) -> Reply:
        if len(self.heard) == MOST:
            raise UsageError("usage.recording.long", most=str(MOST))
        self.heard.append(reply)
        return reply


@dataclass(slots=True)
class _ScrubbedClient:
    """A client that gives the scrubbed answers in order, and keeps the requests."""

    answers: list[RecordedResponse] = field(repr=False)
    exchanges: list[Exchange] = field(default_factory=list, repr=False)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        # A cursor of an API is often a whole link, whose own parameters come first.
        target = f"{path}{'&' if '?' in path else '?'}{urlencode(params)}" if params else path
        return self._answer(RecordedRequest.from_target("GET", target, None, ("accept",)))

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        names = tuple(sorted({"content-type", *(name.lower() for name in headers or ())}))
        return self._answer(RecordedRequest.from_target("POST", path, body, names))

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, request: RecordedRequest) -> Reply:
        if len(self.exchanges) == len(self.answers):
            raise UsageError("usage.recording.unplayable")
        answer = self.answers[len(self.exchanges)]
        self.exchanges.append(Exchange(request, answer))
        return Reply(answer.status, answer.headers, answer.body)


def record(
    entry: ApiSourceSettings, connector: Connector, plugin: PluginInfo, clock: Clock, scrubber: Scrubber
) -> Recording:
    """Read a live account from the beginning, and give what may be kept of it.

    Raises what reading raises, and UsageError `usage.recording.…` when it is too long, not JSON, or does not play.
    """
    door = _open_source(entry, connector, plugin, clock)
    ears = _RecordingClient(door.client)
    for _arrival in replace(door, client=ears).iter_arrivals(""):
        """Each answer is heard on the way."""
    # All real values are collected before any is invented, so that none is invented by chance.
    for reply in ears.heard:
        with suppress(ValueError):  # what is not JSON is not repeated either
            scrubber.learn(reply.content)
    given = scrub_settings(scrubber, entry.settings)
    prompter = _ScrubbedClient([_scrub_reply(reply, scrubber) for reply in ears.heard])
    # The recording is played once before anybody keeps it: what does not play is refused here.
    played = replace(
        _open_source(entry.model_copy(update={"settings": given}), connector, plugin, clock), client=prompter
    )
    try:
        for _arrival in played.iter_arrivals(""):
            """What is asked is kept on the way."""
    except PasserelleError:
        raise UsageError("usage.recording.unplayable") from None
    if len(prompter.exchanges) != len(prompter.answers):
        raise UsageError("usage.recording.unplayable")
    return Recording(connector.id, tuple(prompter.exchanges), given)


def _open_source(entry: ApiSourceSettings, connector: Connector, plugin: PluginInfo, clock: Clock) -> ApiSource:
    return cast("ApiSource", adapters.open_source(entry, connector, plugin, clock))


def _scrub_reply(reply: Reply, scrubber: Scrubber) -> RecordedResponse:
    """Keep status, scrubbed body and what kind of body it is: no other header."""
    # Other headers may hold tokens and names of machines.
    kind: dict[str, Any] = {"content-type": "application/json"}
    try:
        return RecordedResponse(reply.status, scrubber.scrub_body(reply.content), kind)
    except ValueError:
        if reply.status >= 400:
            return RecordedResponse(reply.status, b"", {})
        raise UsageError("usage.recording.unreadable") from None
