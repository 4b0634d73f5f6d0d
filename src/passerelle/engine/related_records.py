"""Files of records in contract form, in which a document looks up the records that its own refer to."""

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
"""How canonical JSON begins: the ref of a line is found without parsing it, and most lines are not wanted."""


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """Files of canonical JSON, one record a line; the last line of a reference counts. Read anew for each batch."""

    patterns: tuple[Path, ...]
    """Whole paths; the last step may be a pattern."""
    purpose: Purpose
    """Fields that it does not need are left out."""

    def find_related(self, records: list[dict[str, Any]], wanted: tuple[Related, ...]) -> list[dict[str, Record]]:
        """Return, for each record, the records it refers to, by the field that refers; fill `by` where one matches.

        Raises FlowError when a file is absent or is not canonical JSON.
        """
        found = self._look_up(records, tuple(relation for relation in wanted if not relation.through))
        for relation in wanted:
            if relation.through:  # after the others: it starts from a record that was looked up
                holders = [dict(others.get(relation.through) or {}) for others in found]
                for others, more in zip(found, self._look_up(holders, (relation,)), strict=True):
                    others.update(more)
        return found

    def _look_up(self, records: list[dict[str, Any]], wanted: tuple[Related, ...]) -> list[dict[str, Record]]:
        if not wanted or not self.patterns:
            return [{} for _record in records]
        search = _Search.of(records, wanted)
        for line in self._iter_lines():
            search.add_line(line)
        return [self._minimise(search.find(record, wanted), wanted) for record in records]

    def _iter_lines(self) -> Iterator[bytes]:
        for pattern in self.patterns:
            paths = sorted(path for path in pattern.parent.glob(pattern.name) if path.is_file())
            if not paths:
                raise FlowError("settings.related.absent", pattern=pattern.name)
            for path in paths:
                try:
                    with path.open("rb") as stream:
                        yield from stream
                except OSError:
                    raise FlowError("settings.related.unreadable") from None

    def _minimise(self, found: dict[str, Record], wanted: tuple[Related, ...]) -> dict[str, Record]:
        fields = {relation.by: contracts.get(relation.contract).describe_fields() for relation in wanted}
        return {
            by: {
                name: value
                for name, value in record.items()
                if name in fields[by] and fields[by][name].serves(self.purpose)
            }
            for by, record in found.items()
        }


class _Search:
    """The references that one batch looks for, and the records found for them."""

    def __init__(self, refs: frozenset[bytes], matches: dict[Related, set[tuple[str, ...]]]) -> None:
        self._refs = refs
        self._matches = matches
        self._by_ref: dict[str, Record] = {}
        self._by_match: dict[tuple[Related, tuple[str, ...]], dict[str, Record]] = defaultdict(dict)

    @classmethod
    def of(cls, records: Iterable[Record], wanted: tuple[Related, ...]) -> _Search:
        refs: set[bytes] = set()
        matches: dict[Related, set[tuple[str, ...]]] = {relation: set() for relation in wanted if relation.match}
        for record in records:
            refs |= {str(record[relation.by]).encode() for relation in wanted if record.get(relation.by)}
            for relation, keys in matches.items():
                if not record.get(relation.by):
                    keys.add(_make_key(record, relation))
        return cls(frozenset(refs), matches)

    def add_line(self, line: bytes) -> None:
        """Keep the record of a line if it is wanted; the last line of a ref counts."""
        ref, parsed = _read_ref(line)
        # a ref is system:family:number, so that it says what kind of record the line holds
        matched = [
            relation
            for relation, keys in self._matches.items()
            if keys and f":{relation.contract.partition('/')[0]}:".encode() in ref
        ]
        if ref not in self._refs and not matched:
            return
        record = parsed or _parse_record(line)
        if ref in self._refs:
            self._by_ref[record["ref"]] = record
        for relation in matched:
            if (key := _make_key(record, relation)) in self._matches[relation]:
                self._by_match[relation, key][record["ref"]] = record

    def find(self, record: dict[str, Any], wanted: tuple[Related, ...]) -> dict[str, Record]:
        """Return the records that one record refers to; make it refer to the one that matches, if only one does."""
        for relation in self._matches:
            candidates = self._by_match.get((relation, _make_key(record, relation)), {})
            covering = [other for other in candidates.values() if _is_in_force(other, record, relation)]
            # several match: none is taken, for the wrong one would put a person's visit on another's account
            if not record.get(relation.by) and len(covering) == 1:
                record[relation.by] = covering[0]["ref"]
                self._by_ref[record[relation.by]] = covering[0]
        return {
            relation.by: self._by_ref[ref] for relation in wanted if (ref := record.get(relation.by)) in self._by_ref
        }


def _read_ref(line: bytes) -> tuple[bytes, Record | None]:
    """Return the ref of a line, and its record if that had to be parsed."""
    if line.startswith(_OPENING):
        return line[len(_OPENING) : line.find(b'"', len(_OPENING))], None
    record = _parse_record(line) if line.strip() else {}
    return str(record.get("ref", "")).encode(), record


def _parse_record(line: bytes) -> Record:
    """Parse a line. Raises FlowError when it is no record of canonical JSON."""
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise FlowError("settings.related.unreadable")
    return record


def _make_key(record: Record, relation: Related) -> tuple[str, ...]:
    return tuple(to_plain_text(record.get(name)) for name in relation.match)


def to_plain_text(value: Any) -> str:
    """Return a value as text to compare: of a coded one its code, else the supplier's word; empty for none."""
    if isinstance(value, dict):
        value = value.get("code") or value.get("original")
    return str(value or "")


def _is_in_force(other: Record, record: Record, relation: Related) -> bool:
    """Whether a record, such as a plan, covers the day of another; without a day there is nothing to ask."""
    day = next((str(record[name])[:10] for name in relation.during if record.get(name)), "")
    return not day or str(other.get("start_on") or "") <= day <= str(other.get("end_on") or "9999")
