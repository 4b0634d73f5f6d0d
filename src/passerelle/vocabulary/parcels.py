"""What travels: a parcel comes in whole, is cut into batches, leaves sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from passerelle.vocabulary.guarantees import Guarantees
    from passerelle.vocabulary.outcomes import RowWarning, SetAside


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file, one API page or one pushed message, as received: the unit that is registered once.

    `name` is the supplier's word for it. It is data, possibly personal: never a path, never logged.
    """

    digest: str
    """SHA-256 of the bytes, in hexadecimal."""
    flow: str
    size: int
    """Bytes."""
    received_at: datetime
    name: str
    block_bytes: int
    """How much of a text format makes one batch. Kept with the parcel, so that a batch key never changes."""
    block_rows: int
    """How many records of any other format make one batch."""


@dataclass(frozen=True, slots=True, order=True)
class BatchKey:
    """What names a batch for ever: the parcel's digest and the batch's number in it, from 0."""

    parcel: str
    number: int


@dataclass(frozen=True, slots=True)
class TextTable:
    """What decode hands to translate: one pile of the supplier's rows, every cell as text.

    `frame` has one String column per supplier column, under the supplier's own name; a repeated name becomes
    `Motif`, `Motif#2` …. An empty cell is `""`; null means that the cell does not exist there (JSON, XML).
    `lines[i]` is the first physical line of row `i` (UInt32).
    """

    member: str
    frame: pl.DataFrame
    lines: pl.Series
    zero_width: bool = True
    """Whether some cell may hold a space without width, which polars does not count as white space."""


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """One batch out of decode: rows that can be read, spans that cannot."""

    number: int
    table: TextTable
    aside: tuple[SetAside, ...] = ()
    warned: tuple[RowWarning, ...] = ()
    consumed: int = 0
    """Bytes of the parcel behind this batch and all before it, for the progress bar."""
    items: tuple[int, ...] = ()
    """For a replay: the quarantine item that each row of `table` comes back from."""

    @property
    def received(self) -> int:
        """Rows that the parcel held here, readable or not."""
        return self.table.frame.height + len(self.aside)


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of one contract on their way: what translate, validate and gate each take and return.

    `frame` has the column `ROW` (UInt32) and one column per contract field that is mapped: String for text,
    code lists, days, instants and decimals in canonical form; Int64; Boolean; Struct for an object; List(Struct)
    for a list. Null means unknown.
    """

    contract: str
    frame: pl.DataFrame
    aside: tuple[SetAside, ...] = ()
    warned: tuple[RowWarning, ...] = ()
    guarantees: Guarantees | None = None
    """What the mapping surely gives; None: nothing is known of it."""
    rows_without_guarantee: Sequence[int] = ()
    """Rows (as in `ROW`) that the promises do not speak of."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Records that a destination is asked to take. Lists run parallel; bodies are canonical JSON with provenance."""

    flow: str
    contract: str
    batch: BatchKey
    frame: pl.DataFrame
    bodies: Sequence[bytes]
    keys: Sequence[str]
    """Idempotency keys, derived from flow, contract, ref, version and content: the same after any restart."""
    versions: Sequence[int]
    """1 when the destination never had this record, else one more than last time."""
    remote_ids: Sequence[str] = ()
    """The ids that the destination gave these records before, empty where it gave none."""

    def __len__(self) -> int:
        """Count the records."""
        return self.frame.height
