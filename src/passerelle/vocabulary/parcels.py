"""The data that moves through a run: a received file (parcel), its batches, and their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from passerelle.vocabulary.guarantees import Guarantees
    from passerelle.vocabulary.other_header import OtherHeader
    from passerelle.vocabulary.outcomes import RowWarning, SetAside


SHORT = 12
"""Hexadecimal digits of a digest by which people and file names tell parcels apart."""


def make_parcel_key(digest: str, occurrence: int) -> str:
    """Return the key of a parcel: bytes that arrive again are another parcel of the same digest."""
    return digest if occurrence == 1 else f"{digest}-{occurrence}"


def find_occurrence(key: str) -> int:
    """Return the occurrence that a parcel's key names."""
    return int(key.partition("-")[2] or 1)


def shorten_key(key: str) -> str:
    """Return a parcel's key with the beginning of its digest only; the occurrence stays."""
    digest, dash, occurrence = key.partition("-")
    return f"{digest[:SHORT]}{dash}{occurrence}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file, API page or pushed message, as received: the unit that is registered once.

    `name` is the supplier's file or page name. It is data, possibly personal: never used as a path, never logged.
    """

    digest: str
    """SHA-256 of the bytes, in hexadecimal."""
    flow: str
    size: int
    """Size in bytes."""
    received_at: datetime
    name: str
    block_bytes: int
    """Bytes per batch of a text format. Stored with the parcel, so that the key of a batch never changes."""
    block_rows: int
    """Records per batch of any other format. Stored likewise."""
    occurrence: int = 1
    """How often these bytes arrived in this flow so far, with this time."""
    named_at: datetime | None = None
    """The date that its name carried: the journal keeps no names."""
    redelivers: int | None = None
    """It is part of a new delivery of everything that parcels up to this number of the journal brought."""
    outside: str = ""
    """What it is called where its records go; empty until something of it goes (`engine/records/outside_names.py`)."""

    @property
    def key(self) -> str:
        """What names this parcel in its flow: the digest, with the occurrence when the bytes arrived before."""
        return make_parcel_key(self.digest, self.occurrence)


@dataclass(frozen=True, slots=True, order=True)
class BatchKey:
    """The permanent key of a batch: the key of its parcel and its number in the parcel, from 0.

    Towards a destination the parcel goes by its name outside.
    """

    parcel: str
    number: int


@dataclass(frozen=True, slots=True)
class TextTable:
    """The output of decode and input of translate: rows of the supplier, every cell as text.

    `frame` has one String column per supplier column, under the supplier's own name; a repeated name becomes
    `Motif`, `Motif#2` …. An empty cell is `""`, as is null in JSON; null means that the cell does not exist
    there (a member that is left out, an element that is not there).
    `lines[i]` is the first physical line of row `i` (UInt32).
    """

    member: str
    frame: pl.DataFrame
    lines: pl.Series
    zero_width: bool = True
    """Whether a cell may contain a zero-width space, which polars does not strip as white space."""
    marked: bool = True
    """Whether a cell may hold a word of `cell_marks`: an error of a spreadsheet instead of a value."""
    uncomposed: bool = True
    """Whether a cell may contain letters that NFC composes; only decode looks at it."""


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """One batch as decoded: the rows that could be read, and the spans of text that could not."""

    number: int
    table: TextTable
    aside: tuple[SetAside, ...] = ()
    warned: tuple[RowWarning, ...] = ()
    consumed: int = 0
    """Bytes of the parcel read so far, up to the end of this batch, for the progress bar."""
    items: tuple[int, ...] = ()
    """In a replay: the id of the quarantine item from which each row of `table` comes."""
    other_headers: tuple[OtherHeader, ...] = ()
    """In the first batch of a worksheet: where its columns may stand, if they are not found."""

    @property
    def received(self) -> int:
        """Number of rows received in this batch, readable or not."""
        return self.table.frame.height + len(self.aside)


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of one contract: the input and output of validate and gate, and the output of translate.

    `frame` has the column `ROW` (UInt32) and one column per contract field that is mapped: String for text,
    code lists, days, instants and decimals in canonical form; Int64; Boolean; Struct for an object; List(Struct)
    for a list. Null means unknown.
    """

    contract: str
    frame: pl.DataFrame
    aside: tuple[SetAside, ...] = ()
    warned: tuple[RowWarning, ...] = ()
    guarantees: Guarantees | None = None
    """What is guaranteed about the values of the mapping; None when nothing is."""
    rows_without_guarantee: Sequence[int] = ()
    """Rows (values of the column `ROW`) to which the guarantees do not apply."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Records of one batch and contract, ready for a destination. All sequences have one entry per row of `frame`."""

    flow: str
    contract: str
    batch: BatchKey
    frame: pl.DataFrame
    bodies: Sequence[bytes]
    """The records as canonical JSON, with their provenance."""
    keys: Sequence[str]
    """Idempotency keys, derived from flow, contract, ref, version and content: the same after any restart."""
    versions: Sequence[int]
    """Version of each record: 1 when the destination never had it, otherwise one more than its last version."""
    remote_ids: Sequence[str] = ()
    """The ids that the destination gave these records earlier; empty texts where it gave none."""
    unsaid: Sequence[tuple[str, ...]] = ()
    """Per record, the fields that its parcel says nothing of: they stay as they are at the destination. The sequence is
    empty when every record says everything; also in `source.unsaid` of frame and bodies."""
    ref_keys: NDArray[np.uint8] | None = None
    """The pseudonyms, 16 bytes a row, by which the journal knows the records: `ref` may be a handle. Never written."""

    def __len__(self) -> int:
        """Return the number of records."""
        return self.frame.height
