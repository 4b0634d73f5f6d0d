"""Records become documents: looked up, completed, turned into cells by the connector's tables, grouped and written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from passerelle.edges.destinations.composed import Request, Requests
from passerelle.edges.destinations.documents import RenderedDocument, RenderedDocuments
from passerelle.engine.previewing import DeliveryPreview
from passerelle.extension.writing import Month, XmlShape
from passerelle.stages.decode.dialects import Json, Xml
from passerelle.stages.render import json_rendering, xml_rendering
from passerelle.stages.render.filling import VERSION, DocumentFacts, DocumentLine, Scope, is_unwritable
from passerelle.stages.render.shape import list_cells, list_needed_cells, list_stated_fields
from passerelle.stages.translate.rendering import iter_unmapped, render_record
from passerelle.stages.translate.sharing import list_converters
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Answer, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from passerelle.engine.related_records import RelatedRecords
    from passerelle.extension.supplier import Connector, Send, Supplier
    from passerelle.extension.writing import Writing
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.stages.translate.table import Table
    from passerelle.vocabulary.parcels import Delivery

_FAILED = Answer(Fate.REFUSED, "translate.plugin.failed")
_UNWRITABLE = Answer(Fate.REFUSED, "deliver.text.unencodable", {"encoding": "UTF-8"})


@dataclass(frozen=True, slots=True)
class _PreparedLines:
    """The records of a batch, by their index, as lines of documents; those that have no place in any are refused."""

    records: list[dict[str, Any]]
    """Filled and looked up, before the plugin completes them."""
    filled: list[frozenset[str]]
    """Fields that hold something only because the flow's settings or a record beside say so."""
    lines: list[DocumentLine]
    refused: dict[int, Answer]


