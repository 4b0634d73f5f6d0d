"""Warns of missing and renamed columns of a supplier, once for each parcel and member, and of all that is not read.

Where each batch has the columns of its own records (NDJSON, XML), a later column is warned of when it appears. What is
not read is one cause for the parcel, to which each batch adds its values (`unread_watch`).
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from passerelle.engine.watches.unread_watch import UnreadWatch
from passerelle.stages.translate.drift import Drift, detect_drift, list_required_columns
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import DecodedBatch


@dataclass(slots=True)
class DriftWatch:
    """Compares the columns of each member, the first time it is met, with what the connector expects."""

    plan: TranslationPlan
    settled: Container[int] = ()
    """Batches settled by an earlier run, which counted the warnings of the first of them."""
    detect: Callable[[Sequence[str], str, TranslationPlan], Drift] = detect_drift
    drifts: dict[str, Drift] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)
    """Columns met so far, by member."""
    unread: UnreadWatch = field(init=False)

    def __post_init__(self) -> None:
        self.unread = UnreadWatch(self.plan)

    def observe(self, decoded: DecodedBatch) -> DecodedBatch:
        """Return the batch with the drift added as warnings. Raises ParcelError when a needed column is missing."""
        member = decoded.table.member
        if not decoded.table.frame.width:  # an empty list has no columns to compare
            return self.unread.observe(decoded, ())
        if member in self.drifts:
            return self._observe_later(decoded)
        self.columns[member] = set(decoded.table.frame.columns)
        difference = self.detect(decoded.table.frame.columns, member, self.plan)
        self.drifts[member] = difference
        if difference.blocking:
            required = list_required_columns(member, self.plan)
            for other in decoded.other_headers:
                if required <= other.columns:
                    raise ParcelError("translate.header.elsewhere", sheet=other.sheet, row=str(other.row))
            likely = dict(difference.renamed)
            columns = (
                f"«{name}» (→ «{likely[name]}»?)" if name in likely else f"«{name}»" for name in difference.missing
            )
            raise ParcelError("translate.column.missing", columns=", ".join(columns))
        # after a restart the first batch here is not the first of the parcel: its drift is in the books already
        is_first = decoded.number - 1 not in self.settled
        if is_first:
            decoded = replace(decoded, warned=(*decoded.warned, *_make_warnings(difference, member)))
        unknown = _list_unknown(difference)
        return self.unread.observe(decoded, unknown, unknown if is_first else ())

    def _observe_later(self, decoded: DecodedBatch) -> DecodedBatch:
        """Add the unknown columns that earlier batches of the member did not have to its drift, and count them all."""
        member, columns = decoded.table.member, decoded.table.frame.columns
        before = self.drifts[member]
        if fresh := set(columns) - self.columns.get(member, set()):
            self.columns[member] |= fresh
            unknown = tuple(name for name in self.detect(columns, member, self.plan).unknown if name in fresh)
            self.drifts[member] = replace(before, unknown=before.unknown + unknown)
        there = [name for name in _list_unknown(self.drifts[member]) if name in columns]
        return self.unread.observe(decoded, there, fresh)


def _list_unknown(difference: Drift) -> list[str]:
    """List the unknown columns that are not the new name of one that is missing: those have a warning already."""
    renamed = {new for _old, new in difference.renamed}
    return [name for name in difference.unknown if name not in renamed]


def _make_warnings(difference: Drift, member: str) -> Iterator[RowWarning]:
    likely = dict(difference.renamed)
    for column in difference.missing:
        code = "translate.column.renamed" if column in likely else "translate.column.absent"
        yield RowWarning(code, Place(1, member=member, column=column), {"likely": likely.get(column, "")})
