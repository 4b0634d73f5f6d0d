"""Records beside a flow: files in contract form in which a document looks up those it also tells of."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from passerelle.contracts.field_meta import Purpose
    from passerelle.extension.writing import Related

    Record = Mapping[str, Any]

_OPENING = b'{"ref":"'
"""How canonical JSON begins: most lines need not be read to know that they are not wanted."""


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """Files of canonical JSON, one record a line; the last line of a reference counts. Read anew for each batch."""

    patterns: tuple[Path, ...]
    """Whole paths, of which the last step may be a pattern."""
    purpose: Purpose
    """What it serves: fields that the purpose does not need are not even read from here."""

    def find_related(self, records: list[dict[str, Any]], wanted: tuple[Related, ...]) -> list[dict[str, Record]]:
        """Give, for each record, the records it refers to, by the field that refers. Fills `by` where one matches."""
        found = self._found(records, tuple(one for one in wanted if not one.through))
        for one in wanted:
            if one.through:
                holders = [dict(others.get(one.through) or {}) for others in found]
                for others, more in zip(found, self._found(holders, (one,)), strict=True):
                    others.update(more)
        return found

    def _found(self, records: list[dict[str, Any]], wanted: tuple[Related, ...]) -> list[dict[str, Record]]:
        if not wanted or not self.patterns:
            return [{} for _record in records]
        search = _Search.of(records, wanted)
        for line in self._lines():
            search.see(line)
        return [self._minimised(search.found(record, wanted), wanted) for record in records]

    def _lines(self) -> Iterator[bytes]:
        for pattern in self.patterns:
            paths = sorted(path for path in pattern.parent.glob(pattern.name) if path.is_file())
            if not paths:
                raise FlowError("settings.related.absent", pattern=pattern.name)
            for path in paths:
                yield from _read(path)

    def _minimised(self, found: dict[str, Record], wanted: tuple[Related, ...]) -> dict[str, Record]:
        kinds = {one.by: contracts.get(one.contract).describe_fields() for one in wanted}
        return {
            by: {
                name: value
                for name, value in record.items()
                if name in kinds[by] and kinds[by][name].serves(self.purpose)
            }
            for by, record in found.items()
        }


def _read(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            yield from stream
    except OSError:
        raise FlowError("settings.related.unreadable") from None


class _Search:
    """What one batch looks for, and what was found of it."""

    def __init__(self, refs: frozenset[bytes], matches: dict[Related, set[tuple[str, ...]]]) -> None:
        self._refs = refs
        self._matches = matches
        self._by_ref: dict[str, Record] = {}
        self._alike: dict[tuple[Related, tuple[str, ...]], dict[str, Record]] = defaultdict(dict)

    @classmethod
    def of(cls, records: Iterable[Record], wanted: tuple[Related, ...]) -> _Search:
        refs: set[bytes] = set()
        matches: dict[Related, set[tuple[str, ...]]] = {one: set() for one in wanted if one.match}
        for record in records:
            refs |= {str(record[one.by]).encode() for one in wanted if record.get(one.by)}
            for one, keys in matches.items():
                if not record.get(one.by):
                    keys.add(_key(record, one))
        return cls(frozenset(refs), matches)

    def see(self, line: bytes) -> None:
        ref, told = _ref(line)
        kinds = [one for one, keys in self._matches.items() if keys and f":{_family(one)}:".encode() in ref]
        if ref not in self._refs and not kinds:
            return
        record = told or _record(line)
        if ref in self._refs:
            self._by_ref[record["ref"]] = record
        for one in kinds:
            if (key := _key(record, one)) in self._matches[one]:
                self._alike[one, key][record["ref"]] = record

    def found(self, record: dict[str, Any], wanted: tuple[Related, ...]) -> dict[str, Record]:
        """Give what one record refers to; let it refer to what matches."""
        for one in self._matches:
            alike = self._alike.get((one, _key(record, one)), {})
            covering = [other for other in alike.values() if _covers(other, record, one)]
            if not record.get(one.by) and len(covering) == 1:
                record[one.by] = covering[0]["ref"]
                self._by_ref[record[one.by]] = covering[0]
        return {one.by: self._by_ref[ref] for one in wanted if (ref := record.get(one.by)) in self._by_ref}


def _family(one: Related) -> str:
    return one.contract.partition("/")[0]


def _ref(line: bytes) -> tuple[bytes, Record | None]:
    if line.startswith(_OPENING):
        return line[len(_OPENING) : line.find(b'"', len(_OPENING))], None
    record = _record(line) if line.strip() else {}
    return str(record.get("ref", "")).encode(), record


def _record(line: bytes) -> Record:
    """Read a line; a line that is no record of canonical JSON stops the flow: its files are not what they should be."""
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise FlowError("settings.related.unreadable")
    return record


def _key(record: Record, one: Related) -> tuple[str, ...]:
    return tuple(_plain(record.get(name)) for name in one.match)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("code") or value.get("original")
    return str(value or "")


def _covers(other: Record, record: Record, one: Related) -> bool:
    day = next((str(record[name])[:10] for name in one.during if record.get(name)), "")
    return not day or str(other.get("start_on") or "") <= day <= str(other.get("end_on") or "9999")
