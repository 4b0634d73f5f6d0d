"""Watches the pages of one look at an API: whether they are the whole list, and whether the list ever ends.

Positions in a list that people work on move: a row that is deleted pulls the others up, and one of them slips to a page
that was read already. So what an answer says of itself is held against what came.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.looks import DEFECTS, LookDefect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_PAGES = 20_000
"""Pages after which a look stops: two million rows by hundreds. A cursor that moved goes on from there next time."""
_STALE = 2
"""Pages in a row without a new row after which the API is taken to lead in a circle."""
_MOVED = frozenset(
    {"pages.total.changed", "pages.total.unmet", "pages.rows.repeated", "pages.rows.shifted", "pages.page.uneven"}
)
"""Defects of a list that changed under the look: the next look may well have none."""


_HARMLESS = frozenset({"pages.page.uneven", "pages.page.empty"})
"""Defects that say nothing when as many rows came as were announced."""


class PageLike(Protocol):
    """What `extension.supplier.Page` is, seen from here; of what it says of itself, any part may be absent."""

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


@dataclass(slots=True)
class PageWatch:
    """What is known of one look so far."""

    pages: int = 0
    rows: list[str] = field(default_factory=list, repr=False)
    """The ids in the order they came, of pages that name them; of others the digest of the page."""
    is_steady: bool = True
    """Whether no row can have slipped between two pages."""
    is_stuck: bool = False
    """Whether reading was stopped because it would never end."""
    _ids: set[str] = field(default_factory=set, repr=False)
    _knows_rows: bool = True
    _totals: list[int] = field(default_factory=list)
    """The first and the last."""
    _counts: Counter[str] = field(default_factory=Counter)
    _cursors: set[str] = field(default_factory=set, repr=False)
    _last: tuple[str, str] = ("", "")
    """Cursor and digest of the page before."""
    _stale: int = 0
    _empty: int = 0
    """Empty pages after which no row came so far."""

    def observe(self, page: PageLike) -> bool:
        """Take note of a page; return whether to take it and to read on."""
        self.pages += 1
        flaw = getattr(page, "flaw", "")
        if flaw:
            self._counts[flaw if flaw in DEFECTS else "pages.answer.cut"] += 1
        total = getattr(page, "total", None)
        if total is not None:
            self._totals = [*self._totals[:1], total]
        ids: Sequence[str] | None = getattr(page, "ids", None)
        digest = hashlib.sha256(page.content).hexdigest()
        self._note_rows(ids, digest, is_steady=getattr(page, "steady", False))
        if self._is_circle(page.cursor, digest) or self._stale >= _STALE:
            self._counts["pages.cursor.repeated"] += 1
            self.is_stuck = True
        elif self.pages >= MOST_PAGES:
            self._counts["pages.look.endless"] = self.pages
            self.is_stuck = True
        return not self.is_stuck

    @property
    def has_moved(self) -> bool:
        """Whether the list seems to have changed while it was read: reading it again may give all of it."""
        return any(defect.code in _MOVED for defect in self.list_defects())

    def list_defects(self) -> tuple[LookDefect, ...]:
        """Return why this look is not known to be complete; empty when it is, as far as the answers say."""
        defects = list(self._judge_totals())
        counts = {code: count for code, count in self._counts.items() if count}
        if not defects and self._is_proven:
            # All came that the API has by its own word: in pages of which size is its own business.
            counts = {code: count for code, count in counts.items() if code not in _HARMLESS}
        defects += [LookDefect(code, {"count": format_count(counts[code])}) for code in sorted(counts)]
        return tuple(defects)

    @property
    def _is_proven(self) -> bool:
        return bool(self._totals) and self._knows_rows and len(self._ids) == self._totals[-1]

    def _judge_totals(self) -> Iterator[LookDefect]:
        """Yield what the announced totals contradict."""
        if not self._totals or self.is_stuck:
            return
        first, last = self._totals[0], self._totals[-1]
        if first != last and not self.is_steady:
            yield LookDefect("pages.total.changed", {"first": format_count(first), "last": format_count(last)})
        # Where no row can slip, a total that moves only says that people work: each of its values is as good.
        wanted = range(min(first, last), max(first, last) + 1) if self.is_steady else range(last, last + 1)
        if self._knows_rows and len(self._ids) not in wanted:
            details = {"received": format_count(len(self._ids)), "total": format_count(last)}
            yield LookDefect("pages.total.unmet", details)

    def _note_rows(self, ids: Sequence[str] | None, digest: str, *, is_steady: bool) -> None:
        if ids is None:
            self._knows_rows = False
            self.rows.append(digest)
        elif ids:
            news = set(ids) - self._ids
            self._counts["pages.rows.repeated"] += len(ids) - len(news)
            self._stale = 0 if news else self._stale + 1
            if news:
                self._counts["pages.page.empty"] += self._empty
                self._empty = 0
            self._ids |= news
            self.rows.extend(ids)
        else:
            self._empty += 1
        self.is_steady &= is_steady or self.pages == 1

    def _is_circle(self, cursor: str, digest: str) -> bool:
        """Whether a cursor is one that was left before, or stands still while the same bytes come again."""
        if not cursor:
            return False
        before, self._last = self._last, (cursor, digest)
        is_back = cursor in self._cursors and cursor != before[0]
        self._cursors.add(cursor)
        return is_back or (cursor, digest) == before
