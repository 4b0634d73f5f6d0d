"""The quick reader of XML: the standard library's tree in C, of which complete units are taken out as it grows.

A unit is an element that holds rows and all that they take from above. What is unusual, and every fault, is left to
the exact reader (`elements`), which has the words for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, compress
from operator import attrgetter
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

from passerelle.stages.decode.gathering import ElementGatherer, LocalNames
from passerelle.stages.decode.surroundings import UP

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from xml.etree.ElementTree import Element

    from passerelle.stages.decode.surroundings import Path, Surroundings

    _Row = tuple["_Place", Element, tuple[Element, ...]]
    """Where a row stands, the row, and what holds it, from the unit down."""

_CHUNK = 128 << 10
"""Bytes that are parsed before what is complete is taken out: more would not stay in the cache of the processor."""
_MOST_TAGS = 1000
"""Tags that are compared: names may be data, without end."""
_COMPARED = 1000
"""Units that are compared holder by holder; after them, only where some element has a twin somewhere."""
_TAG = attrgetter("tag")
MAX_PENDING = 8 << 20
"""Bytes that may be read before a unit is complete: far below the longest text that libxml2 takes."""
MAX_ELEMENTS = 50_000
"""Elements of a unit; the exact reader counts those of more."""
MAX_DEPTH = 90
_ENCODINGS = (b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1252")
"""What expat and libxml2 surely read alike."""


class OddXmlError(Exception):
    """Not sure: the exact reader reads the document."""


class RefusedXmlError(OddXmlError):
    """Not well formed, as it seems."""


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """What a row takes from above: so many steps up, then these down."""

    prefix: str
    up: int
    steps: tuple[str, ...]

    @classmethod
    def of(cls, way: str) -> _Way:
        """Raise OddXmlError for steps up behind steps down."""
        steps = way.split("/")
        up = steps.count(UP)
        if UP in steps[up:]:
            raise OddXmlError
        return cls(f"{way}/", up, (*steps[up:],))


@dataclass(slots=True, eq=False)
class _Place:
    """An element that is a row, or on the way to one."""

    path: Path
    member: str | None = None
    """Of a row."""
    holder: Path = ()
    """Whoever it is that holds all that a row takes: the row is complete when that ends."""
    holds: bool = False
    """Whether it is the holder of a row."""
    ways: tuple[_Way, ...] = ()
    below: dict[str, _Place] = field(default_factory=dict)


@dataclass(slots=True)
class _Sources:
    """What the rows of one holder take from above."""

    rows: Container[Element] = frozenset()
    holding: Container[Element] = frozenset()
    """What the rows stand in."""
    found: dict[tuple[_Way, Element], tuple[Element | None, dict[str, str | None]]] = field(default_factory=dict)


class Units:
    """Goes through a document, for rows at these paths which take that from above."""

    def __init__(self, stream: IO[bytes], paths: Mapping[Path, str], above: Mapping[Path, tuple[str, ...]]) -> None:
        self._stream = stream
        self._places: dict[Path, _Place] = {}
        for path, member in paths.items():
            ways = (*map(_Way.of, above.get(path, ())),)
            self._add_row(path, member, ways, path[: len(path) - max((way.up for way in ways), default=0)])
        tops = {place.holder for place in self._places.values() if place.member is not None}
        self._units = {top for top in tops if not any(top[:size] in tops for size in range(1, len(top)))}
        self._spine = {unit[:size] for unit in self._units for size in range(1, len(unit))}
        if any(len(unit) < 2 for unit in self._units):
            raise OddXmlError
        self._opened: dict[Path, Element] = {}
        self._names = LocalNames()
        self._tags: dict[str, set[str]] = {}
        """By the tag of an element: the tags that stood in it, with their namespaces."""
        self._all_tags: set[str] = set()
        self._has_twins = False
        """Whether two elements differ by their namespaces alone, wherever they stand."""
        self._checked = 0
        self._gatherer = ElementGatherer(self._names)
        self.gathers = True
        """Whether `survey` yields rows: whoever cannot hold them all says no, and reads them afterwards."""

    def _add_row(self, path: Path, member: str, ways: tuple[_Way, ...], holder: Path) -> None:
        if not holder:
            raise OddXmlError
        for size in range(1, len(path) + 1):
            place = self._places.setdefault(path[:size], _Place(path[:size]))
            if size > 1:
                self._places[path[: size - 1]].below[path[size - 1]] = place
        place.member, place.ways, place.holder = member, ways, holder
        self._places[holder].holds = True

    def survey(self, surroundings: Surroundings) -> Iterator[tuple[str, dict[str, str | None]]]:
        """Count what no row takes, and yield the rows as `iter_rows` does, while `gathers` is true.

        Raises OddXmlError, at the end too: until then nobody knows whether the document is sound.
        """
        for event, element, path in self._iter_events():
            if event != "end":
                surroundings.start(element)
            if event == "whole":
                if len(path) == 1:  # another document
                    raise OddXmlError
                self._check_bounds(element, len(path))
                self._survey_below(element, path, surroundings, len(path))
                if self.gathers and path in self._units:
                    yield from self._iter_unit_rows(element, path)
            if event != "start":
                surroundings.end(element)

    def _survey_below(self, element: Element, path: Path, surroundings: Surroundings, depth: int) -> None:
        if surroundings.reads_whole:
            return
        if depth > MAX_DEPTH:
            raise OddXmlError
        for child in element:
            surroundings.start(child)
            self._survey_below(child, path, surroundings, depth + 1)
            surroundings.end(child)

    def _check_bounds(self, unit: Element, depth: int) -> None:
        """Raise OddXmlError for a unit of too many elements, or too deep, before anything is done with it."""
        level, count = [unit], 1
        self._checked += 1
        self._compare_tags("", {unit.tag})
        while level:
            depth += 1
            holders = [*compress(level, map(len, level))]
            if self._has_twins or self._checked < _COMPARED:
                for holder in holders:
                    self._compare_tags(holder.tag, {*map(_TAG, holder)})
            level = [*chain.from_iterable(holders)]
            if not self._all_tags.issuperset(map(_TAG, level)) and len(self._all_tags) < _MOST_TAGS:
                self._all_tags.update(map(_TAG, level))
                if self._has_alike(self._all_tags):
                    raise OddXmlError  # a twin after so many units: where the other one stood is not known
            count += len(level)
            if depth > MAX_DEPTH or count > MAX_ELEMENTS:
                raise OddXmlError

    def _compare_tags(self, holder: str, tags: set[str]) -> None:
        """Raise OddXmlError when children differ by their namespaces alone: the exact reader tells it."""
        known = self._tags.setdefault(holder, set())
        if tags <= known or len(self._all_tags) >= _MOST_TAGS:
            return
        known |= tags
        self._all_tags |= tags
        if self._has_alike(known):
            raise OddXmlError
        self._has_twins = self._has_twins or self._has_alike(self._all_tags)

    def _has_alike(self, tags: set[str]) -> bool:
        """Whether two tags differ by their namespaces alone."""
        return len({self._names[tag] for tag in tags}) < len(tags)

    def iter_rows(self) -> Iterator[tuple[str, dict[str, str | None]]]:
        """Yield the member and the cells of each row, in the order of the exact reader."""
        for event, element, path in self._iter_events():
            if event == "whole" and path in self._units:
                yield from self._iter_unit_rows(element, path)

    def _iter_unit_rows(self, unit: Element, path: Path) -> Iterator[tuple[str, dict[str, str | None]]]:
        waiting: list[_Row] = []
        for place, element, holders in self._walk(unit, self._places[path], ()):
            if place.member is not None:
                waiting.append((place, element, holders))
            if not place.holds:
                continue
            ready = [row for row in waiting if row[0].holder == place.path]
            source = _Sources()
            if any(row[0].ways for row in ready):
                source.rows = {row for _place, row, _holders in waiting}
                source.holding = {*chain.from_iterable(holders for _place, _row, holders in waiting)}
            for row in ready:
                yield row[0].member or "", self._collect_cells(row, source)
            waiting = [row for row in waiting if row[0].holder != place.path] if len(ready) < len(waiting) else []

    def _walk(self, element: Element, place: _Place, holders: tuple[Element, ...]) -> Iterator[_Row]:
        """Yield the elements on the way to rows, as they end."""
        if place.below:
            inside, names = (*holders, element), self._names
            for child in element:
                below = place.below.get(names[child.tag])
                if below is not None:
                    yield from self._walk(child, below, inside)
        yield place, element, holders

    def _collect_cells(self, row: _Row, sources: _Sources) -> dict[str, str | None]:
        place, element, holders = row
        cells: dict[str, str | None] = {}
        self._gatherer.gather(element, "", cells)
        for way in place.ways:
            # What many rows take is gathered once: 90,000 rows of one holder would each go through all the others.
            holder = holders[-way.up] if way.up else element
            found = sources.found.get((way, holder))
            if found is None:
                found = sources.found[way, holder] = self._gather_above(way, holder, sources)
            source, taken = found
            if source is None:
                continue
            if cells.keys().isdisjoint(taken):
                cells.update(taken)
            else:
                self._gatherer.gather(source, way.prefix, cells, sources.rows, sources.holding)
        return cells

    def _gather_above(
        self, way: _Way, holder: Element, sources: _Sources
    ) -> tuple[Element | None, dict[str, str | None]]:
        """Return what stands at the end of a way, and its cells."""
        source: Element | None = holder
        cells: dict[str, str | None] = {}
        for step in way.steps:
            source = None if source is None else self._find_child(source, step)
        if source is not None:
            self._gatherer.gather(source, way.prefix, cells, sources.rows, sources.holding)
        return source, cells

    def _find_child(self, element: Element, name: str) -> Element | None:
        for child in element:
            if self._names[child.tag] == name:
                return child
        return None

    def _iter_events(self) -> Iterator[tuple[str, Element, Path]]:
        """Yield `start` and `end` of the elements that hold units, and each `whole` element in them, when complete."""
        builder = TreeBuilder()
        document = builder.start("", {})
        parser = XMLParser(target=builder)  # noqa: S314  no document type comes this far: the prolog was looked at
        self._stream.seek(0)
        self._opened = {}
        pending = 0
        while True:
            chunk = self._stream.read(_CHUNK)
            if not _parse_more(parser, chunk):
                raise RefusedXmlError
            pending += len(chunk)
            if pending > MAX_PENDING:
                raise OddXmlError
            if not chunk:
                yield from self._drain(document, (), is_closed=True)
                return
            for event in self._drain(document, (), is_closed=False):
                pending = 0
                yield event

    def _drain(self, element: Element, path: Path, *, is_closed: bool) -> Iterator[tuple[str, Element, Path]]:
        """Take complete children out of an element. The last one may still be open, until its parent is closed."""
        children = list(element)
        complete = children if is_closed else children[:-1]
        for child in complete:
            below = (*path, self._names[child.tag])
            if below not in self._spine:
                yield "whole", child, below
                continue
            yield from self._open(child, below)
            yield from self._drain(child, below, is_closed=True)
            yield "end", child, below
        del element[: len(complete)]
        if not is_closed and children:
            last = children[-1]
            below = (*path, self._names[last.tag])
            if below in self._spine:
                yield from self._open(last, below)
                yield from self._drain(last, below, is_closed=False)

    def _open(self, element: Element, path: Path) -> Iterator[tuple[str, Element, Path]]:
        if self._opened.get(path) is not element:
            self._opened[path] = element
            yield "start", element, path


def _parse_more(parser: XMLParser[Element], chunk: bytes) -> bool:
    """Parse some more, or to the end; False where it is not well formed."""
    try:
        if chunk:
            parser.feed(chunk)
        else:
            parser.close()
    except (ParseError, LookupError, ValueError):
        return False
    return True


def is_readable(stream: IO[bytes]) -> bool:
    """Whether the encoding of a document is one that both parsers surely read alike."""
    stream.seek(0)
    head = stream.read(200)
    declared = head[: head.find(b"?>") + 1].lower() if head.startswith(b"<?xml") else b""
    if b"encoding" in declared:
        return any(b'"' + name + b'"' in declared or b"'" + name + b"'" in declared for name in _ENCODINGS)
    return head.startswith((b"<", b"\xef\xbb\xbf<")) and b"\0" not in head
