"""What waits for a reference, and what waits with it because both stand in one row of the new software."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import ROW, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.extension.writing import WholeRow
    from passerelle.vocabulary.parcels import Records, TextTable

WAITING = "deliver.reference.waiting"


@dataclass(slots=True)
class RelinkedPile:
    """The records of one contract with their references translated, those that wait still among them."""

    records: Records
    waiting: dict[int, str]
    """By place in the frame: the field whose reference is waited for; empty for what waits with another record."""

    def list_refs(self, field: str, places: list[int]) -> set[str]:
        """Return what a field holds at some places."""
        if field not in self.records.frame.columns:
            return set()
        return set(self.records.frame.get_column(field).gather(places).drop_nulls().to_list())

    def hold(self, field: str, refs: set[str]) -> None:
        """Let every record wait whose field holds one of these references."""
        if refs and field in self.records.frame.columns:
            held = self.records.frame.get_column(field).is_in(list(refs)).fill_null(value=False).arg_true().to_list()
            self.waiting |= {place: "" for place in held if place not in self.waiting}

    def settle(self, table: TextTable, told: set[int]) -> Records:
        """Return what can go, and set aside what waits.

        The first record of each row of the supplier goes into quarantine, once for all contracts (`told`): its replay
        brings the whole row again.
        """
        if not self.waiting:
            return self.records
        frame, contract = self.records.frame, self.records.contract
        rows = frame.get_column(ROW).to_list()
        aside = []
        for place, field in sorted(self.waiting.items()):
            row = rows[place]
            where = Place(table.lines[row], member=table.member, field=field)
            kept = row not in told
            told.add(row)
            aside.append(SetAside(Fate.WITHHELD, WAITING, where, row, contract=contract, needs_quarantine=kept))
        goes = frame.filter(~pl.int_range(pl.len()).is_in(list(self.waiting)))
        return replace(self.records, frame=goes, aside=(*self.records.aside, *aside))


def hold_rows(piles: Sequence[RelinkedPile], row: WholeRow) -> None:
    """Let all records of a row wait when one of them does: a row goes whole, or not yet."""
    keys = {row.contract: "ref"} | {part.contract: part.by for part in row.parts}
    named = [(pile, keys[pile.records.contract]) for pile in piles if pile.records.contract in keys]
    held: set[str] = set()
    for pile, field in named:
        held |= pile.list_refs(field, list(pile.waiting))
    for pile, field in named:
        pile.hold(field, held)
