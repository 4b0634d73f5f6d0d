"""Ports: what the engine asks of the world. Each comment is a contract: when called, how often, what errors mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery


class Clock(Protocol):
    """What time it is. Injected everywhere, so that tests own time."""

    def now(self) -> datetime:
        """Give the present moment, aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait a little: only ever seconds, and only in the transport."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that a source found. `open` may be called several times; `acknowledge` once, after it is registered."""

    name: str
    open: Callable[[], IO[bytes]]
    acknowledge: Callable[[], None]
    cursor: str = ""
    """Where to go on from once this is registered; empty for sources without a cursor."""
    items: tuple[int, ...] = ()
    """Quarantine items that it brings back, registered with it; none for what a supplier gave."""


class Source(Protocol):
    """A door where parcels come in."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Look once for what is there, in a stable order; lazily: each is registered before the next is fetched.

        Called once a run. Raises TransientError when the other side is down (what was registered stays), FlowError when
        access is refused.
        """
        ...


class Destination(Protocol):
    """A door where records go out."""

    def deliver(self, ready: Delivery) -> list[Answer]:
        """Deliver the records and return one answer a record, in order. Must not change `ready`.

        What the form of this destination cannot hold of a delivered record is part of its answer (`Answer.unmapped`).
        May be called again with the same batch after a crash: the same keys must have one effect. Raises
        TransientError when nothing more can be sent now (the whole batch will come again with the same keys),
        FlowError when access is refused.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files. Called once, at the end of a run."""
        ...


class WorkbookOpener(Protocol):
    """Reads a workbook for the decode stage, out of its process and within limits."""

    def __call__(self, stream: IO[bytes], wanted: Sequence[str]) -> AbstractContextManager[IO[bytes]]:
        """Give the rows of the worksheets named, or of the first, as JSON lines (`documents.workbook_child`).

        Raises ParcelError when it is no workbook, or asks for more than an honest one.
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
    """What `collect` is handed: an HTTP client that is allowed to speak to one supplier only.

    It adds credentials, keeps the rate, honours Retry-After, retries what is safe, enforces deadline and size, and
    writes no value to any log. 401 and 403 raise FlowError, a supplier that stays down raises TransientError; other
    4xx come back as a Reply.
    """

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Ask for something. `path` is relative to the base URL, or absolute on the same origin."""
        ...

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Send JSON. Retried only when `headers` carry an idempotency key, or when nothing was sent."""
        ...
