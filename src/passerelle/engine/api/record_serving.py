"""Changes on the shelf as a token reads them: through the gate, with handles, as canonical JSON.

The gate that judges what a flow delivers judges here too, with the token's purpose and recipient and with what people
have answered by now. What it withholds is told as if it had never been there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from itertools import compress
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.canonical import encode, parse
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.stages.gate.gating import gate
from passerelle.stages.gate.subjects import find_subject_fields, mark_named
from passerelle.vocabulary.handle_texts import is_handle_text
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.contracts.contract import Contract
    from passerelle.engine.api.readings import ContractReading, ShelfView
    from passerelle.vocabulary.shelf import ShelfChange


@dataclass(frozen=True, slots=True)
class ServedRecords:
    """What of some changes a token may read: in their order, without those that are withheld or removed."""

    frame: pl.DataFrame = field(repr=False)
    """With the column ROW: which of the changes each record is."""
    named: pl.DataFrame = field(repr=False)
    """Whom each record names, by inner references and field: for those who ask later who read of them."""
    lines: Sequence[bytes] | None = field(default=None, repr=False)
    """Each record as it is kept, where it is read as it is kept."""

    def filter(self, keep: pl.Series) -> ServedRecords:
        """Return the records for which `keep` is true."""
        lines = None if self.lines is None else list(compress(self.lines, keep))
        return ServedRecords(self.frame.filter(keep), self.named.filter(keep), lines)

    @property
    def places(self) -> list[int]:
        """Return which of the changes each record is."""
        return self.frame.get_column(ROW).to_list()

    def encode(self, contract: type[Contract]) -> list[str]:
        """Return the records as canonical JSON."""
        if self.lines is not None:
            return [line.decode() for line in self.lines]
        return encode(self.frame, contract).to_list()

    def write_lines(self, contract: type[Contract], opening: str) -> str:
        """Return the records as lines of JSON, each a member that `opening` begins; what it opens is closed."""
        if self.lines is not None:
            return "".join((opening, f"}}\n{opening}".encode().join(self.lines).decode(), "}\n")) if self.lines else ""
        text: str = (opening + encode(self.frame, contract) + "}\n").str.join("").item()
        return text

    def list_subjects(self) -> list[tuple[str, ...]]:
        """Return whom each record names, each once."""
        rows = self.named.iter_rows()
        return [tuple(dict.fromkeys(ref for cell in cells for ref in _to_refs(cell))) for cells in rows]

    def count_subjects(self) -> dict[str, int]:
        """Return how many records name each person: as counting `list_subjects`, for many records."""
        rows = pl.int_range(self.named.height, eager=True).alias(ROW)
        pairs = [pl.DataFrame([rows, column.alias("ref")]) for column in self.named]
        pairs = [pair.explode("ref") if isinstance(pair.schema["ref"], pl.List) else pair for pair in pairs]
        if not pairs:
            return {}
        # of a record that names somebody twice, one counts
        refs = pl.concat(pairs).unique().get_column("ref").drop_nulls()
        return dict(refs.value_counts().iter_rows())


def serve_changes(reading: ContractReading, view: ShelfView, changes: Sequence[ShelfChange]) -> ServedRecords:
    """Return what of some changes of one shelf may be read. Raises RequestRefusedError for one that is no record."""
    places = [place for place, change in enumerate(changes) if change.record is not None]
    if not places:
        return ServedRecords(pl.DataFrame({ROW: pl.Series([], dtype=pl.UInt32)}), pl.DataFrame())
    frame = _read_records(reading.contract, [changes[place].record or b"" for place in places], places)
    gated = gate(
        Records(reading.id, frame),
        table=TextTable("", pl.DataFrame(), pl.Series(range(len(changes)), dtype=pl.UInt32)),
        policy=view.policy,
        consent=view.consent,
        answers=view.answers,
        may_object=view.may_object,
        words=view.find_words(),
    )
    own = [name for name in find_subject_fields(reading.contract).all if name in frame.columns]
    going = gated.records.frame
    named = going.select(ROW).join(frame.select(ROW, *own), on=ROW, maintain_order="left").drop(ROW)
    # whoever stands there by the handle of a recipient cannot be looked up: nobody knows what they answered
    outside = [ref for ref in gated.subjects if is_handle_text(ref.rpartition(":")[2])]
    if outside:
        asked = named.select(~pl.any_horizontal(mark_named(named, name, outside) for name in own)).to_series()
        going, named = going.filter(asked), named.filter(asked)
    unserved = [name for name in going.columns if name != ROW and name not in reading.fields]
    served = view.handles.replace_in_frame(going.drop(unserved), reading.id)
    lines = None
    if view.policy.takes_everything and not unserved and not gated.withheld_values:
        # nothing was taken out and nothing has another name: the text that is kept is the one that is read
        lines = [changes[row].record or b"" for row in served.get_column(ROW).to_list()]
    return ServedRecords(served, named, lines)


def count_subjects(subjects: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """Return how many records name each person."""
    return dict(Counter(ref for own in subjects for ref in own))


def _read_records(contract: type[Contract], lines: Sequence[bytes], places: Sequence[int]) -> pl.DataFrame:
    try:
        frame = parse(lines, contract, is_own=True)
    except ValueError:
        raise RequestRefusedError("api.service.away") from None
    if frame.get_column("ref").null_count():
        raise RequestRefusedError("api.service.away")
    # a column of which no record knows anything has a type, and nothing to tell
    known = [column.name for column in frame if column.null_count() < frame.height]
    return frame.select(known).with_columns(pl.Series(ROW, places, dtype=pl.UInt32))


def _to_refs(cell: Any) -> list[str]:
    return [] if cell is None else [cell] if isinstance(cell, str) else [ref for ref in cell if ref]
