"""Walking through a list of an API: by page numbers, by positions, by cursors or links; what every answer claims.

A connector says how to ask and where an answer keeps what; these walks decide how far to go, and yield pages that say
what they hold. The core holds that against what came (`edges.sources.page_watch`). Three mistakes are not possible
here: to go on by what was asked for instead of what came, to take a short page for the last, and to go in a circle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.extension.supplier import Page
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from passerelle.vocabulary.ports import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where an answer keeps its rows and what it says of the whole list: dotted paths, from the document."""

    rows: str
    """A list, or an object whose members are rows; empty: the document itself. Not there: no rows."""
    id: str | tuple[str, ...]
    """From the row: what no other row of this look has. For a journal of changes the number of the change, or the
    record and the moment together: a record that is changed twice comes twice."""
    total: str = ""
    """The number of rows of the whole list; empty: the API does not say. Asked for, and not there: a garbled answer."""
    last: str = ""
    """The number of the last page."""
    more: str = ""
    """Something that is only there, and not false, when more follows: a link, a flag."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """One answer, read."""

    content: bytes
    document: Any
    ids: tuple[str, ...]
    total: int | None
    last: int | None
    has_more: bool

    def make_page(
        self, name: str, *, ids: tuple[str, ...] | None = None, cursor: str = "", steady: bool = False
    ) -> Page:
        """Make the page; one without rows is only what it claims."""
        held = self.ids if ids is None else ids
        return Page(self.content if held else b"", cursor, name, ids=held, total=self.total, steady=steady)


def read_page(reply: Reply, listing: Listing, *, nth: int | None = 1) -> PageAnswer:
    """Read an answer; rows without an id are told apart by `nth`, the number of the answer; None: by all they say.

    Raises TransientError `incident.supplier.garbled` when it is not of the shape that the listing says.
    """
    document = reply.json()
    if not isinstance(document, dict | list if listing.rows else list):
        raise TransientError("incident.supplier.garbled")
    found = _follow_path(document, listing.rows)
    rows = list(found.values()) if isinstance(found, dict) else found
    if not isinstance(rows, list | None):
        raise TransientError("incident.supplier.garbled")
    parts = (listing.id,) if isinstance(listing.id, str) else listing.id
    ids = tuple(
        _make_id(row, parts) or (_digest_row(row) if nth is None else f"\0{nth}/{place}")
        for place, row in enumerate(rows or ())
    )
    total = _read_number(_follow_path(document, listing.total)) if listing.total else None
    if listing.total and total is None and ids:
        raise TransientError("incident.supplier.garbled")
    last = _follow_path(document, listing.last) if listing.last else None
    if listing.last and (not isinstance(last, int) or isinstance(last, bool)):
        raise TransientError("incident.supplier.garbled")
    has_more = bool(_follow_path(document, listing.more)) if listing.more else bool(ids)
    return PageAnswer(reply.content, document, ids, total, last, has_more)


def walk_numbers(ask: Callable[[int], Reply], listing: Listing, name: str) -> Iterator[Page]:
    """Yield the pages 1, 2, … of an API that cuts its list into numbered pages, whatever size it makes them.

    The end is what the API says of it (`last`, `more`, or as many rows as `total`), else a page without rows.
    """
    number, sizes, seen, lasts = 0, list[int](), set[str](), set[int | None]()
    empty = list[Page]()
    while True:
        number += 1
        answer = read_page(ask(number), listing, nth=number)
        lasts.add(answer.last)
        if answer.ids:
            yield from empty  # only now are they known to stand in the middle
            empty.clear()
            sizes.append(len(answer.ids))
            seen.update(answer.ids)
            yield answer.make_page(f"{name}-{number}.json")
        elif answer.total and not seen:
            yield answer.make_page(name)
        else:
            empty.append(answer.make_page(name))
        if _is_end(answer, number, len(seen), listing):
            break
    if not listing.total and not listing.last:
        yield from empty[-1:]  # the request that found the end: a row may have slipped away before it
    # Where the size changed between two pages, rows may have fallen between them; a total would show it.
    if len(set(sizes[:-1])) > 1 or len(lasts) > 1:
        yield Page(b"", ids=(), flaw="pages.page.uneven")


def walk_positions(ask: Callable[[int, int], Reply], listing: Listing, name: str, *, size: int) -> Iterator[Page]:
    """Yield the pages of an API that is asked for so many rows from a position: `ask(position, size)`.

    Each page but the first begins with the last row of the one before. As long as it is there, nothing slipped away.
    An API that gives no more than one row a page leaves no room for that.
    """
    size, came, anchor, nth = max(size, 2), 0, "", 0
    while True:
        nth += 1
        position = max(came - 1, 0)
        answer = read_page(ask(position, size), listing, nth=nth)
        ids, is_steady = answer.ids, True
        if came and ids[:1] != (anchor,):
            yield Page(b"", ids=(), total=answer.total, flaw="pages.rows.shifted")
        elif came:
            ids = ids[1:]
            if not ids and (answer.total is None or came < answer.total):
                # Perhaps the end, perhaps pages of one row: asked once more, for what comes behind.
                position = came
                answer, is_steady = read_page(ask(position, size), listing, nth=nth), False
                ids = answer.ids
        if not ids:
            if answer.total:
                yield answer.make_page(name, ids=(), steady=is_steady)
            return
        yield answer.make_page(f"{name}-{nth}.json", ids=ids, steady=is_steady)
        # By what came, not by what was asked for: the API may give fewer.
        came, anchor = position + len(answer.ids), answer.ids[-1]
        if (answer.total is not None and came >= answer.total) or (listing.more and not answer.has_more):
            return


def walk_places(
    ask: Callable[[str], Reply],
    listing: Listing,
    name: str,
    *,
    first: str,
    find_next: Callable[[Any], str],
    is_cursor: bool = False,
) -> Iterator[Page]:
    """Yield the pages of an API that says itself where to go on: by a link, a token, the key of the last row.

    `find_next` returns that place from an answer's document, empty when there is none. With `is_cursor` it is also
    where the next look begins. A place that was asked for before ends the walk, and is told.
    """
    place, asked, nth = first, set[str](), 0
    while place not in asked:
        asked.add(place)
        nth += 1
        answer = read_page(ask(place), listing, nth=nth)
        following = find_next(answer.document) if answer.has_more or answer.ids else ""
        cursor = following if is_cursor else ""
        label = f"{name}-{following}.json" if is_cursor else f"{name}-{nth}.json"
        if answer.ids:
            yield answer.make_page(label, cursor=cursor, steady=True)
        elif answer.has_more or answer.total:
            yield answer.make_page(name, steady=True)
        if not following or not answer.has_more:
            return
        place = following
    yield Page(b"", ids=(), flaw="pages.link.repeated")


def walk_moments(
    ask: Callable[[str], Reply],
    listing: Listing,
    name: str,
    *,
    first: str,
    find_last: Callable[[Any], str],
    size: int,
) -> Iterator[Page]:
    """Yield the pages of an API that is asked for what changed at a moment *or later*, the oldest first.

    `find_last` returns the moment of an answer's last row: it is asked for again, for others may share it. More rows of
    one moment than a page holds cannot be read this way: that is told. `size`: how many rows a page may hold.
    """
    moment, seen, cuts, before = first, set[str](), {size}, 0
    while True:
        # Without an id, by content: rows of the last moment come again at other places of the next answer.
        answer = read_page(ask(moment), listing, nth=None)
        news = tuple(one for one in answer.ids if one not in seen)
        if not news:
            if any(len(answer.ids) >= cut for cut in cuts):
                yield Page(b"", ids=(), flaw="pages.cursor.repeated")
            return
        seen.update(news)
        cuts |= {before} if before else set()  # more followed that page: this is how the API cuts
        before = len(answer.ids)
        moment = find_last(answer.document)
        yield answer.make_page(f"{name}-{moment}.json", ids=news, cursor=moment, steady=True)


def _is_end(answer: PageAnswer, number: int, came: int, listing: Listing) -> bool:
    """Whether a walk by numbers is at its end."""
    if answer.last is not None:
        return number >= answer.last
    if answer.total is not None and came >= answer.total:
        return True
    return not answer.has_more if listing.more else not answer.ids


def _follow_path(document: Any, path: str) -> Any:
    """Return what stands at a dotted path; None when nothing does."""
    for member in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(member)
        elif isinstance(document, Sequence) and member.isdecimal() and int(member) < len(document):
            document = document[int(member)]
        else:
            return None
    return document


def _make_id(row: Any, parts: Sequence[str]) -> str:
    """Return what tells a row apart; empty when a part of it is not there."""
    texts = [_follow_path(row, part) for part in parts]
    return "" if None in texts else "\0".join(map(str, texts))


def _digest_row(row: Any) -> str:
    """Return what tells a row without an id from every other that says something else."""
    return "\0" + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def _read_number(value: Any) -> int | None:
    """Read a number that is written as one or as text."""
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None
