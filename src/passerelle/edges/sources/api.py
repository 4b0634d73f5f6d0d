"""A supplier's API as a door: each page that the connector's `collect` yields is one arrival."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.ports import Arrival, Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class PageLike(Protocol):
    """What `extension.supplier.Page` is, seen from here."""

    @property
    def content(self) -> bytes:
        """The bytes of one answer."""
        ...

    @property
    def cursor(self) -> str:
        """Where to go on from."""
        ...

    @property
    def name(self) -> str:
        """The supplier's word for the page."""
        ...


class ClosableClient(Client, Protocol):
    """A client whose connections somebody has to let go of."""

    def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(frozen=True, slots=True)
class ApiSource:
    """Asks lazily: the next page is fetched only when the one before is registered, with its cursor."""

    collect: Callable[[Client, Any, str], Iterator[PageLike]]
    client: ClosableClient = field(repr=False)
    settings: Any = field(default=None, repr=False)

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield the pages from `cursor` on. What the client raises goes through."""
        passed = Counter[str]()
        with closing(self.client):
            for page in self.collect(self.client, self.settings, cursor):
                # Where the page stands, counted from where this look began: a name alone may come several times, and
                # two pages may hold the same bytes, for example nothing. It holds while every look comes by: what was
                # at a place before the list grew shorter is news when it grows again.
                place = f"page/{cursor}/{page.name}/{passed[page.name]}"
                passed[page.name] += 1
                # Nothing to acknowledge: the journal keeps the cursor.
                yield Arrival(
                    page.name,
                    partial(BytesIO, page.content),
                    lambda: None,
                    page.cursor,
                    marks=ArrivalMarks((Mark(place, kind=MarkKind.STAYED),)),
                )
