"""Warns of unknown, missing and renamed columns of a supplier, once for each parcel and member.

Where each batch has the columns of its own records (NDJSON, XML), a later column is warned of when it appears.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from passerelle.stages.translate.drift import Drift, detect_drift, list_required_columns
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import DecodedBatch


@dataclass(slots=True)
class DriftWatch:
    """Compares the columns of each member, the first time it is met, with what the connector expects."""

    plan: TranslationPlan
    settled: Container[int] = ()
    """Batches settled by an earlier run, which counted the warnings of the first of them."""
    drifts: dict[str, Drift] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)
    """Columns met so far, by member."""

    def observe(self, decoded: DecodedBatch) -> DecodedBatch:
        """Return the batch with the drift added as warnings. Raises ParcelError when a needed column is missing."""
        member = decoded.table.member
        if member in self.drifts or not decoded.table.frame.width:  # an empty list has no columns to compare
            return self._observe_later(decoded)
        self.columns[member] = set(decoded.table.frame.columns)
        difference = detect_drift(decoded.table.frame.columns, member, self.plan)
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
        if decoded.number - 1 in self.settled:
            return decoded
        return replace(decoded, warned=(*decoded.warned, *_make_warnings(difference, member)))

    def _observe_later(self, decoded: DecodedBatch) -> DecodedBatch:
        """Add warnings for unknown columns that earlier batches of the member did not have."""
        member, columns = decoded.table.member, decoded.table.frame.columns
        fresh = set(columns) - self.columns.get(member, set())
        if not fresh:
            return decoded
        self.columns[member] |= fresh
        unknown = tuple(name for name in detect_drift(columns, member, self.plan).unknown if name in fresh)
        before = self.drifts[member]
        self.drifts[member] = replace(before, unknown=before.unknown + unknown)
        return replace(decoded, warned=(*decoded.warned, *_make_warnings(Drift(unknown), member)))


def _make_warnings(difference: Drift, member: str) -> Iterator[RowWarning]:
    likely = dict(difference.renamed)
    for column in difference.missing:
        code = "translate.column.renamed" if column in likely else "translate.column.absent"
        yield RowWarning(code, Place(1, member=member, column=column), {"likely": likely.get(column, "")})
    for column in difference.unknown:
        if column not in likely.values():
            yield RowWarning("translate.column.unknown", Place(1, member=member, column=column))
