"""What an element of the standard library's tree holds, as cells; the columns of a shape that came before are known."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from passerelle.stages.decode.header import make_free_name
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from xml.etree.ElementTree import Element

ITSELF = "."
"""Column of the row element's own text."""
_MAX_SHAPES = 50_000
"""Places that are remembered: names of elements may be data, without end, and so may be the orders they come in."""
_TAG, _TAIL = attrgetter("tag"), attrgetter("tail")


class LocalNames(dict[str, str]):
    """Names without their namespace, each found once."""

    def __missing__(self, tag: str) -> str:
        name = self[tag] = tag.rpartition("}")[2]
        if len(self) > _MAX_SHAPES:
            self.clear()
        return name


class _Shape:
    """One place below a row: the column of its text, and the places below by local name, the first, the second …."""

    __slots__ = ("below", "column", "places", "prefix")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.column = prefix.removesuffix("/") or ITSELF
        self.below: dict[str, list[_Shape]] = {}
        self.places: dict[tuple[str, ...], tuple[_Shape, ...]] = {}
        """By the names of the children that an element here holds, the place of each."""


class ElementGatherer:
    """Writes what elements hold as cells, named by path; the same as `elements` does, element by element."""

    def __init__(self, names: LocalNames) -> None:
        self._names = names
        self._shapes: dict[str, _Shape] = {}
        self._known = 0

    def gather(
        self, element: Element, prefix: str, cells: dict[str, str | None], rows: Container[Element] = frozenset()
    ) -> None:
        """Write attributes, text and descendants, without `rows`."""
        if self._known > _MAX_SHAPES:
            self._shapes, self._known = {}, 0
        shape = self._shapes.get(prefix)
        if shape is None:
            shape = self._shapes[prefix] = _Shape(prefix)
        self._gather(element, shape, cells, rows)

    def _gather(self, element: Element, shape: _Shape, cells: dict[str, str | None], rows: Container[Element]) -> None:
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
                self._gather(child, below, cells, rows)
            elif below.column in cells or below.column == ROW:
                _write_text(below.column, child.text or "", cells)
            else:
                cells[below.column] = child.text or ""

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
    cells[make_free_name(column, {ROW, *cells}) if column in cells or column == ROW else column] = text
