"""The way back through documents: records written as XML or JSON, and what is read again from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.fact import Purpose
from passerelle.engine.register import Register
from passerelle.engine.writing import Writer
from passerelle.testing.samples import take
from passerelle.vocabulary.parcels import ROW, BatchKey, Ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.extension.writing import Related

Body = dict[str, Any]
_RECEIVED = "2024-12-31T07:30:00+00:00"
"""When the parcel came in, as far as these documents know."""


@dataclass(frozen=True, slots=True)
class _Among(Register):
    """A register of records that are at hand."""

    bodies: Mapping[str, Body]

    def _found(self, records: list[Body], wanted: tuple[Related, ...]) -> list[dict[str, Mapping[str, Any]]]:
        return [
            {one.by: self.bodies[ref] for one in wanted if (ref := str(record.get(one.by))) in self.bodies}
            for record in records
        ]


def documents(
    by_contract: Mapping[str, Sequence[Body]], supplier: Supplier, connector: Connector
) -> Iterator[tuple[str, bytes]]:
    """Write the records of every contract that the connector writes: each document, with its contract."""
    at_hand = {body["ref"]: body for bodies in by_contract.values() for body in bodies}
    writer = Writer(supplier, connector, _Among((), Purpose.PORTABILITY, at_hand))
    for writing in connector.writes:
        if bodies := by_contract.get(writing.contract):
            for document in writer.write(_ready(bodies, writing.contract)).documents:
                yield writing.contract, b"".join(document.content)


def read_again(
    by_contract: Mapping[str, Sequence[Body]], supplier: Supplier, connector: Connector
) -> dict[tuple[str, str], Body]:
    """Write records as documents and read these: what comes, by contract and reference."""
    back: dict[tuple[str, str], Body] = {}
    for _contract, content in documents(by_contract, supplier, connector):
        for line in take(content, supplier, connector).records:
            back[line["contract"], line["record"]["ref"]] = line["record"]
    return back


def _ready(bodies: Sequence[Body], contract: str) -> Ready:
    lines = [json.dumps(body, ensure_ascii=False, separators=(",", ":")) for body in bodies]
    frame = canonical.parse(lines, contracts.get(contract)).with_columns(
        pl.Series("source", [{"received_at": _RECEIVED}] * len(bodies)),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW),
    )
    blank = ("",) * len(bodies)
    return Ready(
        "", contract, BatchKey("0" * 64, 0), frame, [line.encode() for line in lines], blank, (1,) * len(bodies)
    )
