"""What fills the shape of a document: the records' cells, and facts about the document itself."""

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
"""Key under which a record carries its version."""
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold at all; they are kept out of JSON documents too."""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One record of a document: its cells by their path from the root, and its fields."""

    cells: Mapping[str, str] = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)
    index: int
    """Place in the batch."""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Facts about a document, from its parcel and batch: never from the clock, so that it is reproducible."""

    issued_at: datetime
    """When the parcel came in, in the zone of the document."""
    batch: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The records that a part of the document covers; its cells are those of the first."""

    lines: Sequence[DocumentLine]
    facts: DocumentFacts
    first: int = 0
    """Number, in the document, of the first line."""

    def get_cell(self, path: str) -> str:
        """Return a cell; empty when there is none."""
        return self.lines[0].cells.get(path, "") if self.lines else ""

    def resolve(self, leaf: Given) -> str:
        """Return the text of a fact about the document or its record."""
        return f"{leaf.prefix}{_FACTS[leaf.fact](self, leaf.of)}"

    def split(self, by: tuple[str, ...]) -> Iterator[Scope]:
        """Yield the parts: single records, or groups that share the fields `by`, in order of their first records."""
        if not by:
            yield from (Scope((line,), self.facts, self.first + nth) for nth, line in enumerate(self.lines))
            return
        groups: dict[tuple[str, ...], list[DocumentLine]] = {}
        for line in self.lines:
            groups.setdefault(tuple(str(line.record.get(name) or "") for name in by), []).append(line)
        first = self.first
        for group in groups.values():
            yield Scope(group, self.facts, first)
            first += len(group)


def is_unwritable(cells: Mapping[str, str]) -> bool:
    """Whether a cell holds a character that no document can hold."""
    return any(_UNWRITABLE.search(text) for text in cells.values())


def make_record_urn(ref: str) -> str:
    """Return the URN that stands for a record in a document: always the same for the same reference."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, ref)}"


def _get_field(scope: Scope, name: str) -> str:
    return str(scope.lines[0].record.get(name) or "") if scope.lines else ""


def _parse_number(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)


def _format_stamp(scope: Scope, _of: str) -> str:
    return f"{scope.facts.issued_at:%Y%m%d%H%M%S}"


_FACTS: Mapping[str, Callable[[Scope, str], str]] = {
    "issued_at": lambda scope, _of: f"{scope.facts.issued_at:%Y-%m-%dT%H:%M:%S}",
    "issued_stamp": _format_stamp,
    "number": lambda scope, _of: str(scope.first),
    "transaction": lambda scope, of: f"{_format_stamp(scope, of)}{scope.first}",
    "count": lambda scope, _of: str(len(scope.lines)),
    "total": lambda scope, of: str(sum((_parse_number(line.cells.get(of, "")) for line in scope.lines), Decimal(0))),
    "batch": lambda scope, _of: scope.facts.batch,
    "uuid": lambda scope, of: make_record_urn(text) if (text := _get_field(scope, of)) else "",
    "field": _get_field,
    "version": lambda scope, _of: _get_field(scope, VERSION),
}
