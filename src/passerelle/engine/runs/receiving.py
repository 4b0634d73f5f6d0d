"""Receives what a supplier pushes: verified, made durable and registered before the sender gets its answer."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from passerelle.edges.sources.inbox import (
    MAX_MESSAGE,
    MIN_SECRET,
    MessageSource,
    is_proven,
    mark_message,
    read_moment,
    read_named,
)
from passerelle.engine.log import log
from passerelle.engine.path.collecting import Blocks, collect
from passerelle.engine.settings.endpoint_settings import InboxSourceSettings
from passerelle.engine.settings.secrets import resolve
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.arrivals import ArrivalMarks


class Reception(Enum):
    """How a message was received."""

    TAKEN = "taken"
    KNOWN = "known"
    """A repetition of what was taken before: said to be taken, without a second effect."""
    UNPROVEN = "unproven"
    TOO_BIG = "too_big"
    NOWHERE = "nowhere"
    """No enabled flow of that name takes messages."""


_AHEAD = timedelta(days=1)
"""By how much a supplier's clock may be ahead of ours."""


class _Inbox:
    """Where one flow receives messages: its secrets, and the header that holds the signature."""

    def __init__(self, flow: Flow, workspace: Workspace) -> None:
        _supplier, connector, _plugin = workspace.plugins.find_connector(flow.connector)
        entry = flow.source
        if connector.push is None or not isinstance(entry, InboxSourceSettings):
            raise FlowError("settings.connector.no_push", connector=flow.connector)
        references = [reference for reference in (entry.secret, entry.previous_secret) if reference]
        self.secrets = [resolve(reference).reveal() for reference in references]
        if any(len(secret) < MIN_SECRET for secret in self.secrets):
            raise FlowError("settings.secret.short", least=str(MIN_SECRET))
        self.push = connector.push
        self.header = connector.push.header.lower()
        self.blocks = Blocks(flow.block_bytes or Blocks().bytes, flow.block_rows or Blocks().rows)

    def mark(self, headers: Mapping[str, str], body: bytes, now: datetime) -> ArrivalMarks:
        """Return what makes this message one that was taken before."""
        named = [name for name in (self.push.id, self.push.moment) if name]
        return mark_message(body, headers, named, timedelta(seconds=self.push.repeats_within), now)

    def is_timely(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether the message says when it was made, where its supplier does: not in the future, nor too long ago."""
        if not self.push.moment:
            return True
        told = read_named(body, headers, self.push.moment)
        made = read_moment(told)
        if made is None:
            return bool(told)
        is_fresh = not self.push.moment_within or now - made <= timedelta(seconds=self.push.moment_within)
        return is_fresh and made - now <= _AHEAD


def find_shared_secrets(secrets: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """Return two flows that have a secret in common: what is signed for one would be taken by the other."""
    owners: dict[str, str] = {}
    for flow, own in secrets.items():
        for secret in own:
            if owners.setdefault(secret, flow) != flow:
                return owners[secret], flow
    return None


class Receiver:
    """Receives the messages of all flows. Making one raises FlowError or SettingsError for wrong settings."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._boxes = {
            name: _Inbox(flow, workspace)
            for name, flow in workspace.settings.flows.items()
            if flow.enabled and isinstance(flow.source, InboxSourceSettings)
        }
        if shared := find_shared_secrets({name: box.secrets for name, box in self._boxes.items()}):
            raise FlowError("settings.secret.shared", flows=", ".join(shared))

    @property
    def flows(self) -> list[str]:
        """Return the flows that take messages."""
        return list(self._boxes)

    def take(self, flow: str, headers: Mapping[str, str], body: bytes) -> Reception:
        """Take one message; header names in lower case. Once this returns TAKEN or KNOWN the message cannot be lost.

        Raises what the stores raise: then nothing was taken, and the sender comes again.
        """
        box = self._boxes.get(flow)
        if box is None:
            return Reception.NOWHERE
        # size first: no signature is computed over what is too big anyway
        is_small = len(body) <= MAX_MESSAGE
        workspace = self._workspace
        now = workspace.clock.now()
        is_good = is_small and is_proven(body, headers.get(box.header, ""), box.secrets)
        # after the signature: what nobody signed is not parsed
        if not is_good or not box.is_timely(headers, body, now):
            log("message_refused", flow=flow, size=len(body))
            return Reception.UNPROVEN if is_small else Reception.TOO_BIG
        message = MessageSource(body, box.mark(headers, body, now))
        fresh = collect(flow, message, workspace.depot, workspace.journal, workspace.clock, box.blocks)
        if fresh:
            workspace.ring(flow)
        return Reception.TAKEN if fresh else Reception.KNOWN
