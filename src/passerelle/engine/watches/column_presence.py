"""Which columns a table of text says something of: the header tells in texts and sheets, each record in documents."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stages.decode.dialects import Json, Xml
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.engine.records.unsaid_fields import Mask
    from passerelle.stages.decode.dialects import Dialect

_REPEATED = re.compile(r"#\d+(?=$|[./])")
_STEP = re.compile(r"[./]")


@dataclass(frozen=True, slots=True)
class ColumnPresence:
    """How a dialect shows that a column is absent."""

    by_record: bool = False
    """Each record has columns of its own (JSON, XML): a null cell says nothing."""
    lists: tuple[str, ...] = ()
    """Paths of lists whose items are columns: a list that is there is said as a whole, however many items it has."""
    sees_all: bool = True
    """Whether the first batch of a member has every column of the member; not where columns appear as they come."""

    @classmethod
    def of(cls, dialect: Dialect, *, is_replay: bool = False) -> ColumnPresence:
        """Return how parcels of a dialect, or rows that are replayed, show it."""
        if isinstance(dialect, Json):
            return cls(by_record=True, lists=(*dialect.spread, *dialect.named), sees_all=not dialect.lines)
        # rows to replay may come from several parcels: each has the cells of its own
        return cls(by_record=is_replay or isinstance(dialect, Xml), sees_all=not isinstance(dialect, Xml))

    def find_absent(self, wanted: Iterable[str], there: Iterable[str]) -> list[str]:
        """Return the columns of `wanted` that no column of `there` speaks of, in order of their names."""
        spoken = {self._name_family(name) for name in there}
        return sorted(name for name in set(wanted) if spoken.isdisjoint(self._list_holders(name)))

    def mark_unsaid(self, columns: Sequence[str], frame: pl.DataFrame, rows: pl.Series) -> Mask | None:
        """Mark the rows, by their places in the frame, that say none of the columns; None when each says one."""
        speaking = self._list_speaking(columns, frame.columns)
        if not speaking:
            return np.ones(len(rows), dtype=np.bool_)
        if not self.by_record or any(not frame.get_column(name).null_count() for name in speaking):
            return None
        unsaid = frame.select(pl.all_horizontal(pl.col(name).is_null() for name in speaking).alias("unsaid"))
        return unsaid.to_series().gather(rows).to_numpy().copy()

    def _list_speaking(self, columns: Sequence[str], there: Sequence[str]) -> list[str]:
        """List the columns of a table that say something of one of `columns`: itself, its list, what holds it."""
        families: dict[str, list[str]] = defaultdict(list)
        for name in there:
            families[self._name_family(name)].append(name)
        wanted = {above for name in columns for above in self._list_holders(name)}
        return [name for family in sorted(wanted) for name in families.get(family, ())]

    def _name_family(self, column: str) -> str:
        """Return what is said together with a column: its list, the first of repeated elements, itself."""
        if not self.by_record:
            return column
        for path in self.lists:
            if column.startswith(f"{path}."):
                return path
        return _REPEATED.sub("", column)

    def _list_holders(self, column: str) -> list[str]:
        """Return the family of a column and what may hold it: `customer: null` speaks of `customer.name` too."""
        family = self._name_family(column)
        if not self.by_record:
            return [family]  # a header is flat, whatever signs its names hold
        ends = [found.start() for found in _STEP.finditer(family)]
        return [family, *(family[:end] for end in reversed(ends) if family[:end].strip("."))]
