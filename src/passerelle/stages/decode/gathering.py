"""What an element of the standard library's tree holds, as cells; the columns of a shape that came before are known.

Most elements of one place hold the same elements in the same order: what is below such a place is then taken in one
go, without a look at each element. What is unusual (text beside elements, names that are taken) goes level by level.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import chain, islice
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from passerelle.stages.decode.header import make_free_name
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

ITSELF = "."
"""Column of the row element's own text."""
_MAX_SHAPES = 50_000
"""Places that are remembered: names of elements may be data, without end, and so may be the orders they come in."""
_MAX_PATTERN = 1_000
"""Elements below a place that are taken in one go; of more, each child is asked alone."""
_TRIALS = 64
"""Patterns of a place that may be new before it is asked whether most are."""
_MAX_NAMINGS = 64
"""Sets of names that are taken, beside which the names of a pattern are remembered."""
_TAG, _TAIL = attrgetter("tag"), attrgetter("tail")
_NONE: frozenset[Any] = frozenset()


class LocalNames(dict[str, str]):
    """Names without their namespace, each found once."""

    def __missing__(self, tag: str) -> str:
        name = self[tag] = tag.rpartition("}")[2]
        if len(self) > _MAX_SHAPES:
            self.clear()
        return name


class _Shape:
    """One place below a row: the column of its text, and the places below by local name, the first, the second …."""

    __slots__ = ("below", "column", "fresh", "known", "patterns", "places", "prefix")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.column = prefix.removesuffix("/") or ITSELF
        self.below: dict[str, list[_Shape]] = {}
        self.places: dict[tuple[str, ...], tuple[_Shape, ...]] = {}
        """By the names of the children that an element here holds, the place of each."""
        self.patterns: dict[object, _Pattern] | None = {}
        """By all that an element here holds but its texts; None where hardly two are alike."""
        self.fresh = self.known = 0
        """Elements here whose pattern was new, and those whose pattern was there."""


class _Pattern:
    """The columns of an element that holds just these elements and attributes, and which of its texts is in each."""

    __slots__ = ("columns", "inner", "namings", "take")

    def __init__(self, cells: dict[str, str | None], inner: Sequence[int]) -> None:
        self.columns = tuple(cells)
        self.take = _make_taker([int(mark or 0) for mark in cells.values()])
        self.inner = _make_taker(inner)
        """Takes the texts of elements that hold others: where one is not blank, the pattern does not fit."""
        self.namings: dict[frozenset[str], tuple[str, ...]] = {}
        """The names of the columns beside others of which some have just these names."""


