"""What a supplier pushes: proven, made durable and registered before anybody is told that it was taken."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from passerelle.edges.sources.inbox import MAX_MESSAGE, MIN_SECRET, MessageSource, is_proven
from passerelle.engine.collecting import Blocks, collect
from passerelle.engine.log import log
from passerelle.engine.secrets import resolve
from passerelle.engine.settings import InboxSourceSettings
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.assembly import Workspace
    from passerelle.engine.settings import Flow


class Reception(Enum):
    """What became of a message."""

    TAKEN = "taken"
    KNOWN = "known"
    """The same bytes were taken before: said to be taken, without a second effect."""
    UNPROVEN = "unproven"
    TOO_BIG = "too_big"
    NOWHERE = "nowhere"
    """No enabled flow of that name takes messages."""


class _Inbox:
    """One flow's letter box: its secrets, and the header that holds the proof."""

    def __init__(self, flow: Flow, house: Workspace) -> None:
        _supplier, connector, _plugin = house.plugins.find_connector(flow.connector)
        entry = flow.source
        if connector.push is None or not isinstance(entry, InboxSourceSettings):
            raise FlowError("settings.connector.no_push", connector=flow.connector)
        references = [reference for reference in (entry.secret, entry.previous_secret) if reference]
        self.secrets = [resolve(reference).reveal() for reference in references]
        if any(len(secret) < MIN_SECRET for secret in self.secrets):
            raise FlowError("settings.secret.short", least=str(MIN_SECRET))
        self.header = connector.push.header.lower()
        self.blocks = Blocks(flow.block_bytes or Blocks().bytes, flow.block_rows or Blocks().rows)


class Receiver:
    """The letter boxes of all flows that take messages. Raises what their settings deserve when it is made."""

    def __init__(self, house: Workspace) -> None:
        self._house = house
        self._boxes = {
            name: _Inbox(flow, house)
            for name, flow in house.settings.flows.items()
            if flow.enabled and isinstance(flow.source, InboxSourceSettings)
        }

    @property
    def flows(self) -> list[str]:
        """List the flows that take messages."""
        return list(self._boxes)

    def take(self, flow: str, headers: Mapping[str, str], body: bytes) -> Reception:
        """Take one message; header names in lower case. Once this returns TAKEN or KNOWN the message cannot be lost.

        Raises what the stores raise: then nothing was taken, and the sender comes again.
        """
        reception = self._take(flow, headers, body)
        if reception in (Reception.UNPROVEN, Reception.TOO_BIG):
            log("message_refused", flow=flow, size=len(body))
        return reception

    def _take(self, flow: str, headers: Mapping[str, str], body: bytes) -> Reception:
        box = self._boxes.get(flow)
        if box is None:
            return Reception.NOWHERE
        if len(body) > MAX_MESSAGE:
            return Reception.TOO_BIG
        if not is_proven(body, headers.get(box.header, ""), box.secrets):
            return Reception.UNPROVEN
        house = self._house
        fresh = collect(flow, MessageSource(body), house.depot, house.journal, house.clock, box.blocks)
        return Reception.TAKEN if fresh else Reception.KNOWN
