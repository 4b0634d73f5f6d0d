"""A document as JSON: the spine is written as it goes, each record as one line of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from passerelle.stages.render.shape import Always, Cell, Given, Many, Rows, joined, members

if TYPE_CHECKING:
    from passerelle.stages.render.filling import Scope
    from passerelle.stages.render.shape import JsonShape

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": "true", "false": "false"}


def written(shape: JsonShape, scope: Scope) -> Iterator[bytes]:
    """Write the document, piece by piece."""
    for piece in _spine(shape.root, "", scope):
        yield piece.encode()
    yield b"\n"


def _spine(node: Any, path: str, scope: Scope) -> Iterator[str]:
    """Write what holds `Rows` somewhere: it is always there, and never held in memory whole."""
    if isinstance(node, Rows):
        yield "["
        yield from _parted(",", ([*_spine(node.shape, path, part)] for part in _kept(node, path, scope)))
        yield "\n]"
    elif isinstance(node, Mapping) and _holds_rows(node):
        told = ((name, child) for name, child in node.items() if _holds_rows(child) or _stays(child, path, name, scope))
        yield "{"
        for nth, (name, child) in enumerate(told):
            yield f"{',' if nth else ''}{_quoted(name)}:"
            yield from _spine(child, joined(path, name), scope)
        yield "}"
    else:
        yield _whole(node, path, scope)[0] or "null"


def _kept(node: Rows, path: str, scope: Scope) -> Iterator[Scope]:
    return (part for part in scope.parts(node.by) if _holds_rows(node.shape) or _whole(node.shape, path, part)[0])


def _parted(mark: str, items: Iterator[list[str]]) -> Iterator[str]:
    for nth, pieces in enumerate(items):
        yield f"{mark if nth else ''}\n"
        yield from pieces


def _stays(child: Any, path: str, name: str, scope: Scope) -> bool:
    """Whether a member beside the rows is written: the spine keeps its constants."""
    return bool(_whole(child, joined(path, name), scope)[0])


def _holds_rows(node: Any) -> bool:
    return isinstance(node, Rows) or any(_holds_rows(child) for _name, child in members(node))


def _whole(node: Any, path: str, scope: Scope) -> tuple[str, bool]:
    """Write a value with all that it holds, empty when it is left out; return whether anything in it is filled."""
    if isinstance(node, Always):
        return _whole(node.shape, path, scope)[0] or "null", True
    if isinstance(node, Cell | Given):
        text = _leaf(node, path, scope)
        return text, bool(text)
    if isinstance(node, Many):
        return _list([_whole(node.shape, joined(path, str(nth)), scope) for nth in range(node.at_most)])
    if isinstance(node, Mapping):
        return _object({name: _whole(child, joined(path, name), scope) for name, child in node.items()})
    if isinstance(node, list | tuple):
        return _list([_whole(child, joined(path, step), scope) for step, child in members(node)])
    return json.dumps(node, ensure_ascii=False), False


def _leaf(node: Cell | Given, path: str, scope: Scope) -> str:
    if isinstance(node, Cell):
        return _value(scope.cell(node.path or path), node.kind)
    counted = node.fact in ("number", "count", "total", "version") and not node.prefix
    return _value(scope.given(node), "number" if counted else "text")


def _object(inside: Mapping[str, tuple[str, bool]]) -> tuple[str, bool]:
    told = ",".join(f"{_quoted(name)}:{text}" for name, (text, _filled) in inside.items() if text)
    return _kept_or_not("{" + told + "}", list(inside.values()))


def _list(inside: list[tuple[str, bool]]) -> tuple[str, bool]:
    return _kept_or_not("[" + ",".join(text for text, _filled in inside if text) + "]", inside)


def _kept_or_not(whole: str, inside: list[tuple[str, bool]]) -> tuple[str, bool]:
    """Keep what something fills; and what is made of constants only, which stands beside what is filled."""
    is_filled = any(filled for _text, filled in inside)
    return (whole if is_filled or (inside and all(text for text, _filled in inside)) else ""), is_filled


def _value(text: str, kind: str) -> str:
    if not text:
        return ""
    if kind == "number" and _NUMBER.fullmatch(text):
        return text
    if kind == "boolean" and text in _BOOLEANS:
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
