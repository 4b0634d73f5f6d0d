"""Collects parcels from any source: each is copied to the depot, registered, and only then acknowledged."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.stores.parcels import REPLAY, SUPPLIED
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.formatting import quote_names
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.stores.depot import Deposit, Depot
    from passerelle.stores.journal import Journal
    from passerelle.vocabulary.ports import Arrival, Clock, Source


@dataclass(frozen=True, slots=True)
class Blocks:
    """The size of a batch: bytes of a text format, records of any other."""

    bytes: int = 3 * 1024 * 1024
    rows: int = 8_000


Deposits = MutableMapping[ArrivalMarks, "Deposit"]
"""Deposits of files by what marks their state, for flows of one process that look at the same folder."""
_LOCKED = frozenset({"incident.file.password", "incident.file.key"})
"""Reasons that are about one file of a folder, which is then named."""
_OF_A_LOOK = (MarkKind.STAYED, MarkKind.UNTAKEN)
TOWARDS_API = Blocks(512 * 1024, 2_000)
"""Towards an API batches are short: after a failure a whole batch is sent again."""


def collect(  # noqa: PLR0913  whose it is, where it is kept, and what a parcel says of itself
    flow: str,
    source: Source,
    depot: Depot,
    journal: Journal,
    clock: Clock,
    blocks: Blocks,
    *,
    deposits: Deposits | None = None,
) -> int:
    """Register everything that the source has, and return how many parcels were new.

    Each arrival is durable before it is acknowledged, so a crash here costs at most a second look. Raises what the
    source raises; what was registered before stays registered. One that cannot be read leaves the others their turn:
    its TransientError is raised when they have come. What an earlier flow noted in `deposits` is not copied again.
    """
    fresh, trouble, marks = 0, None, set[Mark]()
    for arrival in source.iter_arrivals(journal.get_cursor(flow)):
        hit_failpoint("collect.seen")
        try:
            deposit = _copy(arrival, depot, {} if deposits is None else deposits)
        except TransientError as error:
            # A cursor moves past what was before it: behind one of these nothing may be taken.
            if arrival.cursor:
                raise
            trouble = trouble or error
            continue
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
        cursor = arrival.find_cursor() if arrival.find_cursor is not None else arrival.cursor
        key = journal.register(parcel, kind=kind, cursor=cursor, items=arrival.items, marks=arrival.marks)
        arrival.acknowledge()
        hit_failpoint("collect.acknowledged")
        marks.update(mark for mark in arrival.marks.marks if mark.kind in _OF_A_LOOK)
        fresh += bool(key)
        log("parcel_registered" if key else "parcel_known", flow=flow, parcel=key or parcel.digest, size=parcel.size)
    _forget_marks(flow, journal, marks, is_whole=trouble is None)
    if trouble is not None:
        raise trouble
    return fresh


def _forget_marks(flow: str, journal: Journal, marks: set[Mark], *, is_whole: bool) -> None:
    """Forget the marks that a look made void: of files that it took away, and, a whole one, of what it did not show.

    Never after an empty one: a share that is not mounted must not look like a clean-up.
    """
    if any(mark.kind is MarkKind.UNTAKEN for mark in marks):
        journal.forget_taken_marks(flow)
    stayed = {mark for mark in marks if mark.kind is MarkKind.STAYED}
    if stayed and is_whole:
        journal.keep_stayed_marks(flow, stayed)


@contextmanager
def open_arrival(arrival: Arrival) -> Iterator[IO[bytes]]:
    """Open what arrived. One of many that does not open with the secret of the settings is told by its name."""
    try:
        with arrival.open() as stream:
            yield stream
            return
    except FlowError as fault:
        if fault.code not in _LOCKED:
            raise
        code = fault.code
    raise FlowError(code, file=quote_names([arrival.name]))


def _copy(arrival: Arrival, depot: Depot, deposits: Deposits) -> Deposit:
    """Copy what arrived into the depot, unless the same file, not written since, was copied before.

    Raises TransientError `incident.file.unreadable` when it cannot be read.
    """
    earlier = deposits.get(arrival.marks)
    # A look at the depot, too: what housekeeping took away has to be copied again.
    if earlier is not None and depot.has(earlier.digest):
        return earlier
    try:
        with open_arrival(arrival) as stream:
            deposit = depot.put(stream, name=arrival.name)
    except OSError:
        # the source's: the depot names what its own disk refuses by other classes
        raise TransientError("incident.file.unreadable") from None
    if arrival.marks.marks:
        deposits[arrival.marks] = deposit
    return deposit
