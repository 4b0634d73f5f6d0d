"""References between records of one document: addresses are replaced by names that last beyond the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Json

NAME = "@name"
"""Column of the name that a record goes by."""

Cells = dict[str, str | None]


class Linking:
    """The addresses of a document. Every record is noted before the addresses of the first are replaced."""

    def __init__(self, dialect: Json) -> None:
        self._addresses = dialect.addresses
        self._lasting = dialect.lasting
        self._end = f".{dialect.refers}"
        self._names: dict[str, str] = {}
        self._sought: dict[str, tuple[str, int]] = {}

    def note(self, cells: Mapping[str, str | None], line: int) -> None:
        """Note a record's addresses, its name, and what it refers to."""
        if not self._addresses:
            return
        name = self._find_name(cells)
        for address in self._iter_addresses(cells):
            self._names.setdefault(address, name)
        for column, text in self._iter_references(cells):
            self._sought.setdefault(text, (column, line))

    def replace_addresses(self, cells: Cells) -> Cells:
        """Return the cells with the record's name, and with names instead of addresses."""
        if not self._addresses:
            return cells
        names = {column: self._names.get(text, text) for column, text in self._iter_references(cells)}
        return {**cells, **names, NAME: self._find_name(cells) or None}

    def iter_dangling(self, member: str) -> Iterator[RowWarning]:
        """Yield a warning for references that lead out of the document, once per column."""
        reported: set[str] = set()
        for text, (column, line) in self._sought.items():
            if text not in self._names and column not in reported:
                reported.add(column)
                yield RowWarning("decode.reference.dangling", Place(line, member=member, column=column))

    def _find_name(self, cells: Mapping[str, str | None]) -> str:
        lasting = next((text for column in self._lasting if (text := cells.get(column))), None)
        return lasting or next(self._iter_addresses(cells), "")

    def _iter_addresses(self, cells: Mapping[str, str | None]) -> Iterator[str]:
        for columns in self._addresses:
            parts = [cells.get(column) or "" for column in columns]
            if all(parts):
                yield "/".join(parts)

    def _iter_references(self, cells: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        return ((column, text) for column, text in cells.items() if text and column.endswith(self._end))
