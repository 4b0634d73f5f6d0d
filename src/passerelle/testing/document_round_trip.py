"""Write records as documents or requests, and read them again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.stages.decode.dialects import Json
from passerelle.testing.samples import take
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.edges.destinations.composed import Request
    from passerelle.extension.supplier import Connector, Send, Supplier
    from passerelle.extension.writing import Related

Body = dict[str, Any]
_RECEIVED = "2024-12-31T07:30:00+00:00"
"""When the parcel came in, as far as these documents know."""


@dataclass(frozen=True, slots=True)
class _RecordsAtHand(RelatedRecords):
    """A register of records that are at hand."""

    bodies: Mapping[str, Body] = field(default_factory=dict)

    def _look_up(self, records: list[Body], wanted: tuple[Related, ...]) -> list[dict[str, Mapping[str, Any]]]:
        return [
            {one.by: self.bodies[ref] for one in wanted if (ref := str(record.get(one.by))) in self.bodies}
            for record in records
        ]


def write_documents(
    by_contract: Mapping[str, Sequence[Body]], supplier: Supplier, connector: Connector
) -> Iterator[tuple[str, bytes]]:
    """Write the records of every contract that the connector writes: each document, with its contract."""
    writer = _make_writer(by_contract, supplier, connector)
    for writing in connector.writes:
        if bodies := by_contract.get(writing.contract):
            for document in writer.write(make_delivery(bodies, writing.contract)).documents:
                yield writing.contract, b"".join(document.content)


def read_back(
    by_contract: Mapping[str, Sequence[Body]], supplier: Supplier, connector: Connector
) -> dict[tuple[str, str], Body]:
    """Write records as documents, or as the requests of one record each, and read these.

    Gives what comes, by contract and reference.
    """
    send = connector.send
    if send and connector.writes and send.lot == 1 and not send.by and isinstance(connector.dialect, Json):
        pages: Iterator[bytes] = _iter_pages(_make_writer(by_contract, supplier, connector), by_contract, send)
    else:
        pages = (content for _contract, content in write_documents(by_contract, supplier, connector))
    back: dict[tuple[str, str], Body] = {}
    for content in pages:
        for line in take(content, supplier, connector).records:
            back[line["contract"], line["record"]["ref"]] = line["record"]
    return back


def _make_writer(by_contract: Mapping[str, Sequence[Body]], supplier: Supplier, connector: Connector) -> Writer:
    at_hand = {body["ref"]: body for bodies in by_contract.values() for body in bodies}
    return Writer(supplier, connector, _RecordsAtHand((), Purpose.PORTABILITY, bodies=at_hand))


def _iter_pages(writer: Writer, by_contract: Mapping[str, Sequence[Body]], send: Send) -> Iterator[bytes]:
    """Return each request as the page of a list that the API would answer with."""
    lists = writer.connector.dialect.lists if isinstance(writer.connector.dialect, Json) else {}
    place = next(iter(lists), "")
    for writing in writer.connector.writes:
        if bodies := by_contract.get(writing.contract):
            for request in writer.make_requests(make_delivery(bodies, writing.contract), send).requests:
                yield json.dumps(nest(place, [_restore_id(request, send, place)])).encode()


def _restore_id(request: Request, send: Send, place: str) -> Body:
    """Return the record of a request's body, with the supplier's own id where only the path holds it."""
    body: Body = json.loads(request.body)
    before, _id, after = send.own_path.partition("{id}")
    if not request.one:
        return body
    own = unquote(request.path.removeprefix(before).removesuffix(after))
    column = send.own.removeprefix(f"{place}.") if place else send.own
    return {**nest(column, own), **body}


def nest(path: str, value: Any) -> Any:
    """Put a value at a dotted path, in which a number is a place in a list."""
    for step in reversed(path.split(".") if path else ()):
        value = [value] if step.isdecimal() else {step: value}
    return value


def make_delivery(bodies: Sequence[Body], contract: str) -> Delivery:
    """Make a batch of records that the other side never had."""
    lines = [json.dumps(body, ensure_ascii=False, separators=(",", ":")) for body in bodies]
    frame = canonical.parse(lines, contracts.get(contract)).with_columns(
        pl.Series("source", [{"received_at": _RECEIVED}] * len(bodies)),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW),
    )
    encoded = [line.encode() for line in lines]
    keys = [sha256(line).hexdigest() for line in encoded]
    return Delivery("conformance", contract, BatchKey("0" * 64, 0), frame, encoded, keys, [1] * len(bodies))
