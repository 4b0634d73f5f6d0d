"""What makes an arrival the one that was registered before: where it stands, and in which state it stands there.

The same bytes may arrive again on purpose: a supplier that takes a change back sends what it sent before. So bytes
alone never say that nothing is new.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class MarkKind(IntEnum):
    """How long a mark holds."""

    PLACE = 0
    """Until the place is in another state: a file of this name."""
    STAYED = 1
    """While every look shows it: a page at this position; the inode of a file, which goes to others once it is gone."""
    EVER = 2
    """For ever: a message that its sender numbered or dated."""
    UNTAKEN = 3
    """Until the look that registered it is over: a file that is taken away then, so that whatever comes after it is
    another, even where the place tells nothing by which the two differ."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place, and its state besides the bytes that are there. Data, possibly personal: stored as keyed pseudonyms."""

    place: str
    state: str = ""
    kind: MarkKind = MarkKind.PLACE
    within: timedelta | None = None
    """How long after it arrived the same is no news; None: as long as the mark holds."""


@dataclass(frozen=True, slots=True)
class ArrivalMarks:
    """The marks of one arrival: it is the one before when any of its places is known in this state, with these bytes.

    Without marks the bytes are their own mark: each is taken once in a flow.
    """

    marks: tuple[Mark, ...] = ()
    unmarked_since: datetime | None = None
    """What was registered by a version without marks, at this moment or later, counts as this arrival; None: never."""
    is_new: bool = False
    """Taken again on purpose, whatever was registered before."""


NO_MARKS = ArrivalMarks()
TAKEN_AGAIN = ArrivalMarks(is_new=True)
