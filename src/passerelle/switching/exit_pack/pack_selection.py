"""The selection of what goes into a pack: everything, what concerns one person, or what happened in a period."""

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


class SelectionRole(IntEnum):
    """The role of a record in a selection."""

    OUT = 0
    ALONG = 1
    """It goes if another one takes it along."""
    GOES = 2


@dataclass(frozen=True, slots=True)
class PackSelection:
    """A selection. With no criterion: everything."""

    person: str = ""
    start: str = ""
    """First day, `2024-01-01`; empty: from the beginning."""
    end: str = ""
    """Last day."""

    @property
    def is_all(self) -> bool:
        """Whether everything goes."""
        return not (self.person or self.start or self.end)

    def is_hub(self, contract: type[Contract]) -> bool:
        """Whether such a record goes along when one that goes refers to it, and not the other way round."""
        about = contract.about
        return about.family in HUBS or (about.person == "ref" and not self.person)

    def assign_roles(self, frame: pl.DataFrame, contract: type[Contract]) -> pl.Series:
        """Return the role of each record."""
        roles = (SelectionRole.ALONG, SelectionRole.GOES, SelectionRole.OUT)
        along, goes, out = (pl.lit(int(role), pl.Int8) for role in roles)
        person = contract.about.person
        timeless = contract.about.family in ATTACHED
        if self.is_all:
            role = goes
        elif self.is_hub(contract) or (person not in frame.columns if self.person else timeless):
            role = along
        elif not self.person:
            role = pl.when(self._select_in_period(frame, contract)).then(goes)
        else:
            # The person and what is attached go whatever the period: they say who is spoken of.
            in_time = pl.lit(True) if timeless or person == "ref" else self._select_in_period(frame, contract)
            here = (pl.col(person) == self.person) & in_time
            role = pl.when(pl.col(person).is_null()).then(along).when(here).then(goes).otherwise(out)
        return frame.select(pl.repeat(0, pl.len(), dtype=pl.Int8) + role.fill_null(out)).to_series()

    def _select_in_period(self, frame: pl.DataFrame, contract: type[Contract]) -> pl.Expr:
        """Return whether a record touches the period. One without any day is let in: nobody can tell."""
        first, last = select_span(frame, contract)
        after = (last >= self.start).fill_null(True) if self.start else pl.lit(True)
        before = (first <= self.end).fill_null(True) if self.end else pl.lit(True)
        return after & before


def select_span(frame: pl.DataFrame, contract: type[Contract]) -> tuple[pl.Expr, pl.Expr]:
    """Return the first and the last day that each record is about; null where it has none (or still lasts)."""
    lasting = _ENDS.get(contract.about.family)
    if lasting:
        return _select_day(frame, lasting[0]), _select_day(frame, lasting[1])
    times = [name for name, shape in field_types.list_shapes(contract).items() if shape.kind in _TIMES]
    moment = pl.lit(None, pl.String) if contract.about.family in HUBS else _select_day(frame, times)
    return moment, moment


def _select_day(frame: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    there = [pl.col(name) for name in names if name in frame.columns]
    return pl.coalesce(there).str.slice(0, 10) if there else pl.lit(None, pl.String)
