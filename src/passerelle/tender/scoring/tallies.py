"""Counts of the records of one contract, field by field: numbers only, never a value."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts, nomenclatures
from passerelle.contracts import canonical, field_types
from passerelle.contracts.types import FieldKind
from passerelle.tender.occasional import find_concern
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.contracts.contract import Contract

_DATED = (FieldKind.DAY, FieldKind.INSTANT)
_TELLING = (
    FieldKind.INSTANT,
    FieldKind.DAY,
    FieldKind.PARTIAL_DAY,
    FieldKind.TEXT,
    FieldKind.URN,
    FieldKind.AMOUNT,
    FieldKind.QUANTITY,
)
"""Kinds of fields that hardly ever hold the same in all records of a real export."""


@dataclass(slots=True)
class FieldTally:
    """One field of the records that were taken."""

    filled: int = 0
    listed: int = 0
    """Coded values whose code is in the field's list."""
    first_day: str = ""
    last_day: str = ""
    only: bytes | None = None
    """Digest of the first value, while all others are the same."""
    varied: bool = False


@dataclass(slots=True)
class ContractTally:
    """The records of one contract."""

    contract: type[Contract]
    taken: int = 0
    """Records that would be delivered."""
    rejected: int = 0
    fields: dict[str, FieldTally] = field(default_factory=dict)
    """Fields of which the sample has a column, or that the description states."""
    applicable: dict[str, int] = field(default_factory=dict)
    """By reason code of a cross-field rule: records that could break it."""
    concerned: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By field that concerns some records only: how many it concerns, and how many of these fill it."""

    @classmethod
    def of(cls, contract_id: str) -> ContractTally:
        """Return an empty tally of a contract."""
        return cls(contracts.get(contract_id))

    def count_records(self, frame: pl.DataFrame) -> None:
        """Count a batch of records."""
        self.taken += frame.height
        names = [name for name in frame.columns if name != ROW]
        filled = frame.select(is_filled(frame, name).sum().alias(name) for name in names).row(0) if names else ()
        for name, count in zip(names, filled, strict=True):
            tally = self.fields.setdefault(name, FieldTally())
            tally.filled += count
            if count:
                self._count_values(tally, name, frame)
        self._count_concerned(frame, names)
        for rule in self.contract.rules:
            # Those could break the rule that fill what a breach of it needs (see `Rule.counter_example`).
            needed = [name for name, value in rule.counter_example.items() if value is not None]
            could_break = 0
            if set(needed) <= set(frame.columns):
                fill_all = pl.all_horizontal(pl.lit(True), *(is_filled(frame, name) for name in needed))
                could_break = int(frame.select(fill_all.sum()).item())
            self.applicable[rule.code] = self.applicable.get(rule.code, 0) + could_break

    def _count_concerned(self, frame: pl.DataFrame, names: Iterable[str]) -> None:
        for name in names:
            concern = find_concern(self.contract.about.family, name)
            chosen = concern.select(frame) if concern else None
            if chosen is not None:
                among = frame.select(chosen.sum().alias("all"), (chosen & is_filled(frame, name)).sum().alias("filled"))
                before = self.concerned.get(name, (0, 0))
                self.concerned[name] = (before[0] + int(among["all"][0]), before[1] + int(among["filled"][0]))

    def _count_values(self, tally: FieldTally, name: str, frame: pl.DataFrame) -> None:
        shape = field_types.list_shapes(self.contract)[name]
        codes = list_codes(self.contract, name)
        if codes is not None:
            tally.listed += int(frame.select(is_listed(frame, name, codes).sum()).item())
        if shape.kind in _DATED:
            low, high = frame.select(
                # Canonical days and moments begin with ten characters that sort as dates.
                pl.col(name).str.slice(0, 10).min(),
                pl.col(name).str.slice(0, 10).max().alias("x"),
            ).row(0)
            tally.first_day = min(filter(None, (tally.first_day, low)))
            tally.last_day = max(tally.last_day, high)
        if shape.kind in _TELLING and not tally.varied:
            values = frame.get_column(name).drop_nulls()
            # A digest in place of the value: tallies live as long as the score and may hold no personal data.
            digest = hashlib.blake2b(str(values[0]).encode(), digest_size=16).digest()
            tally.varied = values.n_unique() > 1 or tally.only not in (None, digest)
            tally.only = digest


def count_days(first: FieldTally | None, last: FieldTally | None) -> int:
    """Count the days from the first value of one field to the last of another; both days count. 0 without values."""
    if first is None or last is None or not (first.first_day and last.last_day):
        return 0
    return max((date.fromisoformat(last.last_day) - date.fromisoformat(first.first_day)).days + 1, 0)


def is_filled(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Return an expression that is true where a field holds something."""
    return canonical.is_absent(pl.col(name), frame.schema[name]).not_()


@cache
def list_codes(contract: type[Contract], name: str) -> frozenset[str] | None:
    """Return the codes of a field's list; None without a list, or where the contract itself closes the words."""
    fact = contract.describe_fields().get(name)
    kind = field_types.list_shapes(contract)[name].kind
    if fact is None or not fact.codes or kind not in (FieldKind.OBJECT, FieldKind.LIST):
        return None
    return frozenset(nomenclatures.get(fact.codes).codes)


def is_listed(frame: pl.DataFrame, name: str, codes: Iterable[str]) -> pl.Expr:
    """Return an expression that is true where a field is filled with codes of its list (all, for a list of codes)."""
    known = sorted(codes)
    dtype = frame.schema[name]
    if isinstance(dtype, pl.List):
        inside = pl.element().struct.field("code").is_in(known).fill_null(value=False)
        return is_filled(frame, name) & pl.col(name).list.eval(inside).list.all().fill_null(value=False)
    return pl.col(name).struct.field("code").is_in(known).fill_null(value=False)


def find_period(tally: ContractTally) -> tuple[str, str]:
    """Return the first and the last day in the records of a contract; empty without any."""
    dated: Mapping[str, FieldTally] = {name: one for name, one in tally.fields.items() if one.first_day}
    chosen = [one for name, one in dated.items() if name.endswith(("start", "day", "date"))] or list(dated.values())
    return (
        min((one.first_day for one in chosen), default=""),
        max((one.last_day for one in chosen), default=""),
    )
