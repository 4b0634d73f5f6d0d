"""Parts of a list of JSON records become tables, by column where that is sure, record by record where it is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import jiter
import numpy as np
import polars as pl

from passerelle.stages.decode.columns import Columns, OddRecordsError, restore
from passerelle.stages.decode.damage import find_damage, find_suspects
from passerelle.stages.decode.flattening import note_columns
from passerelle.stages.decode.header import MAX_COLUMNS
from passerelle.stages.decode.outline import DEEP, Depths, OddDocumentError
from passerelle.stages.decode.strict import MalformedError
from passerelle.stages.decode.window import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from passerelle.stages.decode.flattening import RecordReader
    from passerelle.stages.decode.outline import ListPart
    from passerelle.stages.decode.tables import DecodedRecord

_BLANKS = b" \t\r\n"
_SMALL = 32 << 10
"""Bytes up to which items are read by the exact reader, when one of them is odd; more are halved."""
_MINUS_ZERO = re.compile(rb"-0[ \t\r\n,\]}]")
"""A number that jiter reads as 0."""
_MAY_BE_DAMAGED = (
    "[\\x00\u0080-\u009f\u00c2\u00c3\u00c5\ufffd\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u2039]|\u00e2\u20ac"
)
"""What every damaged text has, and others may."""


@dataclass(frozen=True, slots=True)
class PartTable:
    """Some records of a list, those of which nothing can be said as rows of text."""

    frame: pl.DataFrame
    """String columns, without those that every record takes from above; null where a record has no such cell."""
    lines: NDArray[np.uint32]
    """Of each row of `frame`, which record of the list it is, from 1."""
    odd: tuple[DecodedRecord, ...]
    """The other records, in order."""
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Items:
    """Items of a list as parsed: `plain` by jiter, else by the exact reader."""

    values: list[Any]
    plain: bool
    suspect: bool
    """Whether a text among them may be damaged."""


def parse_part(part: ListPart, body: bytes) -> list[Items]:
    """Parse a part. Raises OddDocumentError where it is not JSON."""
    body = body.lstrip(_BLANKS)
    if body and not part.first:
        body = _take_comma(body)
    return list(_parse_items(body, deep=part.deep)) if body else []


def _take_comma(body: bytes) -> bytes:
    rest = body[1:]
    if not body.startswith(b",") or not rest.strip(_BLANKS):
        raise OddDocumentError
    return rest


def _parse_items(body: bytes, *, deep: bool) -> Iterator[Items]:
    """Yield items as far as they can be parsed alike: what surrounds an odd one is parsed quickly all the same."""
    text = b"[" + body + b"]"
    if not deep and not _MINUS_ZERO.search(text):
        values = _parse_plainly(text)
        if values is not None:
            yield Items(values, plain=True, suspect=_is_suspect(text))
            return
    if len(body) > _SMALL:
        depths = Depths()
        cut, _closed = depths.find_cut(body[: len(body) // 2])
        if cut > 0:
            left_deep = deep and depths.deepest > DEEP
            yield from _parse_items(body[:cut], deep=left_deep)
            yield from _parse_items(_take_comma(body[cut:].lstrip(_BLANKS)), deep=deep)
            return
    yield Items(_parse_exactly(text), plain=False, suspect=True)


def _parse_plainly(text: bytes) -> list[Any] | None:
    """Parse a list with jiter; None where it refuses. What it takes, it reads as the exact reader does, but for -0."""
    try:
        values: list[Any] = jiter.from_json(
            text, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="lossless-float"
        )
    except ValueError:  # its words hold names of the document
        return None
    return values


def _parse_exactly(text: bytes) -> list[Any]:
    values: list[Any] | None = None
    try:
        values = list(Walk(BytesIO(text), []).iter_records())
    except MalformedError:
        values = None
    if values is None:
        raise OddDocumentError
    return values


def _is_suspect(text: bytes) -> bool:
    return b"\\u" in text or bool(find_suspects(np.frombuffer(text, dtype=np.uint8)).size)


class Tabulator:
    """Makes tables of the records of one list, one part after the other, and notes their columns."""

    def __init__(self, reader: RecordReader) -> None:
        """`reader` takes nothing from above: what stands there is known when the document is through."""
        self._reader = reader
        self.columns: dict[str, bool] = {}
        """All columns so far, in order of appearance, and whether any record has something in it."""
        self.faults: set[str] = set()
        """What is wrong with records that were set aside."""

    def tabulate(self, items: Items, first: int) -> PartTable:
        """Return the table of some records; `first` is the number of the first of them in their list."""
        if items.plain:
            try:
                return self._tabulate_columns(items, first)
            except OddRecordsError:
                pass
        values = [restore(one) for one in items.values] if items.plain else items.values
        return self._tabulate_records(values, first)

    def _tabulate_columns(self, items: Items, first: int) -> PartTable:
        values = items.values
        rows = np.array([bool(one) and type(one) is dict for one in values], dtype=np.bool_)
        columns = Columns(self._reader.inside)
        columns.flatten(values if rows.all() else [one for one, is_row in zip(values, rows, strict=True) if is_row])
        frame = pl.DataFrame(columns.series)
        self._note_order(columns.series, rows, values, first)
        if not frame.width:  # objects of nothing but empty objects
            rows[:] = False
        elif (aside := _find_odd_rows(frame, suspect=items.suspect)).any():
            rows[np.flatnonzero(rows)[aside]] = False
            frame = frame.filter(pl.Series(~aside))
        odd = tuple(self._read_record(first + at, restore(values[at])) for at in np.flatnonzero(~rows).tolist())
        return PartTable(frame, (np.flatnonzero(rows) + first).astype(np.uint32), odd, first, len(values))

    def _note_order(
        self, series: Mapping[str, pl.Series], rows: NDArray[np.bool_], values: Sequence[Any], first: int
    ) -> None:
        """Note columns in the order in which records, read one by one, would show them."""
        places = np.flatnonzero(rows)
        showing = {int(places[_find_first(one)]) for name, one in series.items() if name not in self.columns}
        for at in sorted(showing.union(np.flatnonzero(~rows).tolist())):
            self._read_record(first + at, restore(values[at]))
        for name, one in series.items():
            if not self.columns[name]:
                self.columns[name] = bool((one.str.len_bytes() > 0).any())

    def _read_record(self, line: int, item: Any) -> DecodedRecord:
        record = self._reader.flatten_item(line, item)
        note_columns(self.columns, record.cells.items())
        if len(self.columns) > MAX_COLUMNS:
            raise OddDocumentError
        if record.fault:
            self.faults.add(record.fault)
        return record

    def _tabulate_records(self, values: Sequence[Any], first: int) -> PartTable:
        records = [self._read_record(first + at, one) for at, one in enumerate(values)]
        good = [one for one in records if not one.fault and one.cells and not _is_damaged(one)]
        names = dict.fromkeys(name for one in good for name in one.cells)
        frame = pl.DataFrame(
            {name: pl.Series(name, [one.cells.get(name) for one in good], dtype=pl.String()) for name in names}
        )
        lines = np.array([one.line for one in good], dtype=np.uint32)
        are_good = set(lines.tolist())
        odd = tuple(one for one in records if one.line not in are_good)
        return PartTable(frame, lines, odd, first, len(records))


def _find_first(series: pl.Series) -> int:
    return int(series.is_not_null().arg_max() or 0)


def _find_odd_rows(frame: pl.DataFrame, *, suspect: bool) -> NDArray[np.bool_]:
    """Mark rows without any cell, and those with a damaged text."""
    odd = np.zeros(frame.height, dtype=np.bool_)
    if all(frame.get_column(name).null_count() for name in frame.columns):
        odd |= frame.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()
    if suspect:
        found = frame.select(pl.any_horizontal(pl.all().str.contains(_MAY_BE_DAMAGED).fill_null(value=False)))
        for row in np.flatnonzero(found.to_series().to_numpy()):
            odd[row] |= bool(find_damage("\n".join(filter(None, frame.row(int(row))))))
    return odd


def _is_damaged(record: DecodedRecord) -> bool:
    return bool(find_damage("\n".join([*record.cells, *filter(None, record.cells.values())])))
