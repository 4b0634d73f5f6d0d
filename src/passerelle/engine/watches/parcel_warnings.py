"""Warnings about a whole parcel: a cause, how often, and where it was first met."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from passerelle.vocabulary.parcels import TextTable


@dataclass(frozen=True, slots=True)
class ParcelWarning:
    """One cause of doubt about a parcel."""

    key: ReasonKey
    lines: tuple[int, ...]
    """Where each was first met, in order."""

    @property
    def count(self) -> int:
        """Return how many references, or invoices, it is about."""
        return len(self.lines)


@dataclass(slots=True)
class FirstPlaces:
    """The distinct texts of a column, as digests, with the member and the line where each was first met."""

    lines: dict[bytes, tuple[str, int]] = field(default_factory=dict)

    def add(
        self, frame: pl.DataFrame, column: str, table: TextTable, digest_refs: Callable[[list[str]], list[bytes]]
    ) -> None:
        """Add a column of texts, or of lists of texts; nulls are left out."""
        cells = frame.select(pl.col(column), ROW)
        if isinstance(cells.schema[column], pl.List):
            cells = cells.explode(column)
        # each text once before it is digested: many rows refer to the same few records
        cells = cells.drop_nulls(column).unique(column, keep="first", maintain_order=True)
        lines = table.lines.gather(cells.get_column(ROW)).to_list()
        for digest, line in zip(digest_refs(cells.get_column(column).to_list()), lines, strict=True):
            self.lines.setdefault(digest, (table.member, line))

    def list_warnings(self, code: str, contract: str, name: str, wrong: Container[bytes]) -> list[ParcelWarning]:
        """Return a warning for each member that has some of `wrong`."""
        by_member: defaultdict[str, list[int]] = defaultdict(list)
        for digest, (member, line) in self.lines.items():
            if digest in wrong:
                by_member[member].append(line)
        return [
            ParcelWarning(ReasonKey(contract, member, code, "", name, WARNING), tuple(sorted(lines)))
            for member, lines in by_member.items()
        ]
