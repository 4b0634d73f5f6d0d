"""Collects parcels from any source: each is copied to the depot, registered, and only then acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.stores.parcels import REPLAY, SUPPLIED
from passerelle.vocabulary.arrivals import Mark, MarkKind
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.parcels import Parcel

if TYPE_CHECKING:
    from passerelle.stores.depot import Depot
    from passerelle.stores.journal import Journal
    from passerelle.vocabulary.ports import Clock, Source


@dataclass(frozen=True, slots=True)
class Blocks:
    """The size of a batch: bytes of a text format, records of any other."""

    bytes: int = 3 * 1024 * 1024
    rows: int = 8_000


TOWARDS_API = Blocks(512 * 1024, 2_000)
"""Towards an API batches are short: after a failure a whole batch is sent again."""


def collect(flow: str, source: Source, depot: Depot, journal: Journal, clock: Clock, blocks: Blocks) -> int:
    """Register everything that the source has, and return how many parcels were new.

    Each arrival is durable before it is acknowledged, so a crash here costs at most a second look. Raises what the
    source raises; what was registered before stays registered.
    """
    fresh, stayed = 0, set[Mark]()
    for arrival in source.iter_arrivals(journal.get_cursor(flow)):
        hit_failpoint("collect.seen")
        with arrival.open() as stream:
            deposit = depot.put(stream, name=arrival.name)
        parcel = Parcel(
            digest=deposit.digest,
            flow=flow,
            size=deposit.size,
            received_at=clock.now(),
            name=arrival.name,
            # kept with the parcel: batch numbers must mean the same when a later version has other sizes
            block_bytes=blocks.bytes,
            block_rows=blocks.rows,
            named_at=arrival.named_at,
            redelivers=arrival.redelivers,
        )
        kind = REPLAY if arrival.items or arrival.is_replay else SUPPLIED
        key = journal.register(parcel, kind=kind, cursor=arrival.cursor, items=arrival.items, marks=arrival.marks)
        arrival.acknowledge()
        hit_failpoint("collect.acknowledged")
        stayed.update(mark for mark in arrival.marks.marks if mark.kind is MarkKind.STAYED)
        fresh += bool(key)
        log("parcel_registered" if key else "parcel_known", flow=flow, parcel=key or parcel.digest, size=parcel.size)
    # Only after a whole look, and never after an empty one: a share that is not mounted must not look like a clean-up.
    if stayed:
        journal.keep_stayed_marks(flow, stayed)
    return fresh
