"""JSON documents: what surrounds the records is written as a stream, each record as one line of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from passerelle.stages.render.shape import Always, Cell, Given, Many, Rows, iter_members, join_path

if TYPE_CHECKING:
    from passerelle.stages.render.filling import Scope
    from passerelle.stages.render.shape import JsonShape

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": "true", "false": "false"}


def write_document(shape: JsonShape, scope: Scope) -> Iterator[bytes]:
    """Yield the document, piece by piece, encoded."""
    for piece in _iter_spine(shape.root, "", scope):
        yield piece.encode()
    yield b"\n"


def _iter_spine(node: Any, path: str, scope: Scope) -> Iterator[str]:
    """Yield a node that holds `Rows` somewhere: it is always written, and never in memory as a whole."""
    if isinstance(node, Rows):
        yield "["
        mark = ""
        for part in scope.split(node.by):
            # A record of which nothing is filled would leave a comma with nothing behind it.
            if _holds_rows(node.shape) or _render_node(node.shape, path, part)[0]:
                yield f"{mark}\n"
                yield from _iter_spine(node.shape, path, part)
                mark = ","
        yield "\n]"
    elif isinstance(node, Mapping) and _holds_rows(node):
        written_members = (
            (name, child)
            for name, child in node.items()
            if _holds_rows(child) or _render_node(child, join_path(path, name), scope)[0]
        )
        yield "{"
        for nth, (name, child) in enumerate(written_members):
            yield f"{',' if nth else ''}{_quote(name)}:"
            yield from _iter_spine(child, join_path(path, name), scope)
        yield "}"
    else:
        yield _render_node(node, path, scope)[0] or "null"


def _holds_rows(node: Any) -> bool:
    return isinstance(node, Rows) or any(_holds_rows(child) for _name, child in iter_members(node))


def _render_node(node: Any, path: str, scope: Scope) -> tuple[str, bool]:
    """Render a value with all that it holds, empty when it is left out; return whether anything in it is filled."""
    if isinstance(node, Always):
        return _render_node(node.shape, path, scope)[0] or "null", True
    if isinstance(node, Cell | Given):
        if isinstance(node, Cell):
            text = _render_value(scope.get_cell(node.path or path), node.kind)
        else:
            is_number = node.fact in ("number", "count", "total", "version") and not node.prefix
            text = _render_value(scope.resolve(node), "number" if is_number else "text")
        return text, bool(text)
    if isinstance(node, Many):
        return _render_list([_render_node(node.shape, join_path(path, str(nth)), scope) for nth in range(node.at_most)])
    if isinstance(node, Mapping):
        members = {name: _render_node(child, join_path(path, name), scope) for name, child in node.items()}
        texts = ",".join(f"{_quote(name)}:{text}" for name, (text, _filled) in members.items() if text)
        return _drop_unfilled("{" + texts + "}", list(members.values()))
    if isinstance(node, list | tuple):
        return _render_list([_render_node(child, join_path(path, step), scope) for step, child in iter_members(node)])
    return json.dumps(node, ensure_ascii=False), False


def _render_list(inside: list[tuple[str, bool]]) -> tuple[str, bool]:
    return _drop_unfilled("[" + ",".join(text for text, _filled in inside if text) + "]", inside)


def _drop_unfilled(whole: str, inside: list[tuple[str, bool]]) -> tuple[str, bool]:
    """Return `whole` if something in it is filled, or if it is made of constants only; else an empty text."""
    is_filled = any(filled for _text, filled in inside)
    return (whole if is_filled or (inside and all(text for text, _filled in inside)) else ""), is_filled


def _render_value(text: str, kind: str) -> str:
    if not text:
        return ""
    if kind == "number" and _NUMBER.fullmatch(text):
        return text  # digit for digit: a float would change amounts
    if kind == "boolean" and text in _BOOLEANS:
        return text
    return _quote(text)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