def _make_taker(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda texts: tuple(texts[place] for place in places)


class _Everything:
    """A container of all elements."""

    def __contains__(self, _element: object) -> bool:
        return True


_EVERYTHING = _Everything()


class ElementGatherer:
    """Writes what elements hold as cells, named by path; the same as `elements` does, element by element."""

    def __init__(self, names: LocalNames) -> None:
        self._names = names
        self._shapes: dict[str, _Shape] = {}
        self._known = 0
        self.taken = 0
        """Elements that were taken in one go."""

    def gather(
        self,
        element: Element,
        prefix: str,
        cells: dict[str, str | None],
        rows: Container[Element] = _NONE,
        holding: Container[Element] = _NONE,
    ) -> None:
        """Write attributes, text and descendants, without `rows`; `holding` are the elements that these stand in."""
        if self._known > _MAX_SHAPES:
            self._shapes, self._known = {}, 0
        shape = self._shapes.get(prefix)
        if shape is None:
            shape = self._shapes[prefix] = _Shape(prefix)
        self._gather(element, shape, cells, rows, holding)

    def _gather(
        self,
        element: Element,
        shape: _Shape,
        cells: dict[str, str | None],
        rows: Container[Element],
        holding: Container[Element],
    ) -> None:
        if shape.patterns is not None and element not in holding and self._take(element, shape, cells):
            return
        for name, value in element.items():
            column = f"{shape.prefix}@{self._names[name]}"
            cells[make_free_name(column, cells) if column in cells else column] = value
        text = element.text or ""
        if len(element):
            text = "".join([text, *filter(None, map(_TAIL, element))]).strip()
        if text or not len(element):
            _write_text(shape.column, text, cells)
        for child, below in self._pair(element, shape, rows):
            if len(child) or child.items():
                self._gather(child, below, cells, rows, holding)
            elif below.column in cells or below.column == ROW:
                _write_text(below.column, child.text or "", cells)
            else:
                cells[below.column] = child.text or ""

    def _take(self, element: Element, shape: _Shape, cells: dict[str, str | None]) -> bool:
        """Write all that an element holds in one go; False, and nothing written, where it has to go level by level."""
        if not len(element) and not element.items():
            _write_text(shape.column, element.text or "", cells)
            return True
        elements = [*islice(element.iter(), _MAX_PATTERN)]
        if len(elements) == _MAX_PATTERN:
            return False
        tails = {*map(_TAIL, islice(elements, 1, None))}  # its own is text of its parent
        if "".join(filter(None, tails)).strip():
            return False
        texts = [each.text or "" for each in elements]
        named: tuple[tuple[str, ...], ...] = ()
        if any(map(Element.items, elements)):
            attributes = [each.items() for each in elements]
            texts += [value for _name, value in chain.from_iterable(attributes)]
            named = tuple(tuple(name for name, _value in each) for each in attributes)
        pattern = self._find_pattern((*map(_TAG, elements), *map(len, elements), *named), elements, shape)
        if pattern is None or "".join(pattern.inner(texts)).strip():
            return False
        columns: tuple[str, ...] | None = pattern.columns
        if not cells.keys().isdisjoint(pattern.columns):
            columns = self._name_beside(pattern, cells, element, shape)
        if columns is None:
            return False
        cells.update(zip(columns, pattern.take(texts), strict=True))
        self.taken += 1
        return True

    def _find_pattern(self, key: object, elements: Sequence[Element], shape: _Shape) -> _Pattern | None:
        """Return the pattern of an element, remembered or new; None where hardly two of its place are alike."""
        if shape.patterns is None:
            return None
        pattern = shape.patterns.get(key)
        if pattern is not None:
            shape.known += 1
            return pattern
        shape.fresh += 1
        if shape.fresh > _TRIALS and shape.fresh > shape.known:
            shape.patterns = None
            return None
        cells: dict[str, str | None] = {}
        self._gather(_mark(elements[0]), shape, cells, _NONE, _EVERYTHING)
        pattern = _Pattern(cells, [place for place, each in enumerate(elements) if len(each)])
        shape.patterns[key] = pattern
        self._known += 3 * len(elements)
        return pattern

    def _name_beside(
        self, pattern: _Pattern, cells: dict[str, str | None], element: Element, shape: _Shape
    ) -> tuple[str, ...] | None:
        """Return the names of a pattern's columns beside cells of which some have these names, if they are sure."""
        shared = frozenset(cells.keys() & pattern.columns)
        names = pattern.namings.get(shared)
        if names is None and len(pattern.namings) < _MAX_NAMINGS:
            marked = dict(cells)
            self._gather(_mark(element), shape, marked, _NONE, _EVERYTHING)
            names = (*islice(marked, len(cells), None),)
            # only where each is the first that may be free: which others are taken is not looked at again
            if any(name not in {column, f"{column}#2"} for name, column in zip(names, pattern.columns, strict=True)):
                return None
            pattern.namings[shared] = names
            self._known += len(names)
        return names if names is not None and cells.keys().isdisjoint(names) else None

    def _pair(self, element: Element, shape: _Shape, rows: Container[Element]) -> Iterable[tuple[Element, _Shape]]:
        """Pair each child, without `rows`, with its place."""
        children: Iterable[Element] = element
        if rows:
            children = [child for child in element if child not in rows]
        tags = (*map(_TAG, children),)
        # Most elements of one place hold the same children in the same order.
        places = shape.places.get(tags)
        if places is None:
            places = shape.places[tags] = (*self._find_places(tags, shape),)
            self._known += len(tags)
        return zip(children, places, strict=True)

    def _find_places(self, tags: Iterable[str], shape: _Shape) -> Iterator[_Shape]:
        counts: dict[str, int] = {}
        for name in (self._names[tag] for tag in tags):
            counts[name] = count = counts.get(name, 0) + 1
            alike = shape.below.get(name)
            yield alike[count - 1] if alike is not None and count <= len(alike) else self._add(shape, name, count)

    def _add(self, shape: _Shape, name: str, count: int) -> _Shape:
        """Remember one more place below another."""
        self._known += 1
        below = _Shape(f"{shape.prefix}{name}/" if count == 1 else f"{shape.prefix}{name}#{count}/")
        shape.below.setdefault(name, []).append(below)
        return below


def _write_text(column: str, text: str, cells: dict[str, str | None]) -> None:
    if column in cells or column == ROW:
        column = make_free_name(column, {ROW, *cells})
    cells[column] = text


def _mark(element: Element) -> Element:
    """Return a copy of an element with numbers for its texts, and behind these for the values of its attributes."""
    marked = deepcopy(element)
    elements = [*marked.iter()]
    number = len(elements)
    for place, each in enumerate(elements):
        each.text, each.tail = None if len(each) else str(place), None
        for name in each.keys():  # noqa: SIM118  an element is no mapping
            each.set(name, str(number))
            number += 1
    return marked
