"""Changes on the shelf as a token reads them: through the gate, with handles, as canonical JSON.

The gate that judges what a flow delivers judges here too, with the token's purpose and recipient and with what people
have answered by now. What it withholds is told as if it had never been there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.canonical import encode, parse
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.stages.gate.gating import gate
from passerelle.stages.gate.subjects import find_subject_fields
from passerelle.vocabulary.handle_texts import is_handle_text
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.contracts.contract import Contract
    from passerelle.engine.api.readings import ContractReading, ShelfView
    from passerelle.vocabulary.shelf import ShelfChange


@dataclass(frozen=True, slots=True)
class ServedRecords:
    """What of some changes a token may read: in their order, without those that are withheld or removed."""

    frame: pl.DataFrame = field(repr=False)
    """With the column ROW: which of the changes each record is."""
    subjects: Sequence[tuple[str, ...]] = field(repr=False)
    """Whom each record names, by inner references: for those who ask later who read of them."""
    refs: Mapping[int, str] = field(repr=False)
    """What all changes are called outside, also those that are not served, by their place."""
    lines: Sequence[str] | None = field(default=None, repr=False)
    """Each record as it is kept, where it is read as it is kept."""

    def filter(self, keep: pl.Series) -> ServedRecords:
        """Return the records for which `keep` is true."""
        chosen = [own for own, is_kept in zip(self.subjects, keep, strict=True) if is_kept]
        lines = None if self.lines is None else [one for one, is_kept in zip(self.lines, keep, strict=True) if is_kept]
        return ServedRecords(self.frame.filter(keep), chosen, self.refs, lines)

    @property
    def places(self) -> list[int]:
        """Return which of the changes each record is."""
        return self.frame.get_column(ROW).to_list()

    def encode(self, contract: type[Contract]) -> list[str]:
        """Return the records as canonical JSON."""
        return list(self.lines) if self.lines is not None else encode(self.frame, contract).to_list()


def serve_changes(reading: ContractReading, view: ShelfView, changes: Sequence[ShelfChange]) -> ServedRecords:
    """Return what of some changes of one shelf may be read. Raises RequestRefusedError for one that is no record."""
    refs = pl.Series("ref", [change.ref for change in changes], dtype=pl.String())
    outside = dict(enumerate(view.handles.replace_refs(refs).to_list()))
    places = [place for place, change in enumerate(changes) if change.record is not None]
    if not places:
        return ServedRecords(pl.DataFrame({ROW: pl.Series([], dtype=pl.UInt32)}), [], outside)
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
    own = find_subject_fields(reading.contract).all
    named = _list_subjects(frame, own)
    going = gated.records.frame
    askable = pl.Series([not any(map(_is_outside, named[row])) for row in going.get_column(ROW)], dtype=pl.Boolean)
    # whoever stands there by the handle of a recipient cannot be looked up: nobody knows what they answered
    going = going.filter(askable)
    unserved = [name for name in going.columns if name != ROW and name not in reading.fields]
    served = view.handles.replace_in_frame(going.drop(unserved), reading.id)
    rows = served.get_column(ROW).to_list()
    lines = None
    if view.policy.takes_everything and not unserved and not gated.withheld_values:
        # nothing was taken out and nothing has another name: the text that is kept is the one that is read
        lines = [(changes[row].record or b"").decode() for row in rows]
    return ServedRecords(served, [named[row] for row in rows], outside, lines)


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


def _list_subjects(frame: pl.DataFrame, names: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Return whom each record names, each once, by its row."""
    there = [name for name in names if name in frame.columns]
    found: dict[int, tuple[str, ...]] = {}
    for row, *cells in frame.select(ROW, *there).iter_rows():
        found[row] = tuple(dict.fromkeys(ref for cell in cells for ref in _to_refs(cell)))
    return found


def _to_refs(cell: Any) -> list[str]:
    return [] if cell is None else [cell] if isinstance(cell, str) else [ref for ref in cell if ref]


def _is_outside(ref: str) -> bool:
    return is_handle_text(ref.rpartition(":")[2])
