"""XML documents: elements around the records are written as a stream, each record as one piece of text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from passerelle.stages.render.shape import Cell, Element, Given, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.render.filling import Scope
    from passerelle.stages.render.shape import XmlShape

_INDENT = "  "


def write_document(shape: XmlShape, scope: Scope) -> Iterator[bytes]:
    """Yield the document, piece by piece, encoded."""
    yield f'<?xml version="1.0" encoding="{shape.encoding}"?>\n'.encode()
    spaces = {f"xmlns:{prefix}" if prefix else "xmlns": uri for prefix, uri in shape.namespaces.items()}
    for piece in _iter_spine(shape.root, "", scope, _Indent(0), spaces):
        yield piece.encode(shape.encoding)


class _Indent(int):
    """Depth of a line; its text is the white space that precedes it."""

    def __str__(self) -> str:
        return _INDENT * self

    @property
    def inside(self) -> _Indent:
        return _Indent(self + 1)


def _iter_spine(
    element: Element, above: str, scope: Scope, indent: _Indent, namespaces: Mapping[str, str]
) -> Iterator[str]:
    """Yield an element that holds `Rows` somewhere: it is always written, and never in memory as a whole."""
    path = f"{above}/{element.local}"
    yield f"{indent}<{element.name}{_render_attributes(element, path, scope)}{_format_attributes(namespaces)}>\n"
    for part in element.content:
        if isinstance(part, Rows):
            for group in scope.split(part.by):
                yield from _iter_element(part.shape, path, group, indent.inside)
        elif isinstance(part, Element):
            yield from _iter_element(part, path, scope, indent.inside)
    yield f"{indent}</{element.name}>\n"


def _iter_element(element: Element, above: str, scope: Scope, indent: _Indent) -> Iterator[str]:
    if _holds_rows(element):
        yield from _iter_spine(element, above, scope, indent, {})
    else:
        yield _render_repeated(element, above, scope, indent)[0]


def _holds_rows(element: Element) -> bool:
    return any(isinstance(part, Rows) or (isinstance(part, Element) and _holds_rows(part)) for part in element.content)


def _render_repeated(element: Element, above: str, scope: Scope, indent: _Indent) -> tuple[str, bool]:
    """Render an element as often as it is filled; return whether it is there at all."""
    pieces: list[str] = []
    is_there = False
    for nth in range(1, element.repeats + 1):
        step = element.local if nth == 1 else f"{element.local}#{nth}"
        text, filled = _render_element(element, f"{above}/{step}", scope, indent)
        filled |= element.always and nth == 1
        is_there |= filled
        # A constant is written beside what is filled, whatever the row holds.
        if filled or (nth == 1 and any(isinstance(part, str) for part in element.content)):
            pieces.append(text)
    return "".join(pieces), is_there


def _render_element(element: Element, path: str, scope: Scope, indent: _Indent) -> tuple[str, bool]:
    """Render an element with all that it holds; return whether anything in it is filled, or always there."""
    children = [part for part in element.content if isinstance(part, Element)]
    opening = f"{indent}<{element.name}{_render_attributes(element, path, scope)}"
    if not children:
        text, filled = _render_text(element, path, scope)
        return (f"{opening}>{escape(text)}</{element.name}>\n" if text else f"{opening}/>\n"), filled
    inside = [_render_repeated(child, path, scope, indent.inside) for child in children]
    is_there = any(there for _text, there in inside)
    body = "".join(text for text, _there in inside) if is_there else ""
    return (f"{opening}>\n{body}{indent}</{element.name}>\n" if body else f"{opening}/>\n"), is_there


def _render_text(element: Element, path: str, scope: Scope) -> tuple[str, bool]:
    """Return the text of an element without children, and whether it is filled: by its cell, not by a constant."""
    own = scope.get_cell(path)
    if own:
        return own, True
    for part in element.content:
        if isinstance(part, Cell) and (text := scope.get_cell(part.path)):
            return text, True
        if isinstance(part, Given) and (text := scope.resolve(part)):
            return text, True
        if isinstance(part, str):
            return part, False
    return "", False


def _render_attributes(element: Element, path: str, scope: Scope) -> str:
    return _format_attributes(
        {name: scope.get_cell(f"{path}/@{name}") or value for name, value in element.attributes.items()}
    )


def _format_attributes(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
