"""Records that stand inside another one, which alone may refer to them: FHIR's `contained`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.inside import Inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Json

_TIE = "|"
_DEEPEST = 10
"""Steps of a path to a number: names lie near."""


@dataclass(frozen=True, slots=True)
class ContainedRecord:
    """A record inside another one."""

    name: str
    """The name that lasts beyond the document; empty when it has none."""
    kind: str


class ContainedRecords:
    """Finds what is inside of a record, beside the member that tells its type."""

    def __init__(self, dialect: Json) -> None:
        self._at, _dot, self._type = dialect.types.rpartition(".")
        self._at += _dot
        self._inside = Inside.of(dialect)
        self._lasting = [entry.split(_TIE) for entry in dialect.lasting]

    def find(self, address: str, cells: Mapping[str, str | None]) -> ContainedRecord | None:
        """Return the record of an address such as `#p1`; None when it is not there."""
        for item in _read_list(cells.get(f"{self._at}contained")):
            if isinstance(item, dict) and item.get("id") == address[1:]:
                own = dict(self._iter_texts(item, self._at))
                return ContainedRecord(self._find_name(own), own.get(f"{self._at}{self._type}", ""))
        return None

    def _iter_texts(self, item: dict[str, Any], at: str, depth: int = 0) -> Iterator[tuple[str, str]]:
        """Yield the texts of an object by path, no deeper than names are."""
        for key, value in item.items():
            path = f"{at}{key}"
            below = self._inside.to_object(path, value)
            if isinstance(below, str):
                yield path, below
            elif isinstance(below, dict) and depth < _DEEPEST:
                yield from self._iter_texts(below, f"{path}.", depth + 1)

    def _find_name(self, cells: Mapping[str, str]) -> str:
        for columns in self._lasting:
            if all(parts := [cells.get(column, "") for column in columns]):
                return _TIE.join(parts)
        return ""


def _read_list(text: str | None) -> list[Any]:
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return []
    return found if isinstance(found, list) else []
