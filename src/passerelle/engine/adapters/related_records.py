"""Files of records in contract form, in which a document looks up the records that its own refer to."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.release import OPEN, PSEUDONYM
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.stages.gate.subjects import find_subject_fields
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.handle_texts import is_handle_text
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from passerelle.contracts.contract import Contract
    from passerelle.engine.records.handles import Handles
    from passerelle.extension.writing import Related

    Record = Mapping[str, Any]
    FindRefused = Callable[[pl.DataFrame, type[Contract]], Collection[int]]
    ToOutside = Callable[[Record, str], Record]

_OPENING = b'{"ref":"'
"""How canonical JSON begins: the ref of a line is found without parsing it, and most lines are not wanted."""
_AT_ONCE = 10_000
"""Lines whose references become handles together."""


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """Files of canonical JSON, one record a line; the last line of a reference counts. Read anew for each batch."""

    patterns: tuple[Path, ...]
    """Whole paths; the last step may be a pattern."""
    purpose: Purpose
    """Fields that it does not need are left out."""
    handles: Handles | None = None
    """Makes what stands outside for references: the files may hold keys, the records to deliver do not."""
    release: ReleasePolicy | None = None
    """What of their fields may go; None: what counts for a flow of this purpose that declares nothing."""
    find_refused: FindRefused = lambda _frame, _contract: frozenset()
    """Finds the rows that somebody in them withholds; the frame has the fields that name somebody, as lists."""

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
        search = _Search.of(records, wanted, self.to_outside)
        lines = self._iter_lines()
        while some := list(islice(lines, _AT_ONCE)):
            search.add_lines(some, self._replace_refs)
        found = [search.find(record, wanted) for record in records]
        refused = frozenset[str]().union(
            *(
                self._find_refused(search.list_found(contract), contract)
                for contract in {one.contract for one in wanted}
            )
        )
        return [
            self._minimise({by: other for by, other in others.items() if other["ref"] not in refused}, wanted)
            for others in found
        ]

    def _find_refused(self, records: Mapping[str, Record], contract: str) -> Iterator[str]:
        """Yield the references, as they leave, of the records that somebody in them withholds."""
        # Answers go by keys. What holds handles was written by a flow to this recipient, and passed its gate.
        keyed = {ref: one for ref, one in records.items() if not is_handle_text(str(one["ref"]).rpartition(":")[2])}
        names = find_subject_fields(contracts.get(contract)).all
        if not keyed or not names:
            return
        rows = [[_list_refs(record.get(name)) for name in names] for record in keyed.values()]
        frame = pl.DataFrame(rows, dict.fromkeys(names, pl.List(pl.String)), orient="row")
        refused = self.find_refused(frame, contracts.get(contract))
        yield from (ref for index, ref in enumerate(keyed) if index in refused)

    def to_outside(self, record: Record, contract: str) -> Record:
        """Return a record as it leaves: with handles for the keys in it."""
        return record if self.handles is None else self.handles.replace_in_record(record, contract)

    def _replace_refs(self, refs: list[bytes]) -> list[bytes]:
        """Return references of lines as they leave; those that are handles already stay."""
        if self.handles is None or self.purpose is Purpose.PORTABILITY:
            return refs
        texts = [ref.decode("utf-8", "replace") for ref in refs]
        keys = pl.Series([None if is_handle_text(text.rpartition(":")[2]) else text for text in texts], dtype=pl.String)
        outside = self.handles.replace_refs(keys).to_list()
        return [ref if new is None else new.encode() for ref, new in zip(refs, outside, strict=True)]

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
        # Traces stay, consulted or not: nobody asks the professional of a record beside whether they object.
        policy = replace(self.release or ReleasePolicy.of_purpose(self.purpose), is_consulted=False)
        fields = {relation.by: policy.find_releases(contracts.get(relation.contract)) for relation in wanted}
        return {
            by: {
                name: value
                for name, value in record.items()
                # figures go in groups, and a record beside a record is none
                if name in fields[by] and fields[by][name] in (OPEN, PSEUDONYM)
            }
            for by, record in found.items()
        }


class _Search:
    """The references that one batch looks for, and the records found for them, all as they leave."""

    def __init__(
        self, refs: frozenset[bytes], matches: dict[Related, set[tuple[str, ...]]], to_outside: ToOutside
    ) -> None:
        self._refs = refs
        self._matches = matches
        self._to_outside = to_outside
        self._by_ref: dict[str, Record] = {}
        self._by_match: dict[tuple[Related, tuple[str, ...]], dict[str, Record]] = defaultdict(dict)

    @classmethod
    def of(cls, records: Iterable[Record], wanted: tuple[Related, ...], to_outside: ToOutside) -> _Search:
        refs: set[bytes] = set()
        matches: dict[Related, set[tuple[str, ...]]] = {relation: set() for relation in wanted if relation.match}
        for record in records:
            refs |= {str(record[relation.by]).encode() for relation in wanted if record.get(relation.by)}
            for relation, keys in matches.items():
                if not record.get(relation.by):
                    keys.add(_make_key(record, relation))
        return cls(frozenset(refs), matches, to_outside)

    def add_lines(self, lines: list[bytes], replace_refs: Callable[[list[bytes]], list[bytes]]) -> None:
        """Keep the records of lines that are wanted; the last line of a ref counts."""
        read = [_read_ref(line) for line in lines]
        outside = replace_refs([ref for ref, _parsed in read])
        for line, (_ref, parsed), ref in zip(lines, read, outside, strict=True):
            self._add_line(line, ref, parsed)

    def _add_line(self, line: bytes, ref: bytes, parsed: Record | None) -> None:
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
            self._by_ref[ref.decode("utf-8", "replace")] = record
        for relation in matched:
            left = self._to_outside(record, relation.contract)
            if (key := _make_key(left, relation)) in self._matches[relation]:
                self._by_match[relation, key][left["ref"]] = record

    def list_found(self, contract: str) -> dict[str, Record]:
        """Return the records of a contract as their files hold them, by the reference under which they leave."""
        family = f":{contract.partition('/')[0]}:"
        return {ref: record for ref, record in self._by_ref.items() if family in ref}

    def find(self, record: dict[str, Any], wanted: tuple[Related, ...]) -> dict[str, Record]:
        """Return the records that one record refers to; make it refer to the one that matches, if only one does."""
        for relation in self._matches:
            candidates = self._by_match.get((relation, _make_key(record, relation)), {})
            covering = [ref for ref, other in candidates.items() if _is_in_force(other, record, relation)]
            # several match: none is taken, for the wrong one would put a person's visit on another's account
            if not record.get(relation.by) and len(covering) == 1:
                record[relation.by] = covering[0]
                self._by_ref[covering[0]] = candidates[covering[0]]
        return {
            relation.by: self._to_outside(self._by_ref[ref], relation.contract)
            for relation in wanted
            if (ref := record.get(relation.by)) in self._by_ref
        }


def _list_refs(value: Any) -> list[str] | None:
    refs = [ref for ref in (value if isinstance(value, list) else [value]) if isinstance(ref, str)]
    return refs or None


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
