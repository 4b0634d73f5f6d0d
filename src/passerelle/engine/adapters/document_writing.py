"""Writes records as documents: looks up, completes, turns them into cells by the connector's tables, groups them."""

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
from passerelle.engine.adapters.previewing import DeliveryPreview
from passerelle.engine.adapters.related_records import to_plain_text
from passerelle.extension.writing import Month, XmlShape
from passerelle.stages.decode.dialects import Json, Xml
from passerelle.stages.render import json_rendering, xml_rendering
from passerelle.stages.render.filling import VERSION, DocumentFacts, DocumentLine, Scope, is_unwritable
from passerelle.stages.render.shape import list_cells, list_needed_cells, list_stated_fields
from passerelle.stages.translate.rendering import iter_unmapped, render_record
from passerelle.stages.translate.sharing import list_converters
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from passerelle.engine.adapters.related_records import RelatedRecords
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
    related_records: RelatedRecords
    fill: Mapping[str, Any] = field(default_factory=dict)
    """What a field holds where the record has nothing for it."""

    @property
    def extension(self) -> str:
        """Ending of the file names."""
        return "xml" if isinstance(self.connector.dialect, Xml) else "json"

    def write(self, delivery: Delivery) -> RenderedDocuments:
        """Make the documents of a batch. Raises FlowError when the connector does not write this contract."""
        writing = self.find_writing(delivery.contract)
        prepared = self._prepare(delivery.frame.iter_rows(named=True), writing)
        documents = list(_iter_documents(prepared.lines, writing, _make_facts(delivery, writing)))
        return RenderedDocuments(documents, prepared.refused, partial(self._find_unmapped, prepared, writing))

    def make_requests(self, delivery: Delivery, send: Send) -> Requests:
        """Compose the requests that take a batch to the supplier's API. Raises FlowError as `write` does."""
        writing = self.find_writing(delivery.contract)
        prepared = self._prepare(_iter_versioned(delivery), writing)
        facts = _make_facts(delivery, writing)
        items: dict[tuple[str, ...], list[DocumentLine]] = {}
        for line in prepared.lines:
            key = tuple(to_plain_text(line.record.get(name)) for name in send.by) if send.by else (str(line.index),)
            items.setdefault(key, []).append(line)
        lots = [list(items.values())[start : start + send.lot] for start in range(0, len(items), send.lot)]
        requests = [_make_request(lot, writing, send, facts, delivery.remote_ids) for lot in lots]
        return Requests(requests, prepared.refused, partial(self._find_unmapped, prepared, writing))

    def preview(self, delivery: Delivery, *, for_api: bool) -> DeliveryPreview:
        """Return what documents, or requests, could not hold of a batch. Raises FlowError as `write` does."""
        writing = self.find_writing(delivery.contract)
        rows = _iter_versioned(delivery) if for_api else delivery.frame.iter_rows(named=True)
        prepared = self._prepare(rows, writing)
        return DeliveryPreview(prepared.refused, self._find_unmapped(prepared, writing))

    def find_writing(self, contract: str) -> Writing:
        """Return how a contract is written. Raises FlowError when the connector does not write it."""
        for writing in self.connector.writes:
            if writing.contract == contract:
                return writing
        raise FlowError("settings.layout.no_table", connector=self.connector.id, contract=contract)

    def _prepare(self, rows: Iterable[dict[str, Any]], writing: Writing) -> _PreparedLines:
        """Turn records into lines: filled, looked up and completed once, for all that is asked of them."""
        records = list(rows)
        matched = {relation.by for relation in writing.related if relation.match}
        # what the settings name is a key, as in the files beside
        fill = self.related_records.to_outside(self.fill, writing.contract)
        filled = [_fill(record, fill, matched) for record in records]
        related = self.related_records.find_related(records, writing.related)
        wanted = list_needed_cells(writing.shape)
        lines: list[DocumentLine] = []
        refused: dict[int, Answer] = {}
        for index, (record, others) in enumerate(zip(records, related, strict=True)):
            line = self._make_line(index, record, others, writing)
            if line is None:
                refused[index] = _FAILED
            elif (refusal := _find_refusal(line, wanted)) is not None:
                refused[index] = refusal
            else:
                lines.append(line)
        return _PreparedLines(records, filled, lines, refused)

    def _find_unmapped(self, prepared: _PreparedLines, writing: Writing) -> dict[int, tuple[str, ...]]:
        """Find, by index, the fields of values that the documents have no place for."""
        send = self.connector.send
        placed = list_cells(writing.shape) | ({send.own} if send and send.own else set())
        elsewhere = list_stated_fields(writing.shape)
        table = _drop_unplaced_fields(
            self._find_table(writing.contract, writing.member), self.connector.dialect, placed
        )
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
                "extra"
                for column, text in carried.items()
                if text and make_path(self.connector.dialect, table.member, column) not in placed
            ]
            if names:
                unmapped[line.index] = tuple(names)
        return unmapped

    def _make_line(
        self, index: int, record: dict[str, Any], others: Mapping[str, Mapping[str, Any]], writing: Writing
    ) -> DocumentLine | None:
        """Return a record as a line of a document; None when the plugin fails to complete it."""
        completed: Mapping[str, Any] = record
        if writing.complete is not None:
            try:
                completed = {**record, **writing.complete(record, others)}
            except (Exception, SystemExit):  # noqa: BLE001  whatever a plugin raises costs one record
                return None
        cells = self._render_cells(completed, writing.contract, writing.member)
        for relation in writing.related:
            if relation.member and relation.by in others:  # what the record itself says goes first
                cells = self._render_cells(others[relation.by], relation.contract, relation.member) | cells
        return DocumentLine(cells, completed, index)

    def _render_cells(self, record: Mapping[str, Any], contract: str, member: str) -> dict[str, str]:
        table = self._find_table(contract, member)
        texts = render_record(record, table, supplier=self.supplier.id)
        dialect = self.connector.dialect
        return {make_path(dialect, table.member, column): text for column, text in texts.items() if text}

    def _find_table(self, contract: str, member: str) -> Table:
        for table in self.connector.tables:
            if table.contract == contract and (not member or table.member == member):
                return table
        raise FlowError("settings.layout.no_table", connector=self.connector.id, contract=contract)


