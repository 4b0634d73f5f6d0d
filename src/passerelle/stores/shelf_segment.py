"""A segment of the shelf: some hundred changes as one compressed and sealed text, from which single ones are cut."""

from __future__ import annotations

from dataclasses import field
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stores.instants import from_microseconds
from passerelle.vocabulary.bodies import Bodies
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.shelf import RemovalCause, ShelfChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from passerelle.stores.seal import Seal

    Numbers = NDArray[np.int64]

SEGMENT_LINES = 512
"""Changes of a segment: one that is looked up costs as many."""
_THERE = 255
"""Stands where the cause of a removal would: the record is there."""
_CAUSES = (
    RemovalCause.SUPPLIER,
    RemovalCause.VANISHED,
    RemovalCause.ASKED,
    RemovalCause.REFUSED,
    RemovalCause.ERASED,
    RemovalCause.EXPIRED,
)
"""By the number under which each is kept: new ones go to the end."""
_COLUMNS = ("numbers", "versions", "moments", "causes", "ref_sizes", "refs", "sizes", "text")


def write_cause(cause: RemovalCause | None) -> int:
    """Return the number under which a cause is kept."""
    return _THERE if cause is None else _CAUSES.index(cause)


@dataclass(frozen=True, slots=True)
class SegmentLines:
    """Changes of one scope, by number; a removed record has no bytes."""

    numbers: Numbers
    versions: Numbers
    moments: Numbers
    """When each was settled, in microseconds since 1970."""
    causes: NDArray[np.uint8]
    """As `write_cause` writes them."""
    refs: tuple[str, ...] = field(repr=False)
    records: Sequence[bytes] = field(repr=False)

    def __len__(self) -> int:
        """Return how many changes there are."""
        return len(self.numbers)

    def select(self, places: Numbers) -> SegmentLines:
        """Return the changes at these places, in their order."""
        at = places.tolist()
        return SegmentLines(
            self.numbers[places],
            self.versions[places],
            self.moments[places],
            self.causes[places],
            tuple(self.refs[place] for place in at),
            self.records.select(places)
            if isinstance(self.records, Bodies)
            else tuple(self.records[place] for place in at),
        )

    def cut(self, start: int, end: int) -> SegmentLines:
        """Return the changes from one place to another."""
        part = slice(start, end)
        return SegmentLines(
            self.numbers[part],
            self.versions[part],
            self.moments[part],
            self.causes[part],
            self.refs[part],
            self.records[part],
        )

    def join(self, later: SegmentLines) -> SegmentLines:
        """Return these changes with later ones behind them."""
        return SegmentLines(
            np.concatenate((self.numbers, later.numbers)),
            np.concatenate((self.versions, later.versions)),
            np.concatenate((self.moments, later.moments)),
            np.concatenate((self.causes, later.causes)),
            self.refs + later.refs,
            (*self.records, *later.records),
        )

    def make_change(self, place: int) -> ShelfChange:
        """Return one change as readers get it."""
        cause = int(self.causes[place])
        return ShelfChange(
            number=int(self.numbers[place]),
            ref=self.refs[place],
            version=int(self.versions[place]),
            at=from_microseconds(int(self.moments[place])),
            record=self.records[place] if cause == _THERE else None,
            cause=None if cause == _THERE else _CAUSES[cause],
        )

    @property
    def is_there(self) -> NDArray[np.bool_]:
        """Mark the changes that left a record there."""
        marks: NDArray[np.bool_] = self.causes == _THERE
        return marks


def encode_segment(lines: SegmentLines) -> bytes:
    """Return a segment as it is compressed."""
    ref_sizes, refs = _join_refs(lines.refs)
    sizes, text = _join_records(lines.records)
    values = (
        lines.numbers.astype("<i8").tobytes(),
        lines.versions.astype("<i8").tobytes(),
        lines.moments.astype("<i8").tobytes(),
        lines.causes.tobytes(),
        ref_sizes,
        refs,
        sizes,
        text,
    )
    # one row: each column is compressed as a whole (zstd, by polars: the one that the house has)
    frame = pl.DataFrame([pl.Series(name, [value], pl.Binary) for name, value in zip(_COLUMNS, values, strict=True)])
    content = BytesIO()
    # as a stream: a file goes through the query engine, which costs as much as the compression
    frame.write_ipc_stream(content, compression="zstd")
    return content.getvalue()


def _join_refs(refs: Sequence[str]) -> tuple[bytes, bytes]:
    text = "".join(refs)
    # nearly always: a letter is a byte
    encoded = refs if text.isascii() else [ref.encode() for ref in refs]
    return _measure(encoded), text.encode()


def _join_records(records: Sequence[bytes]) -> tuple[bytes, bytes]:
    if isinstance(records, Bodies):
        return records.sizes.astype("<u4").tobytes(), records.join()
    return _measure(records), b"".join(records)


def _measure(texts: Sequence[bytes] | Sequence[str]) -> bytes:
    return np.fromiter(map(len, texts), "<u4", len(texts)).tobytes()


def decode_segment(content: bytes) -> SegmentLines:
    """Return the changes of a segment, as `encode_segment` wrote it."""
    numbers, versions, moments, causes, ref_sizes, refs, sizes, text = pl.read_ipc_stream(BytesIO(content)).row(0)
    return SegmentLines(
        np.frombuffer(numbers, "<i8").astype(np.int64),
        np.frombuffer(versions, "<i8").astype(np.int64),
        np.frombuffer(moments, "<i8").astype(np.int64),
        np.frombuffer(causes, np.uint8),
        tuple(piece.decode() for piece in _cut(refs, ref_sizes)),
        _cut(text, sizes),
    )


def _cut(text: bytes, sizes: bytes) -> tuple[bytes, ...]:
    ends = np.cumsum(np.frombuffer(sizes, "<u4"), dtype=np.int64).tolist()
    return tuple(text[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True))


def open_segment(seal: Seal, sealed: bytes, scope_id: int, first: int) -> SegmentLines:
    """Open a segment. Raises FatalError `incident.seal.destroyed`, ParcelError `incident.shelf.damaged`."""
    try:
        return decode_segment(seal.open(sealed, about=bind_segment(scope_id, first)))
    except FatalError as error:
        if error.code != "incident.seal.broken":
            raise
        raise ParcelError("incident.shelf.damaged") from None


def bind_segment(scope_id: int, first: int) -> bytes:
    """Return what a sealed segment is bound to."""
    return f"shelf/{scope_id}/{first}".encode()
