"""Showing values of records: only with a reason, which is written into the audit trail before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.faces.cli.invocation import operator
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.engine.assembly import House


def require_why(why: str) -> None:
    """Refuse to go on without a reason. Raises UsageError."""
    if len(why.split()) < 2:
        raise UsageError("usage.reveal.unexplained")


def reveal(house: House, ids: Iterable[int], why: str) -> dict[int, bytes]:
    """Open quarantined payloads for a person's eyes. Raises UsageError without a reason of at least two words."""
    require_why(why)
    wanted = sorted(ids)
    house.journal.audit("quarantine.reveal", _subject(wanted), why, house.clock.now(), operator())
    log("quarantine_revealed", count=len(wanted))
    return house.quarantine.open(wanted)


def record(house: House, action: str, ids: Iterable[int], why: str) -> None:
    """Write an act on quarantined items into the audit trail. Raises UsageError without a reason."""
    require_why(why)
    house.journal.audit(action, _subject(sorted(ids)), why, house.clock.now(), operator())


def _subject(ids: list[int]) -> str:
    return "quarantine " + " ".join(map(str, ids))
