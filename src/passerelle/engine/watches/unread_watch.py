"""Separates what a connector leaves unread on purpose from what nobody has looked at, and counts both."""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.decode.cell_search import FEW
from passerelle.stages.decode.unread import RESOURCE
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import DecodedBatch, TextTable

UNKNOWN_COLUMN = "translate.column.unknown"
_UNREAD = "decode.unread."
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
"""What may be shown as the type of a record: anything else may be somebody's words."""


def is_about_parcel(reason: str) -> bool:
    """Whether a warning is about the parcel: one cause, whose count grows with each batch."""
    return reason.startswith(_UNREAD) or reason == UNKNOWN_COLUMN


def count_filled(frame: pl.DataFrame, columns: Iterable[str]) -> dict[str, int]:
    """Count the values of columns: cells that exist and are not empty."""
    names = list(columns)
    if not names or not frame.height:
        return dict.fromkeys(names, 0)
    if frame.height <= FEW:
        return {name: sum(bool(cell) for cell in frame.get_column(name).to_list()) for name in names}
    counts = frame.select((pl.col(name) != "").sum().alias(name) for name in names)
    return counts.row(0, named=True)


@dataclass(slots=True)
class UnreadWatch:
    """Follows the batches of one parcel. Each batch counts what it holds itself, so that a restart adds up."""

    plan: TranslationPlan
    declared: dict[str, int] = field(default_factory=dict)
    """Values of what the connector leaves unread on purpose, by name."""

    def observe(self, decoded: DecodedBatch, unknown: Iterable[str], fresh: Iterable[str] = ()) -> DecodedBatch:
        """Return a batch that warns of what is neither read nor declared unread. `fresh` columns are met here first."""
        table = decoded.table
        self._count_columns(table)
        kept = [item for item in (*decoded.warned, *self._iter_types(table)) if not self._take_declared(item)]
        return replace(decoded, warned=(*kept, *_iter_unknown(table, unknown, frozenset(fresh))))

    def drop_declared(self, decoded: DecodedBatch) -> DecodedBatch:
        """Return a batch without warnings of what is declared unread, where columns are not watched."""
        if not decoded.warned:
            return decoded
        return replace(decoded, warned=tuple(item for item in decoded.warned if not self._take_declared(item)))

    def _take_declared(self, item: RowWarning) -> bool:
        """Whether a warning is about something declared unread; its values are then counted here."""
        name = item.place.column or item.place.member
        if not item.reason.startswith(_UNREAD) or self.plan.find_beside_reason(name) is None:
            return False
        self.declared[name] = self.declared.get(name, 0) + int(item.details.get("count", "1"))
        return True

    def _count_columns(self, table: TextTable) -> None:
        tables = self.plan.list_tables(table.member)
        waived = {name for entry in tables for name in entry.table.waived}
        read = {name for entry in tables for name in (*entry.columns, *entry.required)}
        names = [
            name
            for name in table.frame.columns
            if name not in read and (name in waived or self.plan.find_unread_reason(name) is not None)
        ]
        for name, values in count_filled(table.frame, names).items():
            self.declared[name] = self.declared.get(name, 0) + values

    def _iter_types(self, table: TextTable) -> Iterator[RowWarning]:
        """Yield a warning for each type of rows that no table and no scope names."""
        column = self.plan.types
        if column not in table.frame.columns:
            return
        known = self.plan.list_known_types(table.member)
        words = table.frame.get_column(column).drop_nulls().unique(maintain_order=True).to_list()
        for word in words:
            if word and word not in known:
                rows = table.frame.filter(pl.col(column) == word)
                values = sum(count_filled(rows, rows.columns).values())
                name = word if _TYPE.fullmatch(word) else "?"
                yield RowWarning(RESOURCE, Place(1, member=table.member, column=name), {"count": str(values)})


def _iter_unknown(table: TextTable, unknown: Iterable[str], fresh: frozenset[str]) -> Iterator[RowWarning]:
    """Yield a warning for each unknown column that is new or has values here."""
    for column, values in count_filled(table.frame, unknown).items():
        if values or column in fresh:
            yield RowWarning(UNKNOWN_COLUMN, Place(1, member=table.member, column=column), {"count": str(values)})
