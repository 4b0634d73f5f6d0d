"""What goes into a pack: everything, what concerns one person, or what happened in a period."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts import field_types
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.contracts.contract import Contract

HUBS = frozenset({"organisation", "professional"})
"""Families that many records refer to: such a record goes along when one that goes refers to it."""
ATTACHED = frozenset({"related_contact", "consent"})
"""Families that go along with their person, whatever the period."""
_ENDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "case": (("opened_on",), ("closed_on",)),
        "stay": (("admitted_on", "entry_on", "planned_entry_on"), ("exit_on", "planned_exit_on")),
        "need": (("identified_on",), ("ended_on",)),
        "goal": (("start_on",), ("end_on",)),
        "action": (("start_on", "due_on"), ("end_on",)),
        "entitlement": (("start_on",), ("end_on", "closed_on")),
        "funded_plan": (("start_on",), ("end_on",)),
        "absence": (("starts_on", "starts_at"), ("ends_on", "ends_at")),
        "invoice": (("period_start", "issued_on"), ("period_end", "issued_on")),
    }
)
"""Families that last: the fields that say since when and until when, the first that is filled counting."""
_TIMES = frozenset({FieldKind.DAY, FieldKind.INSTANT})


class Role(IntEnum):
    """What a record is to a selection."""

    OUT = 0
    ALONG = 1
    """It goes if another one takes it along."""
    GOES = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted. Nothing named: everything."""

    person: str = ""
    start: str = ""
    """First day, `2024-01-01`; empty: from the beginning."""
    end: str = ""
    """Last day."""

    @property
    def is_all(self) -> bool:
        """Say whether everything goes."""
        return not (self.person or self.start or self.end)

    def is_hub(self, contract: type[Contract]) -> bool:
        """Say whether such a record goes along when one that goes refers to it, and not the other way round."""
        about = contract.about
        return about.family in HUBS or (about.person == "ref" and not self.person)

    def roles(self, frame: pl.DataFrame, contract: type[Contract]) -> pl.Series:
        """Say of each record what it is."""
        along, goes, out = (pl.lit(int(role), pl.Int8) for role in (Role.ALONG, Role.GOES, Role.OUT))
        if self.is_all:
            role = goes
        elif self.is_hub(contract):
            role = along
        elif self.person:
            role = self._by_person(frame, contract, (along, goes, out))
        else:
            role = along if contract.about.family in ATTACHED else pl.when(self._in_time(frame, contract)).then(goes)
        return frame.select(pl.repeat(0, pl.len(), dtype=pl.Int8) + role.fill_null(out)).to_series()

    def _by_person(
        self, frame: pl.DataFrame, contract: type[Contract], words: tuple[pl.Expr, pl.Expr, pl.Expr]
    ) -> pl.Expr:
        along, goes, out = words
        name = contract.about.person
        if name not in frame.columns:
            return along
        timeless = name == "ref" or contract.about.family in ATTACHED
        in_time = pl.lit(True) if timeless else self._in_time(frame, contract)
        here = (pl.col(name) == self.person) & in_time
        return pl.when(pl.col(name).is_null()).then(along).when(here).then(goes).otherwise(out)

    def _in_time(self, frame: pl.DataFrame, contract: type[Contract]) -> pl.Expr:
        """Say whether a record touches the period. One that says no day at all is let in: nobody can tell."""
        first, last = span(frame, contract)
        after = (last >= self.start).fill_null(True) if self.start else pl.lit(True)
        before = (first <= self.end).fill_null(True) if self.end else pl.lit(True)
        return after & before


def span(frame: pl.DataFrame, contract: type[Contract]) -> tuple[pl.Expr, pl.Expr]:
    """Give the first and the last day that each record speaks of; null where it says none (or lasts still)."""
    lasting = _ENDS.get(contract.about.family)
    if lasting:
        return _day(frame, lasting[0]), _day(frame, lasting[1])
    times = [name for name, shape in field_types.list_shapes(contract).items() if shape.kind in _TIMES]
    moment = pl.lit(None, pl.String) if contract.about.family in HUBS else _day(frame, times)
    return moment, moment


def _day(frame: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    there = [pl.col(name) for name in names if name in frame.columns]
    return pl.coalesce(there).str.slice(0, 10) if there else pl.lit(None, pl.String)
