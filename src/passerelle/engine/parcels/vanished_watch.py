"""Watches a whole export for what it no longer holds: the refs of its rows against the sealed list of the one before.

Memory: eight bytes for each ref that is present, and the compressed list. Refs are compared by 64-bit digests; that two
of a million are taken for one another, and one that vanished is not told, happens once in forty million exports.
"""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.stores.whole_lists import SCHEMA, WholeListDraft, read_pieces
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from passerelle.engine.path.whole_refs import PresentRefs
    from passerelle.engine.path.whole_rule import ContractRule, WholeRule
    from passerelle.stores.depot import Depot

    Digests = NDArray[np.uint64]

_STEPS = {"day": "1d", "week": "1w", "month": "1mo", "year": "1y"}
_WITHOUT_ENTITY = r"^([^:]*):[^:]*:"
"""The opening of a ref: system and kind of record. Without the kind, a plan and the visit it becomes are the same."""


@dataclass(slots=True)
class Window:
    """The days that an export spans."""

    first: date | None = None
    last: date | None = None

    def widen(self, days: pl.Series) -> None:
        """Make room for some days."""
        low, high = days.min(), days.max()
        if low is not None and high is not None:
            self.first = min(self.first or low, low)  # type: ignore[assignment]  # polars: any value
            self.last = max(self.last or high, high)  # type: ignore[assignment]  # polars: any value

    def mark_covered(self, days: pl.Series, per: str) -> pl.Series:
        """Mark the days of which the export speaks; a record without a day is never covered."""
        if self.first is None or self.last is None:
            return pl.repeat(False, len(days), dtype=pl.Boolean, eager=True)
        bounds = pl.Series([self.first, self.last]).dt.truncate(_STEPS[per])
        return days.dt.truncate(_STEPS[per]).is_between(bounds[0], bounds[1]).fill_null(False)


@dataclass(frozen=True, slots=True)
class ContractAbsences:
    """What an export does not hold of one contract."""

    contract: str
    earlier: int
    """Records of the earlier list of which the export speaks."""
    missing: pl.DataFrame
    """As `SCHEMA`: those of them that it does not hold, `since` being null for what vanished just now."""

    @property
    def vanished(self) -> pl.DataFrame:
        """Those that do not go on as a record of another contract."""
        return self.missing.filter(~pl.col("became"))

    def find_share(self, *, is_new: bool) -> float:
        """Return which share of the earlier records vanished; with `is_new`, vanished just now."""
        vanished = self.vanished.filter(pl.col("since").is_null()) if is_new else self.vanished
        return vanished.height / self.earlier if self.earlier else 0.0


@dataclass(slots=True)
class VanishedWatch:
    """Observes the batches of one whole export, in any order; then compares."""

    rule: WholeRule
    draft: WholeListDraft
    seen: date
    unnamed: int = 0
    """Rows without a readable ref: some of them may be records that seem to have vanished."""
    _digests: dict[str, list[Digests]] = field(default_factory=dict)
    _local_digests: dict[str, list[Digests]] = field(default_factory=dict)
    _windows: dict[str, Window] = field(default_factory=dict)

    def observe(self, present: PresentRefs) -> None:
        """Add the refs of one batch."""
        self.unnamed += present.unnamed
        targets = {rule.becomes for rule in self.rule.contracts.values()}
        for contract, frame in present.frames:
            refs, rule = frame.get_column("ref"), self.rule.contracts[contract]
            self._digests.setdefault(contract, []).append(refs.hash().to_numpy())
            if contract in targets:
                self._local_digests.setdefault(contract, []).append(_digest_local(refs))
            if rule.within:
                self._windows.setdefault(rule.window, Window()).widen(frame.get_column("day"))
            self.draft.add(contract, _mark_present(frame, self.seen))

    def compare(self, wholes: Depot, digest: str, oldest: date) -> list[ContractAbsences]:
        """Compare with the earlier list, and carry over what this export does not speak of.

        Entries that were last present before `oldest` are dropped: their retention is over.
        """
        absences: dict[str, list[pl.DataFrame]] = {}
        earlier: dict[str, int] = {}
        digests = {contract: _join_sorted(parts) for contract, parts in self._digests.items()}
        local = {contract: _join_sorted(parts) for contract, parts in self._local_digests.items()}
        for contract, piece in read_pieces(wholes, digest):
            rule = self.rule.contracts.get(contract)
            if rule is None:
                continue
            is_covered = self._mark_covered(piece, rule)
            earlier[contract] = earlier.get(contract, 0) + int(is_covered.sum())
            is_here = _mark_members(piece.get_column("ref").hash().to_numpy(), digests.get(contract))
            missing = piece.filter(is_covered & ~is_here)
            if rule.becomes:
                became = _mark_members(_digest_local(missing.get_column("ref")), local.get(rule.becomes))
                missing = missing.with_columns(became=pl.col("became") | became)
            absences.setdefault(contract, []).append(missing)
            self.draft.add(contract, piece.filter(~is_covered & ~is_here & (piece.get_column("seen") >= oldest)))
        return [
            # a ref that several batches held stands several times in the list
            ContractAbsences(contract, earlier[contract], pl.concat(frames).unique("ref", maintain_order=True))
            for contract, frames in absences.items()
        ]

    def keep_missing(self, contract: str, frame: pl.DataFrame, oldest: date) -> None:
        """Keep records that vanished and are still at the destination on the list, so that people can name them."""
        kept = frame.filter(pl.col("seen") >= oldest)
        self.draft.add(contract, kept.with_columns(pl.col("since").fill_null(self.seen)))

    def _mark_covered(self, piece: pl.DataFrame, rule: ContractRule) -> pl.Series:
        if not rule.within:
            return pl.repeat(True, piece.height, dtype=pl.Boolean, eager=True)
        window = self._windows.get(rule.window, Window())
        return window.mark_covered(piece.get_column("day"), self.rule.per)


def find_oldest(seen: date, retention_days: int) -> date:
    """Return the day before which an entry of a list is dropped."""
    return seen - timedelta(days=retention_days)


def _mark_present(frame: pl.DataFrame, seen: date) -> pl.DataFrame:
    return frame.select(
        "ref",
        "day",
        pl.lit(seen).alias("seen"),
        pl.lit(None, pl.Date).alias("since"),
        pl.lit(False).alias("became"),
    ).cast(SCHEMA)


def _digest_local(refs: pl.Series) -> Digests:
    return refs.str.replace(_WITHOUT_ENTITY, "${1}:").hash().to_numpy()


def _join_sorted(parts: Iterable[Digests]) -> Digests:
    return np.unique(np.concatenate(list(parts)))


def _mark_members(wanted: Digests, members: Digests | None) -> pl.Series:
    if members is None or not len(members):
        return pl.repeat(False, len(wanted), dtype=pl.Boolean, eager=True)
    at = np.minimum(np.searchsorted(members, wanted), len(members) - 1)
    return pl.Series(members[at] == wanted, dtype=pl.Boolean)
