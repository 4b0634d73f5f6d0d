"""What is no longer needed goes: raw parcels after a while, quarantined records when they expire."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.log import log

if TYPE_CHECKING:
    from passerelle.engine.assembly import Workspace


def tidy(house: Workspace) -> None:
    """Expire quarantine and depot. Called at the end of each run; stopping half-way does no harm.

    Of a parcel whose bytes are gone the journal keeps digests and counts.
    """
    now = house.clock.now()
    expired = house.quarantine.expire(now)
    removed = 0
    for digest in house.journal.list_closed_before(now - timedelta(days=house.settings.received_days)):
        if house.depot.has(digest):
            house.depot.remove(digest)
            removed += 1
    house.depot.sweep(now)
    if expired or removed:
        log("tidied", expired=expired, removed=removed)
