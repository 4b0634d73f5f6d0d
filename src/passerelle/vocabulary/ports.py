"""Ports: the interfaces through which the engine reaches the world. Docstrings state calls and errors."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Protocol, runtime_checkable

from passerelle.vocabulary.arrivals import NO_MARKS, ArrivalMarks
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    import polars as pl

    from passerelle.vocabulary.looks import LookReport
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import BatchKey, Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal


class Clock(Protocol):
    """The current time and waiting. Injected everywhere, so that tests control time."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait some seconds; only the HTTP transport calls it."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parcel found by a source. `open` may be called several times; `acknowledge` once, after registration."""

    name: str
    open: Callable[[], IO[bytes]]
    acknowledge: Callable[[], None]
    cursor: str = ""
    """The cursor to continue from once this is registered; empty for sources without one."""
    find_cursor: Callable[[], str] | None = None
    """Finds the cursor where only the whole content tells it; called once, after the content was read to its end."""
    items: tuple[int, ...] = ()
    """Ids of the quarantine items that it brings back, attached at registration; empty unless it is a replay."""
    marks: ArrivalMarks = NO_MARKS
    """What tells the same arrival, seen again, from a new one with the same bytes."""
    named_at: datetime | None = None
    """The date that its name carries, if any."""
    is_replay: bool = False
    """Whether its rows came out of quarantine, though it brings no item back: a replay that is taken again."""
    redelivers: int | None = None
    """See `Parcel.redelivers`."""


class Unlock(Protocol):
    """Opens files that are encrypted, while they are collected."""

    def __call__(self, stream: IO[bytes]) -> IO[bytes]:
        """Return a stream of the content in clear; what is not encrypted, as it came. It closes the one it was given.

        Raises FlowError `incident.file.password`, also while it is read, when the secret does not open it.
        """
        ...


class Source(Protocol):
    """A place from which parcels are collected."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield what is there, in a stable order, lazily: each arrival is registered before the next is fetched.

        Called once a run. Raises TransientError when the other side is down (what was registered stays), FlowError when
        access is refused.
        """
        ...


@runtime_checkable
class ReportingSource(Protocol):
    """A source that knows, once everything was yielded, whether that was everything there is."""

    @property
    def report(self) -> LookReport:
        """What it knows of the last look."""
        ...


@runtime_checkable
class SelectingSource(Protocol):
    """A source that takes what has a certain name, and passes over the rest."""

    def count_strays(self, elsewhere: Collection[str]) -> int:
        """Count what the last look passed over and nobody takes; `elsewhere` are patterns of what others take or leave.

        Raises FlowError and TransientError as a look does.
        """
        ...


class Destination(Protocol):
    """A place to which records are delivered."""

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Deliver the records and return one answer per record, in order. Must not change `delivery`.

        Values that this destination cannot hold are named in the answer (`Answer.unmapped`).
        May be called again with the same batch after a crash: the same keys must have one effect. Raises
        TransientError when nothing more can be sent now (the whole batch will come again with the same keys),
        FlowError when access is refused.
        """
        ...

    def close(self) -> None:
        """Release connections and files. Called once, at the end of a run."""
        ...


@runtime_checkable
class BatchDestination(Destination, Protocol):
    """A destination that looks at all contracts of a batch before the first of them is delivered."""

    def begin_batch(self, contents: Sequence[tuple[Delivery, pl.DataFrame]]) -> None:
        """Take note of a batch: of each contract what will be delivered, and all its records, unchanged ones too.

        Both are as they leave. Nothing is written yet. Called again for the same batch after a crash.
        """
        ...


@runtime_checkable
class WithdrawingDestination(Destination, Protocol):
    """A destination that can delete records, or some configurations of which can."""

    @property
    def can_withdraw(self) -> bool:
        """Whether this one can."""
        ...

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Delete the records and return one answer per record, in order.

        DELIVERED: it is not there any more, also when it never was. REFUSED: it stays; people must remove it. May be
        called again with the same records after a crash. Raises as `deliver`.
        """
        ...


@runtime_checkable
class VersionedDestination(Protocol):
    """A destination that keeps versions and can be asked what it has: a state that was restored is noticed by it."""

    def find_last_batch(self, flow: str) -> BatchKey | None:
        """Return the batch that it took last from a flow, deletions too; None when it knows of none."""
        ...

    def iter_versions(self, contract: str) -> Iterator[tuple[list[str], list[int]]]:
        """Yield refs and versions of all its records of a contract, page by page."""
        ...


@runtime_checkable
class FilingDestination(Protocol):
    """A destination that keeps batches under the names of their parcels, where others look for them."""

    def list_parcel_names(self, flow: str) -> Collection[str]:
        """Return the short names (`shorten_key`) of parcels of a flow under which something is there."""
        ...


@runtime_checkable
class PublishingDestination(Protocol):
    """A destination that makes what a run delivered visible at its end, all at once."""

    def begin(self) -> None:
        """Finish what an earlier run left. Called before the first delivery of a run. Raises as `deliver`."""
        ...

    def publish(self) -> None:
        """Make visible what was delivered and settled. Called again after a crash. Raises as `deliver`."""
        ...


class WorkbookOpener(Protocol):
    """Reads a workbook for the decode stage, out of its process and within limits."""

    def __call__(self, stream: IO[bytes], wanted: Sequence[str]) -> AbstractContextManager[IO[bytes]]:
        """Return the rows of the worksheets named, or of the first that people see, as JSON lines.

        The lines are those of `documents.workbook_child`.

        Raises ParcelError when it is no workbook, or exceeds the limits of memory, time or cells.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer over HTTP, already within the size limit and the deadline."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    def json(self) -> Any:
        """Read the body as strict JSON. Raises TransientError `incident.supplier.garbled` when it is not."""
        from passerelle.vocabulary.strict_json import parse_json  # noqa: PLC0415  kept out of start-up

        return parse_json(self.content)


class Client(Protocol):
    """The HTTP client passed to `collect`, restricted to the base URL of one supplier.

    It adds credentials, limits the rate, honours Retry-After, retries what is safe, enforces deadline and size, and
    writes no value to any log. 401 and 403 raise FlowError, a supplier that stays down raises TransientError; other
    4xx come back as a Reply.
    """

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Send a GET request. `path` is relative to the base URL, or absolute on the same origin."""
        ...

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Send JSON by POST. Retried only when `headers` carry an idempotency key, or when nothing was sent."""
        ...