def _fill(record: dict[str, Any], fill: Mapping[str, Any], matched: Iterable[str]) -> frozenset[str]:
    """Fill what is empty as the flow says; return the empty fields that something else than the record may fill."""
    empty = frozenset(name for name in (*fill, *matched) if record.get(name) is None)
    record.update((name, fill[name]) for name in fill if name in empty)
    return empty


def make_path(dialect: Dialect, member: str, column: str) -> str:
    """Return the path of a member's column from the root of the document, as shapes name it."""
    if isinstance(dialect, Xml):
        rows = next((path for path, name in dialect.rows.items() if name == member), "")
        steps = [] if column == "." else column.split("/")
        path: list[str] = []
        for step in [*rows.strip("/").split("/"), *steps]:
            if step == "..":
                path.pop()
            else:
                path.append(step)
        return "/" + "/".join(path)
    if isinstance(dialect, Json) and not column.startswith("../"):
        items = next((path for path, name in dialect.lists.items() if name == member), "")
        return f"{items}.{column}" if items else column
    return column.removeprefix("../")


def _drop_unplaced_fields(table: Table, dialect: Dialect, placed: frozenset[str]) -> Table:
    """Return a table without the fields that no cell of the document shows."""

    def is_placed(name: str) -> bool:
        columns = [column for converter in list_converters(table.fields[name]) for column in converter.columns]
        return not columns or any(make_path(dialect, table.member, column) in placed for column in columns)

    return replace(table, fields={name: entry for name, entry in table.fields.items() if is_placed(name)})


def _find_refusal(line: DocumentLine, wanted: Iterable[str]) -> Answer | None:
    """Return the answer for a record that has no place in a document, None for one that has."""
    if is_unwritable(line.cells):
        return _UNWRITABLE
    for path in wanted:
        if not line.cells.get(path):
            return Answer(Fate.REFUSED, "deliver.document.incomplete", {"element": path})
    return None


def _iter_documents(lines: list[DocumentLine], writing: Writing, facts: DocumentFacts) -> Iterator[RenderedDocument]:
    """Yield the documents of a batch, one for each value of what `per` shares, in the order of these values."""
    groups: dict[tuple[str, ...], list[DocumentLine]] = {}
    for line in lines:
        key = tuple(
            part.of(line.record) if isinstance(part, Month) else to_plain_text(line.record.get(part))
            for part in writing.per
        )
        groups.setdefault(key, []).append(line)
    for key in sorted(groups):
        part = _name_part(key, writing)
        own = DocumentFacts(facts.issued_at, f"{facts.batch}-{part}" if part else facts.batch)
        rows = tuple(line.index for line in groups[key])
        yield RenderedDocument(part, _render_document(writing, Scope(groups[key], own)), rows)


def _render_document(writing: Writing, scope: Scope) -> Iterator[bytes]:
    shape = writing.shape
    return (
        xml_rendering.write_document(shape, scope)
        if isinstance(shape, XmlShape)
        else json_rendering.write_document(shape, scope)
    )


def _make_request(
    lot: list[list[DocumentLine]], writing: Writing, send: Send, facts: DocumentFacts, remote_ids: Sequence[str]
) -> Request:
    scope = Scope([line for item in lot for line in item], facts)
    own = _find_own_id(scope, send, remote_ids)
    return Request(
        tuple(tuple(line.index for line in item) for item in lot),
        b"".join(_render_document(writing, scope)),
        send.own_method if own else send.method,
        send.own_path.replace("{id}", quote(own, safe="")) if own else send.path,
        one=bool(own),
    )


def _find_own_id(scope: Scope, send: Send, remote_ids: Sequence[str]) -> str:
    """Return the supplier's own id of a record: the one it holds, else the one that the supplier assigned before."""
    if not send.own:
        return ""
    first = scope.lines[0]
    stated = scope.get_cell(send.own)
    if stated and stated != first.record.get("ref"):  # a reference of another system is written whole
        return stated
    return remote_ids[first.index] if remote_ids and first.record[VERSION] > 1 else ""


def _name_part(key: tuple[str, ...], writing: Writing) -> str:
    """Return a name made of months as they are and a digest of all else: nothing a supplier wrote becomes a path."""
    if not key:
        return ""
    months = [text for text, part in zip(key, writing.per, strict=True) if isinstance(part, Month) and text]
    digest = hashlib.blake2b("\0".join(key).encode(), digest_size=4).hexdigest()
    return "-".join([*months, digest])


def _make_facts(delivery: Delivery, writing: Writing) -> DocumentFacts:
    received = datetime.fromisoformat(delivery.frame.get_column("source")[0]["received_at"])
    batch = f"{shorten_key(delivery.batch.parcel)}-{delivery.batch.number:05d}"
    return DocumentFacts(received.astimezone(ZoneInfo(writing.zone)), batch)


def _iter_versioned(delivery: Delivery) -> Iterator[dict[str, Any]]:
    """Yield the records with their versions: an API may ask other things of a record that it has aldelivery."""
    for row, version in zip(delivery.frame.iter_rows(named=True), delivery.versions, strict=True):
        yield row | {VERSION: version}
