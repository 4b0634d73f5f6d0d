"""What the new side is expected to hold of a record: the record as decided, written its way and read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.field_types import list_columns
from passerelle.engine.adapters.document_writing import Writer
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.pipeline import PreparedBatch, prepare_batch
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.rendering import render
from passerelle.switching.decisions import Decisions
from passerelle.switching.snapshot import arrange_columns
from passerelle.vocabulary.parcels import BatchKey, DecodedBatch, Delivery, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.switching.side import ExportReader, Side, SideExport

_NOWHERE = BatchKey("0" * 64, 0)
_AT_ONCE = 4_000
"""Rows that are written as documents and read back together."""
_ONCE = "2000-01-01T00:00:00+00:00"
"""The moment of reception of simulated records: nothing that is compared depends on it."""


@dataclass(frozen=True, slots=True)
class SimulatedRows:
    """Records as the new side is expected to return them, row by row; `taken` marks the rows it can take."""

    frame: pl.DataFrame
    taken: pl.Series


@dataclass(slots=True)
class SimulatedTarget:
    """Simulates what the new side will hold of the old side's records."""

    target: Side
    decisions: Decisions = field(default_factory=Decisions)
    _plans: dict[str, TranslationPlan] = field(default_factory=dict)

    def has_contract(self, contract: str) -> bool:
        """Whether the new side takes records of a contract."""
        return bool(self.target.list_exports(contract))

    def simulate(self, frame: pl.DataFrame, contract: str) -> SimulatedRows:
        """Return a snapshot's rows as the new side will hold them (canonical columns, `extra` as text).

        Rows it refuses stay as they are.
        """
        frame = self.decisions.apply(frame, contract)
        holding = self.target.list_exports(contract)
        if not holding:
            return SimulatedRows(frame, pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True))
        export, reading = holding[0], holding[0].connector_reader
        tables = export.list_tables(contract)
        # Files in contract form hold whatever a contract can: nothing has to be simulated.
        if reading is None or not tables:
            return SimulatedRows(frame, pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True))
        if contract not in self._plans:
            self._plans[contract] = compile_plan(
                tuple(tables),
                supplier=reading.supplier.id,
                nulls=reading.connector.nulls,
                nothing=reading.connector.nothing,
            )
        policy = FlowPolicy(plan=self._plans[contract], purpose=Purpose.PORTABILITY)
        return _merge_rows(frame, list(_write_and_reread(frame, contract, export, policy)))


def _write_and_reread(
    frame: pl.DataFrame, contract: str, export: SideExport, policy: FlowPolicy
) -> Iterator[pl.DataFrame]:
    """Write rows as the destination does and read them back: frames with `ROW`, the row that each was written from."""
    reader = export.connector_reader
    if reader is None:
        return
    own = [name for name in list_columns(contracts.get(contract)) if name in frame.columns and name != "extra"]
    # Additions of the new software's own supplier are there only when both sides have the same one.
    extra = frame.get_column("extra")
    if extra.str.contains(f'"{reader.supplier.id}":{{', literal=True).any():
        extra = extra.str.json_decode(infer_schema_length=None)
    else:
        extra = pl.Series("extra", [None] * frame.height, pl.Null)
    plain = frame.select(own).with_columns(extra)
    if any(writing.contract == contract for writing in reader.connector.writes):
        yield from _reread_documents(plain, reader, RelatedRecords(export.related, Purpose.PORTABILITY), policy)
        return
    table = export.list_tables(contract)[0]
    rows = render(plain, table, supplier=reader.supplier.id)
    lines = pl.Series("line", range(1, rows.height + 1), dtype=pl.UInt32)
    decoded = DecodedBatch(0, TextTable(table.member, rows, lines))
    yield from _select_rows(prepare_batch(decoded, policy), contract)


def _reread_documents(
    frame: pl.DataFrame, reading: ExportReader, register: RelatedRecords, policy: FlowPolicy
) -> Iterator[pl.DataFrame]:
    """Write rows as documents and read these back, some at a time: a document is many times as large as its rows."""
    contract = policy.plan.tables[0].table.contract
    members = {entry.table.member for entry in policy.plan.tables}
    writer = Writer(reading.supplier, reading.connector, register)
    received = pl.struct(pl.lit(_ONCE).alias("received_at")).alias("source")
    for start in range(0, frame.height, _AT_ONCE):
        some = frame.slice(start, _AT_ONCE).with_columns(received)
        count = some.height
        ready = Delivery("", contract, _NOWHERE, some, [b""] * count, [""] * count, [1] * count)
        for document in writer.write(ready).documents:
            rows = pl.Series(document.rows, dtype=pl.UInt32) + start
            content = BytesIO(b"".join(document.content))
            for batch in prepare_batches(content, reading.connector.dialect, policy, members=members):
                for back in _select_rows(batch, contract):
                    nth = batch.decoded.table.lines.gather(back.get_column(ROW)) - 1
                    yield back.with_columns(rows.gather(nth).cast(pl.UInt32).alias(ROW))


def _select_rows(batch: PreparedBatch, contract: str) -> Iterator[pl.DataFrame]:
    for records in batch.records:
        if records.contract == contract and records.frame.height:
            yield records.frame.select(ROW).hstack(arrange_columns(records.frame, contract))


def _merge_rows(frame: pl.DataFrame, found: list[pl.DataFrame]) -> SimulatedRows:
    """Put what came back in the rows it was written from; others stay as they were, and are not taken."""
    if not found:
        return SimulatedRows(frame, pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True))
    # A row may come back through several tables of a member: it is held once.
    first = pl.concat(found).unique(ROW, keep="first", maintain_order=True)
    numbers = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias(ROW)
    taken = numbers.is_in(first.get_column(ROW).implode())
    places = [name for name in frame.columns if name.startswith("_")]
    came = first.select(ROW, *(name for name in frame.columns if name not in places))
    stayed = frame.select(came.columns[1:]).with_columns(numbers).filter(~taken)
    whole = pl.concat([came, stayed.select(came.columns)]).sort(ROW).drop(ROW)
    return SimulatedRows(whole.hstack(frame.select(places)).select(frame.columns), taken)
