"""References of samples, row by row: how many rows refer to something, and how many to nothing that is here.

A parcel is told of each missing record once. A bid is measured by what it costs: a person who is missing from the
sample spoils every visit that names her.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.engine.watches.reference_watch import ReferenceWatch
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.vocabulary.parcels import Records, TextTable

_SEED = 13
_NONE = pl.Series([], dtype=pl.UInt64)


@dataclass(frozen=True, slots=True)
class ReferencePlace:
    """Where references of a field stand: sample, member, contract, field."""

    sample: int
    member: str
    contract: str
    field: str


@dataclass(slots=True)
class ReferenceRows:
    """Rows that refer to records of the contracts of a tender. Hashes and lines only: twelve bytes a row."""

    watch: ReferenceWatch
    asked: dict[ReferencePlace, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    brought: dict[str, list[pl.Series]] = field(default_factory=lambda: defaultdict(list))
    """Hashes of the records of each contract."""
    rows: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """Rows that fill a field, by contract and field."""

    @classmethod
    def of(cls, asked: Iterable[str]) -> ReferenceRows:
        """Return an empty collection for the contracts that a tender asks for."""
        return cls(ReferenceWatch.of(asked))

    def observe(self, sample: int, records: Records, table: TextTable) -> None:
        """Add records that would be delivered."""
        self.brought[records.contract].append(records.frame.get_column("ref").hash(_SEED).unique())
        for link in self.watch.links.get(records.contract, ()):
            if link.field in records.frame.columns:
                self._add_references(ReferencePlace(sample, table.member, link.contract, link.field), records, table)

    def _add_references(self, place: ReferencePlace, records: Records, table: TextTable) -> None:
        cells = records.frame.select(pl.col(place.field).alias("ref"), ROW)
        if isinstance(cells.schema["ref"], pl.List):
            cells = cells.explode("ref")
        cells = cells.drop_nulls("ref")
        self.rows[place.contract, place.field] += cells.get_column(ROW).n_unique()
        lines = table.lines.gather(cells.get_column(ROW)).cast(pl.UInt32)
        self.asked[place].append(pl.DataFrame([cells.get_column("ref").hash(_SEED).alias("ref"), lines.alias("line")]))

    def iter_orphans(self) -> Iterator[tuple[ReferencePlace, list[int]]]:
        """Yield the lines that refer to no record here, in order, each once."""
        targets = {(link.contract, link.field): link.targets for links in self.watch.links.values() for link in links}
        for place, parts in self.asked.items():
            known = [one for target in targets[place.contract, place.field] for one in self.brought.get(target, [])]
            lost = pl.concat(parts).filter(~pl.col("ref").is_in(pl.concat([_NONE, *known]).implode()))
            if lost.height:
                yield place, lost.get_column("line").unique().sort().to_list()