@dataclass(frozen=True)
class Writer:
    """Writes records as the documents of one connector. The same batch always gives the same bytes."""

    supplier: Supplier
    connector: Connector
    register: RelatedRecords
    fill: Mapping[str, Any] = field(default_factory=dict)
    """What a field holds where the record has nothing for it."""

    @property
    def extension(self) -> str:
        """Ending of the file names."""
        return "xml" if isinstance(self.connector.dialect, Xml) else "json"

    def write(self, ready: Delivery) -> RenderedDocuments:
        """Make the documents of a batch. Raises FlowError when the connector does not write this contract."""
        writing = self.writing(ready.contract)
        prepared = self._prepare(ready.frame.iter_rows(named=True), writing)
        documents = list(_documents(prepared.lines, writing, _make_facts(ready, writing)))
        return RenderedDocuments(documents, prepared.refused, partial(self._find_unmapped, prepared, writing))

    def requests(self, ready: Delivery, send: Send) -> Requests:
        """Compose the requests that take a batch to the supplier's API. Raises FlowError as `write` does."""
        writing = self.writing(ready.contract)
        prepared = self._prepare(_iter_versioned(ready), writing)
        facts = _make_facts(ready, writing)
        items: dict[tuple[str, ...], list[DocumentLine]] = {}
        for line in prepared.lines:
            key = tuple(_text(line.record.get(name)) for name in send.by) if send.by else (str(line.index),)
            items.setdefault(key, []).append(line)
        lots = [list(items.values())[start : start + send.lot] for start in range(0, len(items), send.lot)]
        requests = [_request(lot, writing, send, facts, ready.remote_ids) for lot in lots]
        return Requests(requests, prepared.refused, partial(self._find_unmapped, prepared, writing))

    def preview(self, delivery: Delivery, *, for_api: bool) -> DeliveryPreview:
        """Tell what documents, or requests, could not hold of a batch. Raises FlowError as `write` does."""
        writing = self.writing(delivery.contract)
        rows = _iter_versioned(delivery) if for_api else delivery.frame.iter_rows(named=True)
        prepared = self._prepare(rows, writing)
        return DeliveryPreview(prepared.refused, self._find_unmapped(prepared, writing))

    def writing(self, contract: str) -> Writing:
        """Find how a contract is written. Raises FlowError."""
        for one in self.connector.writes:
            if one.contract == contract:
                return one
        raise FlowError("settings.layout.no_table", connector=self.connector.id, contract=contract)

    def _prepare(self, rows: Iterable[dict[str, Any]], writing: Writing) -> _PreparedLines:
        """Turn records into lines: filled, looked up and completed once, for all that is asked of them."""
        records = list(rows)
        matched = {one.by for one in writing.related if one.match}
        filled = [self._fill(record, matched) for record in records]
        related = self.register.find_related(records, writing.related)
        wanted = list_needed_cells(writing.shape)
        lines: list[DocumentLine] = []
        refused: dict[int, Answer] = {}
        for index, (record, others) in enumerate(zip(records, related, strict=True)):
            line = self._line(index, record, others, writing)
            answer = _FAILED if line is None else _judged(line, wanted)
            if answer is not None or line is None:
                refused[index] = answer or _FAILED
            else:
                lines.append(line)
        return _PreparedLines(records, filled, lines, refused)

    def _fill(self, record: dict[str, Any], matched: Iterable[str]) -> frozenset[str]:
        """Fill what is empty as the flow says; return the empty fields that something else than the record may fill."""
        empty = frozenset(name for name in (*self.fill, *matched) if record.get(name) is None)
        record.update((name, self.fill[name]) for name in self.fill if name in empty)
        return empty

    def _find_unmapped(self, prepared: _PreparedLines, writing: Writing) -> dict[int, tuple[str, ...]]:
        """Find, by index, the fields of values that the documents have no place for."""
        send = self.connector.send
        there = list_cells(writing.shape) | ({send.own} if send and send.own else set())
        elsewhere = list_stated_fields(writing.shape)
        table = _placed(self._table(writing.contract, writing.member), self.connector.dialect, there)
        unmapped: dict[int, tuple[str, ...]] = {}
        for line in prepared.lines:
            record, filled, completed = prepared.records[line.index], prepared.filled[line.index], line.record
            looked_up = filled - self.fill.keys()  # the record itself said nothing there, and loses nothing
            names = [
                name
                for name in iter_unmapped(completed, table, supplier=self.supplier.id)
                if name not in elsewhere and name not in looked_up
            ]
            names += [
                name
                for name, value in record.items()
                if value is not None and name not in filled and completed.get(name) is None
            ]
            carried = (completed.get("extra") or {}).get(self.supplier.id) or {}
            names += [
                "extra" for column, text in carried.items() if text and self._path(table.member, column) not in there
            ]
            if names:
                unmapped[line.index] = tuple(names)
        return unmapped

    def _line(
        self, index: int, record: dict[str, Any], others: Mapping[str, Mapping[str, Any]], writing: Writing
    ) -> DocumentLine | None:
        completed = _completed(record, others, writing)
        if completed is None:
            return None
        found = self._cells(completed, writing.contract, writing.member)
        for one in writing.related:
            if one.member and one.by in others:  # what the record itself says of it goes first
                found = self._cells(others[one.by], one.contract, one.member) | found
        return DocumentLine(found, completed, index)

    def _cells(self, record: Mapping[str, Any], contract: str, member: str) -> dict[str, str]:
        table = self._table(contract, member)
        made = render_record(record, table, supplier=self.supplier.id)
        return {self._path(table.member, column): text for column, text in made.items() if text}

    def _table(self, contract: str, member: str) -> Table:
        for table in self.connector.tables:
            if table.contract == contract and (not member or table.member == member):
                return table
        raise FlowError("settings.layout.no_table", connector=self.connector.id, contract=contract)

    def _path(self, member: str, column: str) -> str:
        return whole_path(self.connector.dialect, member, column)


def _completed(
    record: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]], writing: Writing
) -> Mapping[str, Any] | None:
    """Let the plugin derive what it can; None when it fails."""
    if writing.complete is None:
        return record
    try:
        return {**record, **writing.complete(record, others)}
    except Exception:  # noqa: BLE001  whatever a plugin raises costs one record, and its text may hold values
        return None


def whole_path(dialect: Dialect, member: str, column: str) -> str:
    """Name a column of a member by its path from the root of the document, as shapes do."""
    if isinstance(dialect, Xml):
        rows = next((path for path, name in dialect.rows.items() if name == member), "")
        steps = [] if column == "." else column.split("/")
        return "/" + "/".join(_climbed([*rows.strip("/").split("/"), *steps]))
    if isinstance(dialect, Json) and not column.startswith("../"):
        path = next((path for path, name in dialect.lists.items() if name == member), "")
        return f"{path}.{column}" if path else column
    return column.removeprefix("../")


