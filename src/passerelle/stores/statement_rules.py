"""Which answer follows from the statements of one subject: the latest that applies, and never more than it allows.

A refusal can only take away. So an acceptance counts only if it comes after every refusal, by the order in which
they were recorded and by the moment at which they were said: a paper found late does not undo a later refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

EVERYTHING = "*"
"""Stands for every purpose."""
ANYONE = "*"
"""Stands for every recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAnswer:
    """One statement, as far as it decides."""

    number: int
    """In the order of recording."""
    accepted: bool | None
    """None: earlier statements count no more."""
    purpose: str
    recipient: str
    since: datetime
    until: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """Whether it does not hold any more."""
        return self.until is not None and self.until <= now


def decide_answer(
    statements: Sequence[StatedAnswer], purpose: str, recipients: Sequence[str], now: datetime
) -> bool | None:
    """Return the answer for a purpose and a recipient; None when nothing that was said applies.

    `statements` are those of one subject, in the order of recording; `recipients` the names of the one recipient.
    """
    current = [item for item in drop_forgotten(statements) if item.purpose in (purpose, EVERYTHING)]
    refusals = [
        item
        for item in current
        # A refusal holds from its recording on: under a clock that was ahead, its moment may lie in the future.
        if item.accepted is False
        and not item.has_ended(now)
        # who does not know to whom a flow goes cannot tell that a refusal is about somebody else
        and (item.recipient == ANYONE or not recipients or item.recipient in recipients)
    ]
    accepted = [item for item in current if item.accepted and item.recipient in (ANYONE, *recipients)]
    if accepted:
        # Only the last one: who accepts for a time after having accepted for good has narrowed the answer.
        latest = accepted[-1]
        applies = latest.since <= now and not latest.has_ended(now)
        if applies and all(item.number < latest.number and item.since <= latest.since for item in refusals):
            return True
    return False if refusals else None


def drop_forgotten(statements: Sequence[StatedAnswer]) -> list[StatedAnswer]:
    """Return the statements after the last one that ended all before it."""
    ends = [place for place, item in enumerate(statements) if item.accepted is None]
    return list(statements[ends[-1] + 1 :] if ends else statements)


def list_standing(statements: Sequence[StatedAnswer], now: datetime) -> list[StatedAnswer]:
    """Return the answers of one subject that stand: not forgotten, ended or replaced by a later one as wide."""
    standing: dict[tuple[str, str], StatedAnswer] = {}
    for item in drop_forgotten(statements):
        if item.purpose == EVERYTHING and item.recipient == ANYONE:
            standing.clear()
        standing[item.purpose, item.recipient] = item
    return [item for item in standing.values() if not item.has_ended(now)]
