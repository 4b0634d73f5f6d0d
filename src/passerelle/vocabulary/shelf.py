"""The shelf: what a flow delivered, kept in the order in which it was settled, for those who read through the API."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime


class RemovalCause(StrEnum):
    """Why a record is on the shelf no more."""

    SUPPLIER = "supplier"
    """Its supplier said so."""
    VANISHED = "vanished"
    """A whole export does not hold it any more."""
    ASKED = "asked"
    """Whoever reads the API deleted it."""
    REFUSED = "refused"
    """The person refused, or withdrew a consent."""
    ERASED = "erased"
    """The person was erased."""
    EXPIRED = "expired"
    """It was kept as long as the shelf keeps records."""


@dataclass(frozen=True, slots=True)
class ShelfScope:
    """One contract of one flow on the shelf; its changes are numbered by themselves."""

    flow: str
    contract: str
    """With its version: `visit/1`."""
    purpose: str
    """For which records are kept here: no token reads more than it serves."""
    last: int
    """Number of its last change; 0 when there was none."""
    first: int
    """The lowest number from which a reader may still go on: removals before it are forgotten."""
    since: datetime
    """Since when this flow fills the shelf."""


@dataclass(frozen=True, slots=True)
class ShelfChange:
    """The latest state of one record on the shelf, or that it is there no more."""

    number: int
    """Dense within its scope, in the order in which transactions were committed."""
    ref: str = field(repr=False)
    version: int
    at: datetime
    """When it was settled."""
    record: bytes | None = field(repr=False)
    """The canonical form, JSON in UTF-8 without a line end; None once it was removed."""
    cause: RemovalCause | None = None


class ShelfReader(Protocol):
    """What the API and the subscriptions read from. Never a half: what does not open raises."""

    def list_scopes(self, contract: str = "") -> tuple[ShelfScope, ...]:
        """List scopes by flow and contract, those of one contract when it is named."""
        ...

    def read_changes(self, scope: ShelfScope, after: int, limit: int, *, begun: int = 0) -> tuple[ShelfChange, ...]:
        """Return changes numbered above `after`, by number: each record once, in its latest state, removals too.

        At most `limit`; none when there is no later one. `begun`: the scope's `last` when this reader began at 0, for
        as long as it has not come so far: it has nothing of what was removed before it began, and may go on from any
        number. Raises ParcelError `incident.shelf.damaged` when what is kept cannot be opened, FlowError
        `incident.shelf.forgotten` when both `after` and `begun` lie below the scope's present `first`. Whoever begins,
        at 0, is never refused.
        """
        ...

    def find_change(self, scope: ShelfScope, ref: str) -> ShelfChange | None:
        """Return the latest state of a record; None when it never was on the shelf. Raises as `read_changes`."""
        ...

    def find_keyed(self, scope: ShelfScope, ref_key: bytes) -> ShelfChange | None:
        """Return the latest state of a record, as `find_change`.

        `ref_key`: the journal's pseudonym of its reference, or of that reference with its letters composed.
        """
        ...