def _climbed(steps: Iterable[str]) -> list[str]:
    path: list[str] = []
    for step in steps:
        if step == "..":
            path.pop()
        else:
            path.append(step)
    return path


def _placed(table: Table, dialect: Dialect, there: frozenset[str]) -> Table:
    """Leave out of a table the fields that no cell of the document shows."""

    def shown(name: str) -> bool:
        columns = [column for one in list_converters(table.fields[name]) for column in one.columns]
        return not columns or any(whole_path(dialect, table.member, column) in there for column in columns)

    return replace(table, fields={name: entry for name, entry in table.fields.items() if shown(name)})


def _judged(line: DocumentLine, wanted: Iterable[str]) -> Answer | None:
    """Say why a record has no place in the document, if it has none."""
    if is_unwritable(line.cells):
        return _UNWRITABLE
    for path in wanted:
        if not line.cells.get(path):
            return Answer(Fate.REFUSED, "deliver.document.incomplete", {"element": path})
    return None


def _documents(lines: list[DocumentLine], writing: Writing, facts: DocumentFacts) -> Iterator[RenderedDocument]:
    """Cut into documents, in the order of what their records share."""
    groups: dict[tuple[str, ...], list[DocumentLine]] = {}
    for line in lines:
        groups.setdefault(tuple(_shared(line, part) for part in writing.per), []).append(line)
    for key in sorted(groups):
        part = _part(key, writing)
        own = DocumentFacts(facts.issued_at, f"{facts.batch}-{part}" if part else facts.batch)
        rows = tuple(line.index for line in groups[key])
        yield RenderedDocument(part, _written(writing, Scope(groups[key], own)), rows)


def _written(writing: Writing, scope: Scope) -> Iterator[bytes]:
    shape = writing.shape
    return (
        xml_rendering.write_document(shape, scope)
        if isinstance(shape, XmlShape)
        else json_rendering.write_document(shape, scope)
    )


def _request(
    lot: list[list[DocumentLine]], writing: Writing, send: Send, facts: DocumentFacts, remote_ids: Sequence[str]
) -> Request:
    scope = Scope([line for item in lot for line in item], facts)
    own = _own(scope, send, remote_ids)
    return Request(
        tuple(tuple(line.index for line in item) for item in lot),
        b"".join(_written(writing, scope)),
        send.own_method if own else send.method,
        send.own_path.replace("{id}", quote(own, safe="")) if own else send.path,
        one=bool(own),
    )


def _own(scope: Scope, send: Send, remote_ids: Sequence[str]) -> str:
    """Give the supplier's own id of a record: the one it holds, else the one that the supplier gave it before."""
    if not send.own:
        return ""
    first = scope.lines[0]
    told_by_record = scope.get_cell(send.own)
    if told_by_record and told_by_record != first.record.get("ref"):  # a reference of another system is written whole
        return told_by_record
    return remote_ids[first.index] if remote_ids and first.record[VERSION] > 1 else ""


def _shared(line: DocumentLine, part: str | Month) -> str:
    return part.of(line.record) if isinstance(part, Month) else _text(line.record.get(part))


def _text(value: Any) -> str:
    return str(value.get("code") or value.get("original") or "") if isinstance(value, dict) else str(value or "")


def _part(key: tuple[str, ...], writing: Writing) -> str:
    """Name a document by months as they are and a digest of all else: nothing that a supplier wrote becomes a path."""
    if not key:
        return ""
    months = [text for text, part in zip(key, writing.per, strict=True) if isinstance(part, Month) and text]
    digest = hashlib.blake2b("\0".join(key).encode(), digest_size=4).hexdigest()
    return "-".join([*months, digest])


def _make_facts(delivery: Delivery, writing: Writing) -> DocumentFacts:
    received = datetime.fromisoformat(delivery.frame.get_column("source")[0]["received_at"])
    batch = f"{delivery.batch.parcel[:12]}-{delivery.batch.number:05d}"
    return DocumentFacts(received.astimezone(ZoneInfo(writing.zone)), batch)


def _iter_versioned(delivery: Delivery) -> Iterator[dict[str, Any]]:
    """Yield the records with their versions: an API may ask other things of a record that it has already."""
    for row, version in zip(delivery.frame.iter_rows(named=True), delivery.versions, strict=True):
        yield row | {VERSION: version}
