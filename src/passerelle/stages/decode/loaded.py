"""A JSON document in memory, or what of it is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.strict import MalformedError, find_records, get_member
from passerelle.stages.decode.unread import count_beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.stages.decode.unread import UnreadTally, Way


class LoadedDocument:
    """A document in memory."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def walk(self, path: list[str], *, tally: UnreadTally | None = None, read: Sequence[Way] = ()) -> LoadedWalk:
        """Return what stands at a path; with `tally`, count what stands at none of the paths in `read`."""
        try:
            if tally is not None:
                count_beside(self._document, read, (), tally)
            return LoadedWalk(find_records(self._document, path))
        except RecursionError:
            raise MalformedError(1, deep=True) from None

    def get_value(self, path: list[str]) -> Any:
        """Return the value at a path, unchanged; None when there is none."""
        value = self._document
        for key in path:
            value = get_member(value, key)
        return value

    def is_null(self, path: list[str]) -> bool:
        """Whether null stands at a path."""
        holder = self.get_value(path[:-1])
        return isinstance(holder, dict) and path[-1] in holder and holder[path[-1]] is None

    def list_keys(self) -> frozenset[str] | None:
        """Return the members of the document; None when it is no object."""
        return frozenset(self._document) if isinstance(self._document, dict) else None


class LoadedWalk:
    """Records in memory; None: there is no such path."""

    def __init__(self, records: list[Any] | None) -> None:
        self._records = records or []
        self.present = records is not None

    def iter_records(self) -> Iterator[Any]:
        """Return the records."""
        return iter(self._records)
