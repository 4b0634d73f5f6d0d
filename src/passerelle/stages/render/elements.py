"""A document as XML: the spine is written as it goes, each record as one piece of text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from passerelle.stages.render.shape import Cell, Element, Given, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.render.filling import Scope
    from passerelle.stages.render.shape import XmlShape

_STEP = "  "


def written(shape: XmlShape, scope: Scope) -> Iterator[bytes]:
    """Write the document, piece by piece."""
    yield f'<?xml version="1.0" encoding="{shape.encoding}"?>\n'.encode()
    spaces = {f"xmlns:{prefix}" if prefix else "xmlns": uri for prefix, uri in shape.namespaces.items()}
    for piece in _spine(shape.root, "", scope, _Margin(0), spaces):
        yield piece.encode(shape.encoding)


class _Margin(int):
    """How deep a line stands."""

    def __str__(self) -> str:
        return _STEP * self

    @property
    def inside(self) -> _Margin:
        return _Margin(self + 1)


def _spine(element: Element, above: str, scope: Scope, margin: _Margin, more: Mapping[str, str]) -> Iterator[str]:
    """Write an element that holds `Rows` somewhere: it is always there, and never held in memory whole."""
    path = f"{above}/{element.local}"
    yield f"{margin}<{element.name}{_attributes(element, path, scope)}{_said(more)}>\n"
    for part in element.content:
        if isinstance(part, Rows):
            for group in scope.parts(part.by):
                yield from _one(part.shape, path, group, margin.inside)
        elif isinstance(part, Element):
            yield from _one(part, path, scope, margin.inside)
    yield f"{margin}</{element.name}>\n"


def _one(element: Element, above: str, scope: Scope, margin: _Margin) -> Iterator[str]:
    if _holds_rows(element):
        yield from _spine(element, above, scope, margin, {})
    else:
        yield _repeated(element, above, scope, margin)[0]


def _holds_rows(element: Element) -> bool:
    return any(isinstance(part, Rows) or (isinstance(part, Element) and _holds_rows(part)) for part in element.content)


def _repeated(element: Element, above: str, scope: Scope, margin: _Margin) -> tuple[str, bool]:
    """Write an element as often as it is filled; return whether it is there at all."""
    pieces: list[str] = []
    is_there = False
    for nth in range(1, element.repeats + 1):
        step = element.local if nth == 1 else f"{element.local}#{nth}"
        text, filled = _whole(element, f"{above}/{step}", scope, margin)
        filled |= element.always and nth == 1
        is_there |= filled
        if filled or (nth == 1 and _is_constant(element)):
            pieces.append(text)
    return "".join(pieces), is_there


def _is_constant(element: Element) -> bool:
    """Whether an element stands beside what is filled, whatever the row holds."""
    return any(isinstance(part, str) for part in element.content)


def _whole(element: Element, path: str, scope: Scope, margin: _Margin) -> tuple[str, bool]:
    """Write an element with all that it holds; return whether anything in it is filled, or always there."""
    children = [part for part in element.content if isinstance(part, Element)]
    opening = f"{margin}<{element.name}{_attributes(element, path, scope)}"
    if not children:
        text, filled = _text(element, path, scope)
        return (f"{opening}>{escape(text)}</{element.name}>\n" if text else f"{opening}/>\n"), filled
    inside = [_repeated(child, path, scope, margin.inside) for child in children]
    is_there = any(there for _text, there in inside)
    body = "".join(text for text, _there in inside) if is_there else ""
    return (f"{opening}>\n{body}{margin}</{element.name}>\n" if body else f"{opening}/>\n"), is_there


def _text(element: Element, path: str, scope: Scope) -> tuple[str, bool]:
    """Find what an element without children says: its cell, else what the shape says; only a cell counts as filled."""
    own = scope.cell(path)
    if own:
        return own, True
    for part in element.content:
        if isinstance(part, Cell) and (text := scope.cell(part.path)):
            return text, True
        if isinstance(part, Given) and (text := scope.given(part)):
            return text, True
        if isinstance(part, str):
            return part, False
    return "", False


def _attributes(element: Element, path: str, scope: Scope) -> str:
    return _said({name: scope.cell(f"{path}/@{name}") or value for name, value in element.attributes.items()})


def _said(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
