"""A supplier's API as a door: each page that the connector's `collect` yields is one arrival.

Whatever the connector, one rule holds for its pages: what they say of the list is held against what came, a list that
moved is read again from the start, and one that never ends is left (`page_watch`).
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

from passerelle.edges.sources.overlapping import Overlap
from passerelle.edges.sources.page_watch import PageLike, PageWatch
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.looks import LookDefect, LookReport
from passerelle.vocabulary.ports import Arrival, Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.vocabulary.ports import Clock

_LOOKS = 2
"""A list that moved is read once more, and then told of: people may work on it all day."""
_CONFIRMED_LOOKS = 3
"""Where absence counts, two looks in a row must be the same."""


class ClosableClient(Client, Protocol):
    """A client whose connections somebody has to let go of."""

    def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(slots=True)
class ApiSource:
    """Asks lazily: the next page is fetched only when the one before is registered, with its cursor."""

    collect: Callable[[Client, Any, str], Iterator[PageLike]]
    client: ClosableClient = field(repr=False)
    settings: Any = field(default=None, repr=False)
    overlap: Overlap = field(default_factory=Overlap)
    clock: Clock | None = field(default=None, repr=False)
    """Needed with an overlap only."""
    confirms: bool = False
    """Whether what is not in a look counts as gone: then one from which rows may slip is read until it stands still."""
    report: LookReport = field(default_factory=LookReport)
    """See `ReportingSource`."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield the pages from `cursor` on. What the client raises goes through."""
        looks, passed, before, self.report = _CONFIRMED_LOOKS if self.confirms else _LOOKS, 0, None, LookReport()
        with closing(self.client):
            for left in reversed(range(looks)):
                watch, count = PageWatch(), 0
                for arrival in self._iter_look(cursor, watch):
                    count += 1
                    yield arrival
                has_slipped = self.confirms and not watch.is_steady and watch.rows != before
                if watch.is_stuck or not left or not (watch.has_moved or has_slipped):
                    break
                before = None if watch.has_moved else watch.rows
                passed += count
        defects = watch.list_defects()
        if has_slipped and not defects:
            defects = (LookDefect("pages.look.unsteady", {"count": format_count(looks)}),)
        self.report = LookReport(defects, passed)

    def _iter_look(self, cursor: str, watch: PageWatch) -> Iterator[Arrival]:
        """Yield the pages of one look; nothing more once it leads nowhere."""
        passed = Counter[str]()
        for page in self.collect(self.client, self.settings, self.overlap.step_back(cursor)):
            if not watch.observe(page):
                return
            if not page.content and getattr(page, "ids", None) == ():
                continue  # a word of the connector about the look, nothing that was received
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
                self._find_cursor(cursor, page.cursor),
                marks=ArrivalMarks((Mark(place, kind=MarkKind.STAYED),)),
            )

    def _find_cursor(self, kept: str, given: str) -> str:
        return self.overlap.advance(kept, given, self.clock.now()) if self.clock is not None else given
