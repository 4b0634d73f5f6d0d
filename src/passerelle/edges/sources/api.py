"""A supplier's API as a door: each page that the connector's `collect` yields is one arrival."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from passerelle.vocabulary.failpoints import failpoint
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.vocabulary.ports import Client


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


@dataclass(frozen=True, slots=True)
class ApiSource:
    """Asks lazily: the next page is fetched only when the one before is registered, with its cursor."""

    collect: Callable[[Client, Any, str], Iterator[PageLike]]
    client: Client = field(repr=False)
    settings: Any = field(default=None, repr=False)

    def arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield the pages from `cursor` on. What the client raises goes through."""
        for page in self.collect(self.client, self.settings, cursor):
            failpoint("collect.seen")
            yield Arrival(page.name, partial(BytesIO, page.content), _acknowledged, page.cursor)


def _acknowledged() -> None:
    """Do nothing more: an API is acknowledged by the cursor that the journal keeps."""
    failpoint("collect.acknowledged")
