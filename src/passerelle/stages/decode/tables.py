"""Tables of `block_rows` records, from records that were decoded one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.decode.damage import find_damage
from passerelle.stages.decode.header import MAX_COLUMNS
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import DecodedBatch, TextTable
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.unread import UnreadTally


_FEW = 8
"""Records up to which a table is made row by row."""


@dataclass(frozen=True, slots=True)
class DecodedRecord:
    """One record of the supplier: cells by column, or why it cannot be read."""

    line: int
    cells: Mapping[str, str | None] = field(default_factory=dict)
    fault: str = ""
    raw: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    item: int | None = None
    """The quarantine item that it comes back from."""

    def set_aside(self, member: str) -> SetAside:
        """Set it aside."""
        # JSON may escape half of a surrogate pair, which no store can hold as UTF-8.
        raw = None if self.raw is None else self.raw.encode("utf-8", "backslashreplace").decode()
        return SetAside(Fate.UNREADABLE, self.fault, Place(self.line, member=member), raw=raw, details=self.details)


def iter_batches(
    member: str,
    records: Iterable[DecodedRecord],
    block_rows: int,
    numbering: Numbering,
    *,
    columns: Iterable[str] = (),
    tally: UnreadTally | None = None,
) -> Iterator[DecodedBatch]:
    """Return batches of `block_rows` records, at least one. `columns` are those known beforehand.

    `tally` is filled while `records` are read; each batch has the warnings of its own records.
    """
    waiting = iter(records)
    batch_records = list(islice(waiting, block_rows))
    first = True
    while batch_records or first:
        number = numbering.take()
        # Taken also where the batch is not wanted: its warnings were counted with it, by an earlier run.
        warned = tally.drain() if tally is not None else ()
        if number is not None:
            yield replace(make_batch(number, member, batch_records, columns), warned=warned)
        first = False
        batch_records = list(islice(waiting, block_rows))


def make_batch(
    number: int, member: str, batch_records: list[DecodedRecord], columns: Iterable[str] = ()
) -> DecodedBatch:
    """Make one batch. Records with a fault or a damaged text are set aside."""
    maker = BatchMaker(member, columns)
    for record in batch_records:
        maker.add(record)
    return maker.make(number)


class BatchMaker:
    """Makes a batch of records that are added one by one; those that are good become tables as often as asked.

    A record takes ten times as much memory as its row of a table.
    """

    def __init__(self, member: str, columns: Iterable[str] = ()) -> None:
        self._member = member
        self._names = dict.fromkeys(islice((name for name in columns if not find_damage(name)), MAX_COLUMNS))
        self._good: list[DecodedRecord] = []
        self._aside: list[SetAside] = []
        self._frames: list[pl.DataFrame] = []
        self._lines: list[int] = []
        self._items: list[int] = []
        self.count = 0
        """Records that were added."""

    def add(self, record: DecodedRecord) -> None:
        """Add a record; one with a fault or a damaged text is set aside."""
        self.count += 1
        # most records have the columns of those before them, and those were looked at
        is_known = record.cells.keys() <= self._names.keys()
        judged = record if record.fault else _check_record(record, self._names, is_known=is_known)
        if judged.fault:
            self._aside.append(judged.set_aside(self._member))
            return
        if not is_known:
            self._names.update(dict.fromkeys(judged.cells))
        self._good.append(judged)

    def pack(self) -> None:
        """Make a table of the records that were added since the last time."""
        if self._good:
            self._frames.append(_make_frame(self._good, self._names))
            self._lines += [record.line for record in self._good]
            self._items += [record.item for record in self._good if record.item is not None]
            self._good = []

    def make(self, number: int) -> DecodedBatch:
        """Make the batch."""
        self.pack()
        frames, self._frames = self._frames or [_make_frame([], self._names)], []
        # the last has all columns, the others those that were there by then, in the same order
        frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal", rechunk=True)
        lines = pl.Series("line", self._lines, dtype=pl.UInt32)
        table = TextTable(self._member, frame, lines)
        return DecodedBatch(number, table, tuple(self._aside), items=tuple(self._items))


def _make_frame(records: list[DecodedRecord], names: Mapping[str, None]) -> pl.DataFrame:
    """Return the cells as a table of texts."""
    if len(records) <= _FEW:
        # A pushed message is one record of forty columns: forty series would cost more than all that they hold.
        rows = [tuple(map(record.cells.get, names)) for record in records]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")
    cells = [record.cells for record in records]
    return pl.DataFrame(
        {name: pl.Series(name, [each.get(name) for each in cells], dtype=pl.String()) for name in names}
    )


def _check_record(record: DecodedRecord, names: Mapping[str, None], *, is_known: bool) -> DecodedRecord:
    """Return a record, with its fault if it has one. One without cells would not be a row of any table.

    `is_known`: its columns are all among `names`, of which none is damaged.
    """
    # One search over all names and cells: most records have no damage, and a call a cell would be slower.
    texts = filter(None, record.cells.values())
    fault, details = find_damage("\n".join(texts if is_known else (*record.cells, *texts))), {}
    if not record.cells:
        fault = "decode.record.empty"
    if not is_known and len(names) + sum(name not in names for name in record.cells) > MAX_COLUMNS:
        fault, details = "decode.record.too_many_cells", {"limit": str(MAX_COLUMNS)}
    if not fault:
        return record
    return replace(record, fault=fault, raw=json.dumps(record.cells, ensure_ascii=False), details=details)


def add_warnings(batches: Iterator[DecodedBatch], warned: tuple[RowWarning, ...]) -> Iterator[DecodedBatch]:
    """Add the parcel's own warnings to its first batch, when that is yielded."""
    for decoded in batches:
        yield replace(decoded, warned=(*decoded.warned, *warned)) if decoded.number == 0 else decoded


def set_progress(batches: Iterator[DecodedBatch], size: int, records: int) -> Iterator[DecodedBatch]:
    """Set how many of a document's `size` bytes were consumed, by the share of its records."""
    behind = 0
    for decoded in batches:
        behind += decoded.received
        yield replace(decoded, consumed=size * behind // max(records, 1) if records else size)
