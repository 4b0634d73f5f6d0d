"""What fills a document: rows of cells, and what the document knows of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from passerelle.stages.render.shape import Given

VERSION = "_version"
"""Under which a record carries its version."""
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold at all; no document of ours holds it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record on its way into a document: its cells by their path from the root, and its fields."""

    cells: Mapping[str, str] = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)
    index: int
    """Place in the batch."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document knows of itself, from its parcel and batch: never from the clock."""

    issued_at: datetime
    """When the parcel came in, in the zone of the document."""
    batch: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The lines that a part of the document is about; its cells are those of the first."""

    lines: Sequence[Line]
    facts: Facts
    first: int = 0
    """Number, in the document, of the first line."""

    def cell(self, path: str) -> str:
        """Read a cell; empty when there is none."""
        return self.lines[0].cells.get(path, "") if self.lines else ""

    def given(self, leaf: Given) -> str:
        """Say what the document knows."""
        return f"{leaf.prefix}{_FACTS[leaf.fact](self, leaf.of)}"

    def parts(self, by: tuple[str, ...]) -> Iterator[Scope]:
        """Cut into lines, or into groups that share fields; groups stand where their first line stood."""
        if not by:
            yield from (Scope((line,), self.facts, self.first + nth) for nth, line in enumerate(self.lines))
            return
        groups: dict[tuple[str, ...], list[Line]] = {}
        for line in self.lines:
            groups.setdefault(tuple(str(line.record.get(name) or "") for name in by), []).append(line)
        first = self.first
        for group in groups.values():
            yield Scope(group, self.facts, first)
            first += len(group)


def unwritable(cells: Mapping[str, str]) -> bool:
    """Whether a text holds what no document can hold."""
    return any(_UNWRITABLE.search(text) for text in cells.values())


def named(ref: str) -> str:
    """Make the address that stands for a record in a document: the same for the same reference, for ever."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, ref)}"


def _field(scope: Scope, name: str) -> str:
    return str(scope.lines[0].record.get(name) or "") if scope.lines else ""


def _total(scope: Scope, path: str) -> str:
    return str(sum((_number(line.cells.get(path, "")) for line in scope.lines), Decimal(0)))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)


def _stamp(scope: Scope, _of: str) -> str:
    return f"{scope.facts.issued_at:%Y%m%d%H%M%S}"


_FACTS: Mapping[str, Callable[[Scope, str], str]] = {
    "issued_at": lambda scope, _of: f"{scope.facts.issued_at:%Y-%m-%dT%H:%M:%S}",
    "issued_stamp": _stamp,
    "number": lambda scope, _of: str(scope.first),
    "transaction": lambda scope, of: f"{_stamp(scope, of)}{scope.first}",
    "count": lambda scope, _of: str(len(scope.lines)),
    "total": _total,
    "batch": lambda scope, _of: scope.facts.batch,
    "uuid": lambda scope, of: named(text) if (text := _field(scope, of)) else "",
    "field": _field,
    "version": lambda scope, _of: _field(scope, VERSION),
}
