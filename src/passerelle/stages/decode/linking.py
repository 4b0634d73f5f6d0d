"""References between records of one document: addresses are replaced by names that last beyond the document."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.stages.decode.contained import ContainedRecords
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Json

NAME = "@name"
"""Column of the name that a record goes by."""
TYPE = "@type"
"""Last part of the column that tells the type of what a reference leads to."""

TIE = "|"
"""Between the columns, and the cells, of a name that is made of several: a number and whose it is."""

# `Organization/7`, `https://server/fhir/Organization/7/_history/2`: the type stands before the id.
_TYPED_ADDRESS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[^/]+(?:/_history/[^/]+)?$")

_VERSION = re.compile("/_history/[^/]+$")
_INSIDE = "#"
"""Begins the address of a record that stands inside the one that refers to it: nobody else can mean it."""
_MOST_STEPS = 16
"""Records that are gone through for what another one says."""

Cells = dict[str, str | None]


_NO_CELLS: Mapping[str, str | None] = MappingProxyType({})


class Linking:
    """The addresses of a document. Every record is noted before the addresses of the first are replaced."""

    def __init__(self, dialect: Json) -> None:
        self._dialect = dialect
        self._end = f".{dialect.refers}"
        self._lasting = [entry.split(TIE) for entry in dialect.lasting]
        self._names: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._stands: dict[str, str] = {}
        self._held: dict[str, str] = {}
        self._led: dict[tuple[str, str], list[str]] = {}
        """By column of `through` and name of a record: what the record refers to there, as it stands."""
        self._contained = ContainedRecords(dialect)
        self._sought: dict[str, tuple[str, int]] = {}

    def note(self, cells: Mapping[str, str | None], line: int) -> None:
        """Note a record's addresses, its name, its type, what it says for others, and what it refers to."""
        if not self._dialect.addresses:
            return
        name = self._find_name(cells)
        for address in self._iter_addresses(cells):
            self._names.setdefault(address, name)
        self._note_type(name, cells)
        for column, (refers, said_in) in self._dialect.through.items():
            if said := next((text for other in (column, *said_in) if (text := cells.get(other))), None):
                self._held.setdefault(name, said)
            elif further := [text for other in refers if (text := cells.get(other))]:
                self._led.setdefault((column, name), further)
        for column, text in self._iter_references(cells):
            if not text.startswith(_INSIDE) or not self._contained.find(text, cells):
                self._sought.setdefault(text, (column, line))

    def replace_addresses(self, cells: Cells) -> Cells:
        """Return the cells with the record's name, with names instead of addresses, and types where they are asked."""
        if not self._dialect.addresses:
            return cells
        names = {column: self._resolve(text, cells) for column, text in self._iter_references(cells)}
        linked = {**cells, **names, NAME: self._find_name(cells) or None}
        for column in self._dialect.targets:
            if (text := cells.get(column)) and (kind := self._find_type(text, cells)):
                linked[f"{column.removesuffix(self._dialect.refers)}{TYPE}"] = kind
        for column, (refers, said_in) in self._dialect.through.items():
            # a record that says it itself, in whichever member, needs no other one; to lead there says nothing
            own = (column, *said_in, *_list_siblings(column, said_in))
            if not any(cells.get(one) for one in own if one not in refers):
                self._borrow(linked, column, refers)
        return linked

    def iter_dangling(self, member: str) -> Iterator[RowWarning]:
        """Yield a warning for references that lead out of the document, once per column."""
        reported: set[str] = set()
        for text, (column, line) in self._sought.items():
            if _VERSION.sub("", text) not in self._names and column not in reported:
                reported.add(column)
                yield RowWarning("decode.reference.dangling", Place(line, member=member, column=column))

    def _note_type(self, name: str, cells: Mapping[str, str | None]) -> None:
        kind = cells.get(self._dialect.types) or ""
        if kind and name:
            self._types.setdefault(name, kind)
        if (column := self._dialect.stands_for.get(kind)) and (target := cells.get(column)):
            self._stands.setdefault(name, target)

    def _resolve(self, text: str, cells: Mapping[str, str | None] = _NO_CELLS) -> str:
        """Return the name of what an address leads to: of a record that stands for another, that other one's."""
        if text.startswith(_INSIDE):
            inside = self._contained.find(text, cells)
            # Without a name of its own it is this record's: the same address in another record means somebody else.
            return inside.name if inside and inside.name else f"{self._find_name(cells)}{text}"
        name = self._names.get(_VERSION.sub("", text), text)
        # once: a record that stands for one that stands for another would be a circle sooner or later
        return self._names.get(self._stands[name], self._stands[name]) if name in self._stands else name

    def _find_type(self, text: str, cells: Mapping[str, str | None]) -> str:
        if text.startswith(_INSIDE):
            inside = self._contained.find(text, cells)
            return inside.kind if inside else ""
        name = self._resolve(text)
        if name in self._types:
            return self._types[name]
        address = _TYPED_ADDRESS.search(name) or _TYPED_ADDRESS.search(text)
        return address[1] if address else ""

    def _borrow(self, linked: Cells, column: str, refers: tuple[str, ...]) -> None:
        """Fill a column with what the nearest record says that one of these columns leads to, in steps."""
        waiting = [name for other in refers if (name := linked.get(other))]
        seen: set[str] = set()
        while waiting and len(seen) < _MOST_STEPS:
            name = waiting.pop(0)
            if said := self._held.get(name):
                linked[column] = self._resolve(said)
                return
            if name not in seen:
                seen.add(name)
                waiting += map(self._resolve, self._led.get((column, name), ()))

    def _find_name(self, cells: Mapping[str, str | None]) -> str:
        for columns in self._lasting:
            parts = [cells.get(column) or "" for column in columns]
            if all(parts):
                return TIE.join(parts)
        return next(self._iter_addresses(cells), "")

    def _iter_addresses(self, cells: Mapping[str, str | None]) -> Iterator[str]:
        for columns in self._dialect.addresses:
            parts = [cells.get(column) or "" for column in columns]
            if all(parts):
                yield "/".join(parts)

    def _iter_references(self, cells: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        return ((column, text) for column, text in cells.items() if text and column.endswith(self._end))


def _list_siblings(column: str, said_in: tuple[str, ...]) -> list[str]:
    """Return the other columns that may say the same: `for.identifier.value` beside `for.reference`."""
    stem = column.rpartition(".")[0]
    first = next(iter(said_in), "").rpartition(".")[0]
    return [f"{stem}{other.removeprefix(first)}" for other in said_in if first and other.startswith(f"{first}.")]
