"""Records of one document that refer to one another by addresses: each gets a name that lasts beyond the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.outcomes import Warned
from passerelle.vocabulary.parcels import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Json

NAME = "@name"
"""Column of the name that a record goes by."""

Cells = dict[str, str | None]


class Linking:
    """The addresses of a document. It is told of every record before the first is tied."""

    def __init__(self, dialect: Json) -> None:
        self._addresses = dialect.addresses
        self._lasting = dialect.lasting
        self._end = f".{dialect.refers}"
        self._names: dict[str, str] = {}
        self._sought: dict[str, tuple[str, int]] = {}

    def see(self, cells: Mapping[str, str | None], line: int) -> None:
        """Take note of a record: where it is found, what it goes by, and what it refers to."""
        if not self._addresses:
            return
        name = self._name(cells)
        for address in self._own(cells):
            self._names.setdefault(address, name)
        for column, text in self._references(cells):
            self._sought.setdefault(text, (column, line))

    def tied(self, cells: Cells) -> Cells:
        """Return the cells with the record's name, and with names instead of addresses."""
        if not self._addresses:
            return cells
        known = {column: self._names.get(text, text) for column, text in self._references(cells)}
        return {**cells, **known, NAME: self._name(cells) or None}

    def dangling(self, member: str) -> Iterator[Warned]:
        """Tell of references that lead out of the document, once a column."""
        told: set[str] = set()
        for text, (column, line) in self._sought.items():
            if text not in self._names and column not in told:
                told.add(column)
                yield Warned("decode.reference.dangling", Place(line, member=member, column=column))

    def _name(self, cells: Mapping[str, str | None]) -> str:
        lasting = next((text for column in self._lasting if (text := cells.get(column))), None)
        return lasting or next(self._own(cells), "")

    def _own(self, cells: Mapping[str, str | None]) -> Iterator[str]:
        for columns in self._addresses:
            parts = [cells.get(column) or "" for column in columns]
            if all(parts):
                yield "/".join(parts)

    def _references(self, cells: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        return ((column, text) for column, text in cells.items() if text and column.endswith(self._end))
