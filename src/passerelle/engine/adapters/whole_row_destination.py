"""A folder of files whose rows hold records of several contracts: one file a batch, written when all are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.edges.destinations.folder import list_parcel_names, make_file_name
from passerelle.edges.destinations.own_answers import DELIVERED
from passerelle.edges.places.file_place import as_place
from passerelle.engine.adapters.previewing import DeliveryPreview
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.safe_files import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from passerelle.edges.destinations.forms import CsvForm
    from passerelle.edges.places.file_place import FilePlace
    from passerelle.engine.adapters.row_joining import JoinedRow, Key, RowJoiner
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery


@dataclass(slots=True)
class RowBatch:
    """What a batch becomes: its file, and the answer for each record that is not simply delivered."""

    joiner: RowJoiner
    form: CsvForm
    content: bytes = field(default=b"", repr=False)
    count: int = 0
    """Rows of the file."""
    _answers: Mapping[Key, Answer] | None = None

    def begin(self, contents: Sequence[tuple[Delivery, pl.DataFrame]]) -> None:
        """Join the records of all contracts of a batch."""
        records = {delivery.contract: list(frame.iter_rows(named=True)) for delivery, frame in contents}
        wanted = {
            (delivery.contract, ref)
            for delivery, _frame in contents
            for ref in delivery.frame.get_column("ref").to_list()
        }
        joined = self.joiner.join(records)
        rows = [row for row in joined.rows if not wanted.isdisjoint(row.keys)]
        table = self._arrange(rows)
        unencodable = self.form.find_unencodable(table)
        refused = dict(joined.refused)
        for index, answer in unencodable.items():
            refused |= dict.fromkeys(rows[index].keys, answer)
        kept = table.filter(~pl.int_range(pl.len()).is_in(list(unencodable))) if unencodable else table
        told = {key: replace(DELIVERED, unmapped=names) for key, names in joined.unmapped.items()}
        self.content, self.count, self._answers = self.form.encode_table(kept), kept.height, told | refused

    def answer(self, delivery: Delivery) -> list[Answer]:
        """Return what becomes of each record of one contract."""
        if self._answers is None:
            message = "a batch begins before it is delivered"
            raise RuntimeError(message)
        refs = delivery.frame.get_column("ref").to_list()
        return [self._answers.get((delivery.contract, ref), DELIVERED) for ref in refs]

    def _arrange(self, rows: Sequence[JoinedRow]) -> pl.DataFrame:
        """Return the rows as a table with all columns of the layout, carried ones behind them."""
        names = list(dict.fromkeys([*self.joiner.columns, *(name for row in rows for name in row.cells)]))
        schema = dict.fromkeys(names, pl.String())
        return pl.DataFrame({name: [row.cells.get(name, "") for row in rows] for name in names}, schema)


@dataclass(slots=True)
class RowPreview:
    """Finds which records no row of a batch could hold, before anything is written."""

    batch: RowBatch

    def __call__(self, delivery: Delivery) -> DeliveryPreview:
        """Preview the delivery of one contract of the batch that began last."""
        answers = dict(enumerate(self.batch.answer(delivery)))
        return DeliveryPreview(
            {index: answer for index, answer in answers.items() if answer.fate is not Fate.DELIVERED},
            {index: answer.unmapped for index, answer in answers.items() if answer.unmapped},
        )


@dataclass(slots=True)
class WholeRowDestination:
    """Writes `<flow>-<contract>-<parcel>-<batch>.csv`, named by the contract of the main records.

    A row is written when one of its records is new or changed, with all the others that stand in it.
    """

    path: Path | FilePlace
    batch: RowBatch
    rights: int = OWNER

    def begin_batch(self, contents: Sequence[tuple[Delivery, pl.DataFrame]]) -> None:
        """Join the records of all contracts of a batch. Nothing is written yet."""
        self.batch.begin(contents)

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Write the batch's file, the same for each of its contracts. Raises FlowError, TransientError as a folder."""
        answers = self.batch.answer(delivery)
        if self.batch.count:
            named = replace(delivery, contract=self.batch.joiner.contract)
            name = make_file_name(named, self.batch.form.extension)
            as_place(self.path).write(name, self.batch.content, self.rights)
        return answers

    def list_parcel_names(self, flow: str) -> frozenset[str]:
        """Return the short names of parcels of a flow that have a file here. Raises FlowError for missing rights."""
        return list_parcel_names(self.path, flow)

    def close(self) -> None:
        """Release the connection, where there is one: no file stays open."""
        as_place(self.path).close()
