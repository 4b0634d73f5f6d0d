"""A simulated API whose list changes between any two requests, and what a look at it brought."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from passerelle import Page, Reply
from passerelle.edges.sources.api import ApiSource
from passerelle.edges.sources.overlapping import Overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.vocabulary.looks import LookReport

Change = tuple[str, int]
"""`insert` and the key of a row that never was before, or `delete` and the place of one that is there."""


def make_reply(document: object) -> Reply:
    return Reply(200, {}, json.dumps(document).encode())


@dataclass
class MovingList:
    """Rows in the order of their keys; before each request the next changes happen, under the next page size."""

    rows: list[int]
    changes: list[Sequence[Change]]
    sizes: list[int]
    requests: int = 0
    held: list[frozenset[int]] = field(default_factory=list)
    """What the list held at each request."""
    began: int = 0
    """The request with which the last look began."""

    def begin_look(self) -> None:
        """Let the next request be the first of a look."""
        self.began = self.requests

    def turn(self, *, is_first: bool = False) -> int:
        """Let time pass until the next request; return how many rows a page holds now."""
        for kind, number in self.changes[self.requests] if self.requests < len(self.changes) else ():
            if kind == "insert":
                self.rows = sorted({*self.rows, number})
            elif self.rows:
                self.rows.pop(number % len(self.rows))
        if is_first:
            self.begin_look()
        self.held.append(frozenset(self.rows))
        self.requests += 1
        return self.sizes[(self.requests - 1) % len(self.sizes)]

    @property
    def lasting(self) -> frozenset[int]:
        """Rows that were there from the first request of the last look to its last."""
        return frozenset.intersection(*self.held[self.began :])

    @property
    def ever(self) -> frozenset[int]:
        """Rows that were there at any request of the last look."""
        return frozenset.union(*self.held[self.began :])

    def numbered(self, number: int, *, total: bool, last: bool) -> Reply:
        """Answer with a numbered page."""
        size = self.turn(is_first=number == 1)
        page = self.rows[(number - 1) * size : number * size]
        says = {"total": len(self.rows)} if total else {}
        says |= {"last": -(-len(self.rows) // size)} if last else {}
        return make_reply({"rows": [{"id": key} for key in page], **says})

    def positioned(self, position: int, wanted: int, *, total: bool) -> Reply:
        """Answer with rows from a position."""
        size = min(self.turn(), wanted)  # position 0 comes again behind a page of one row
        page = self.rows[position : position + size]
        return make_reply({"rows": [{"id": key} for key in page], **({"total": len(self.rows)} if total else {})})

    def keyed(self, after: str) -> Reply:
        """Answer with rows behind a key."""
        size = self.turn(is_first=not after)
        behind = [key for key in self.rows if key > int(after or -1)]
        page = behind[:size]
        return make_reply({"rows": [{"id": key} for key in page], "more": len(behind) > size})


@dataclass
class Silent:
    """A client that nobody asks: the walks of these tests ask the simulated API themselves."""

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Look:
    """What came in one run, of the last look alone, and what was said of it."""

    ids: list[int]
    cursor: str
    report: LookReport
    pages: int

    @property
    def codes(self) -> set[str]:
        return {defect.code for defect in self.report.defects}


def look_at(
    walk: Callable[[str], Iterator[Page]],
    *,
    cursor: str = "",
    confirms: bool = False,
    overlap: Overlap | None = None,
    clock: object = None,
) -> Look:
    """Look at an API as a run does."""
    source = ApiSource(
        lambda _client, _settings, begin: walk(begin),
        Silent(),
        overlap=overlap or Overlap(),
        clock=clock,
        confirms=confirms,
    )
    arrivals = list(source.iter_arrivals(cursor))
    contents = [json.loads(arrival.open().read())["rows"] for arrival in arrivals[source.report.passed :]]
    kept = cursor if source.report.defects else next((one.cursor for one in reversed(arrivals) if one.cursor), cursor)
    return Look([row["id"] for rows in contents for row in rows], kept, source.report, len(arrivals))


def draw_changes(kinds: Sequence[str] = ("insert", "delete"), *, most: int = 14) -> st.SearchStrategy[list]:
    """Draw what happens before each request; a key that is inserted never was in the list before."""
    steps = st.lists(st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 60)), max_size=3), max_size=most)
    return steps.map(_number_inserts)


def _number_inserts(steps: list[list[Change]]) -> list[list[Change]]:
    # Keys of the first rows are even hundreds: a new one stands anywhere between them, and is always another one.
    count = 0
    numbered = []
    for step in steps:
        changed = []
        for kind, number in step:
            count += 1
            changed.append((kind, number * 100 + count) if kind == "insert" else (kind, number))
        numbered.append(changed)
    return numbered


def make_rows(count: int) -> list[int]:
    """Return the keys of rows that are there at the beginning."""
    return [number * 600 for number in range(count)]
