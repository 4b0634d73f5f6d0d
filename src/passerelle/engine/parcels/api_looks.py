"""A complete look at an API as one whole export: its pages are parcels, the look is one more behind them.

The look holds the digests of its pages, in order, and whether they were the whole list. It is registered only when
pages came from the beginning to the end and without an error; when its turn comes, it is complete and all its pages
have been delivered, or nothing is compared.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import field
from io import BytesIO
from typing import TYPE_CHECKING

from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.settings.endpoint_settings import ApiSourceSettings
from passerelle.stores.parcels import FINAL, LOOK
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.looks import DEFECTS, LookReport
from passerelle.vocabulary.parcels import Parcel
from passerelle.vocabulary.ports import ReportingSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.parcels.vanished_watch import VanishedWatch
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.vocabulary.ports import Arrival, Source


@dataclass(slots=True)
class ObservedSource:
    """A source whose arrivals are counted, new ones and those that are known; of an API, their digests are noted."""

    source: Source
    is_api: bool = False
    count: int = 0
    pages: list[str] = field(default_factory=list)
    began: str = ""
    """The cursor from which this look began; empty: from the beginning."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield the arrivals of the source."""
        self.began = cursor
        for arrival in self.source.iter_arrivals(cursor):
            self.count += 1
            if self.is_api:
                with arrival.open() as stream:
                    self.pages.append(hashlib.sha256(stream.read()).hexdigest())  # a page fits in memory
            yield arrival
        # Of a list that was read again from the start, the pages of the look before are not its pages.
        del self.pages[: self.report.passed]

    @property
    def report(self) -> LookReport:
        """What the source says of the last look; a source that says nothing has shown everything."""
        return self.source.report if isinstance(self.source, ReportingSource) else LookReport()


def observe_source(open_flow: OpenFlow) -> ObservedSource:
    """Open the source of a flow, observed."""
    return ObservedSource(open_flow.open_source(), isinstance(open_flow.settings.source, ApiSourceSettings))


def tell_look(workspace: Workspace, flow: str, source: ObservedSource) -> None:
    """Raise a notice for each defect of a look that came to its end, and clear those that it does not have.

    A look with rows missing does not count as gone past: the next one begins where it began.
    """
    if not source.is_api:
        return
    journal, now, defects = workspace.journal, workspace.clock.now(), source.report.defects
    for defect in defects:
        journal.raise_notice(flow, defect.code, defect.details, now)
    found = {defect.code for defect in defects}
    for notice in journal.list_notices(flow):
        if notice.code in DEFECTS - found:
            journal.clear_notice(flow, notice.code)
    # Only a list that goes on and on is worth going on in: else it would be read from its first page for ever.
    if found - {"pages.look.endless"}:
        journal.move_cursor(flow, source.began)


def register_look(workspace: Workspace, open_flow: OpenFlow, source: ObservedSource) -> None:
    """Register a look as a parcel behind its pages, for a flow whose exports are whole.

    A look that went on from a cursor holds what changed, not everything; one without any page says nothing.
    """
    if not source.pages or source.began or open_flow.policy.whole is None:
        return
    now = workspace.clock.now()
    # the moment makes each look another parcel: the same pages as some days ago are today's state all the same
    look = {"pages": source.pages, "at": now.isoformat(), "complete": source.report.is_complete}
    content = json.dumps(look).encode()
    deposit = workspace.depot.put(BytesIO(content), name="look.json")
    blocks = open_flow.blocks
    parcel = Parcel(deposit.digest, open_flow.flow, deposit.size, now, "look.json", blocks.bytes, blocks.rows)
    workspace.journal.register(parcel, kind=LOOK)


def observe_look(workspace: Workspace, open_flow: OpenFlow, digest: str, watch: VanishedWatch) -> bool:
    """Read the pages of a look for their refs.

    Return False when rows may be missing from it, or one of its pages is not delivered, or no longer here.
    """
    with workspace.depot.open(digest) as stream:
        look = json.load(stream)
    if not look.get("complete", True):  # a look that an earlier version registered does not say
        return False
    pages = look["pages"]
    rows = workspace.journal.list_parcels(open_flow.flow)
    pending = {row.digest for row in rows if row.state not in FINAL}
    if not pending.isdisjoint(pages) or not all(map(workspace.depot.has, pages)):
        return False
    try:
        for page in dict.fromkeys(pages):
            observe_deposit(workspace, open_flow, page, watch)
    except ParcelError:
        return False
    return True


def observe_deposit(workspace: Workspace, open_flow: OpenFlow, digest: str, watch: VanishedWatch) -> None:
    """Read a page, or an export, for its refs. Raises ParcelError when it cannot be read."""
    with workspace.depot.open(digest) as stream:
        dialect, policy = open_flow.connector.dialect, open_flow.policy
        for batch in prepare_batches(stream, dialect, policy, blocks=open_flow.blocks):
            if batch.present is not None:
                watch.observe(batch.present)
