"""Compares two snapshots contract by contract, a bucket at a time, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.switching.compare.bucketed_rows import BucketedRows
from passerelle.switching.compare.changed_references import ChangedReferences, MissingRecord, hash_keys
from passerelle.switching.compare.matching import Matching
from passerelle.switching.compare.pair_differences import compare_pairs
from passerelle.switching.compare.rows import (
    ALIKE,
    CONTENT,
    NATURAL,
    PLACES,
    TAKEN,
    count_losses,
    iter_last_versions,
    list_id_columns,
    make_origin_rows,
    make_target_rows,
)
from passerelle.switching.compare.side_comparison import RecordTally, SideComparison, accept_beside, pair_losses
from passerelle.switching.compare.side_findings import get_place
from passerelle.switching.compare.similarity import propose_matches
from passerelle.switching.compare.totals import ContractSums
from passerelle.switching.dependency_order import sort_by_dependency
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.left_behind import list_left_behind
from passerelle.switching.record_texts import KEY, list_open_references, map_references, strip_system, unwrap_ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from passerelle.switching.compare.side_findings import FindingLog
    from passerelle.switching.difference_naming import Tolerance
    from passerelle.switching.simulated_target import SimulatedTarget
    from passerelle.switching.snapshot import Snapshot

_MOST_PROPOSED = 100_000
"""Above so many persons without a match on a side, numbers are wrong, not persons: none is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonTerms:
    """Options of a comparison."""

    simulated: SimulatedTarget
    """Shows what the new side is expected to hold; carries what was decided."""
    tolerances: Mapping[tuple[str, str], Tolerance] = field(default_factory=dict)
    """By contract and field."""
    same_ids: bool = False
    translation: Mapping[str, str] = field(default_factory=dict)
    """The old side's ref for refs of the new side, where moving learned them."""


@dataclass(slots=True)
class _ComparisonState:
    """State that is carried from one contract to the next."""

    terms: ComparisonTerms
    folder: Path
    findings: FindingLog
    comparison: SideComparison
    translation: dict[str, str]
    links: ChangedReferences = field(default_factory=ChangedReferences)
    predicted: Counter[tuple[str, str, DifferenceKind]] = field(default_factory=Counter)
    observed: Counter[tuple[str, str, DifferenceKind]] = field(default_factory=Counter)

    def mark_waiting(self, rows: pl.DataFrame, contract: str, side: str) -> pl.Series:
        """Return a mask of the rows that are, or are about, a person of whom somebody is asked who it is."""
        asked = self.links.asked
        persons = list(asked) if side == "origin" else [key for others in asked.values() for key in others]
        name = KEY if contract.startswith("person/") else contracts.get(contract).about.person
        if not persons or name not in rows.columns:
            return pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
        return rows.get_column(name).is_in(persons).fill_null(value=False)


def compare_sides(
    origin: Snapshot,
    target: Snapshot,
    terms: ComparisonTerms,
    *,
    folder: Path,
    findings: FindingLog,
    progress: Callable[[str, int, int], None] = lambda _contract, _rows, _total: None,
) -> SideComparison:
    """Compare two sides. `folder` is empty and private: rows wait there. `findings` takes unexpected differences.

    `progress` is told the contract, the rows read so far and the rows there are. Contracts are taken in dependency
    order, so that a reference is read in the words of the old side once its target is matched.
    """
    work = _ComparisonState(
        terms, folder, findings, SideComparison(origin.manifest, target.manifest), _unwrap_translation(terms)
    )
    for contract in sort_by_dependency({*origin.contracts, *target.contracts}):
        _ContractComparison(contract, origin, target, work, progress).compare()
    work.findings.add(work.links.iter_findings(findings.pseudonymise, work.translation))
    done = work.comparison
    done.expected = list(pair_losses(work.predicted, work.observed, terms.simulated.decisions))
    done.dangling = {"origin": work.links.origin.count_dangling(), "target": work.links.target.count_dangling()}
    done.left = list_left_behind(origin.manifest, terms.simulated.target, terms.simulated.decisions)
    done.expected = accept_beside(done.expected, done.left)
    done.groups, done.first = dict(findings.groups), findings.first
    return done


def _unwrap_translation(terms: ComparisonTerms) -> dict[str, str]:
    """Unwrap the refs that moving learned and those that somebody confirmed, in the same way as keys."""
    old_refs = {**terms.translation}
    old_refs |= {match.target: match.origin for match in terms.simulated.decisions.matches}
    if not old_refs:
        return {}
    frame = pl.DataFrame({"new": list(old_refs), "old": list(old_refs.values())}).select(pl.all().pipe(unwrap_ref))
    if terms.same_ids:
        frame = frame.select(pl.all().pipe(strip_system))
    return dict(frame.iter_rows())


@dataclass(slots=True)
class _ContractComparison:
    """The comparison of one contract."""

    contract: str
    origin: Snapshot
    target: Snapshot
    state: _ComparisonState
    progress: Callable[[str, int, int], None]
    tally: RecordTally = field(default_factory=RecordTally)
    contents: list[pl.Series] = field(default_factory=list)
    """Digests of the contents of the new side's records."""
    held: list[pl.Series] = field(default_factory=list)
    """Those of the old side's."""

    def compare(self) -> None:
        """Match records, name what differs, report what no key matched."""
        self.tally.origin, self.tally.target = (side.count(self.contract) for side in (self.origin, self.target))
        sums = (ContractSums(), ContractSums())
        self.state.comparison.tallies[self.contract] = self.tally
        self.state.comparison.sums[self.contract] = sums
        folder = self.state.folder / self.contract.replace("/", "-")
        matching = Matching(folder, self._read_origin(folder, sums[0]), self._read_target(folder, sums[1]))
        # The surest key first: what one key matches is gone before the next is tried.
        keys = [(KEY, "reference"), *((name, "identifier") for name in list_id_columns(self.contract))]
        for key, label in (*keys, (ALIKE, "content"), (NATURAL, "natural_key")):
            if not (matching.origin.count and matching.target.count):
                break
            before = sum(matching.matched.values())
            for left, right in matching.match_by(key):
                self._compare_pairs(left, right, key)
            count = sum(matching.matched.values()) - before
            if count:
                self.tally.matched[label] = self.tally.matched.get(label, 0) + count
        self._report_unmatched(matching)

    def _read_origin(self, folder: Path, sums: ContractSums) -> BucketedRows:
        pile, terms = self._make_buckets(folder / "origin"), self.state.terms
        for frame in iter_last_versions(self.origin, self.contract):
            rows = make_origin_rows(
                frame, self.contract, terms.simulated, same_ids=terms.same_ids, foreign=self._foreign
            )
            self.state.links.origin.observe(self.contract, rows)
            self.tally.repeated -= rows.height
            taken = self._set_aside_untaken(rows)
            self.held.append(taken.get_column(CONTENT))
            sums.add(taken, self.contract)
            pile.add(taken)
            self._report_progress(frame.height)
        self.tally.repeated += self.tally.origin
        return pile

    @property
    def _foreign(self) -> frozenset[str]:
        return self.target.suppliers - self.origin.suppliers

    def _set_aside_untaken(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that the new side can take; count the others, and the losses predicted for those it takes."""
        taken = rows.filter(TAKEN)
        gone = rows.height - taken.height
        # Two kinds: a contract that the new side lacks as a whole, and rows that its layout cannot hold.
        if gone and self.state.terms.simulated.has_contract(self.contract):
            self.tally.refused += gone
            self._count_expected("", DifferenceKind.REFUSED, gone)
        elif gone:
            self.tally.not_taken += gone
            self._count_expected("", DifferenceKind.NOT_TAKEN, gone)
        for name, kind, count in count_losses(taken):
            self.state.predicted[self.contract, name, kind] += count
        return taken

    def _count_expected(self, name: str, kind: DifferenceKind, count: int) -> None:
        """Count a loss that is observed by the very absence of a place for it."""
        self.state.predicted[self.contract, name, kind] += count
        self.state.observed[self.contract, name, kind] += count

    def _read_target(self, folder: Path, sums: ContractSums) -> BucketedRows:
        pile = self._make_buckets(folder / "target")
        for frame in self.target.iter_slices(self.contract):
            rows = make_target_rows(
                frame,
                self.contract,
                self.state.translation,
                same_ids=self.state.terms.same_ids,
                foreign=self._foreign,
            )
            self.state.links.target.observe(self.contract, rows)
            self.contents.append(rows.get_column(CONTENT))
            sums.add(rows, self.contract)
            pile.add(rows)
            self._report_progress(frame.height)
        return pile

    def _make_buckets(self, folder: Path) -> BucketedRows:
        return BucketedRows.create(folder, KEY, max(self.tally.origin, self.tally.target))

    def _report_progress(self, rows: int) -> None:
        self.progress(self.contract, rows, self.tally.origin + self.tally.target)

    def _compare_pairs(self, left: pl.DataFrame, right: pl.DataFrame, key: str) -> None:
        if key != KEY and self._is_referred_to():
            # Matched by another key, a record has two refs: later contracts may use either.
            pairs = zip(right.get_column(KEY).to_list(), left.get_column(KEY).to_list(), strict=True)
            self.state.translation |= dict(pairs)
            self.state.links.target.add_aliases(self.contract, left.get_column(KEY))
        differences = compare_pairs(left, right, self.contract, self.state.terms.tolerances)
        self.tally.spared += differences.spared
        for (name, kind), count in differences.expected.items():
            self.state.observed[self.contract, name, kind] += count
        self.state.findings.add_differences(self.contract, differences.rows)
        self.state.links.add(self.contract, differences.links)

    def _is_referred_to(self) -> bool:
        family = contracts.get(self.contract).about.family
        held = {*self.origin.contracts} & {*self.target.contracts}
        return any(map(list_open_references, held)) or any(
            family in map_references(name).values() for name in contracts.catalogue()
        )

    def _report_unmatched(self, matching: Matching) -> None:
        """Report the records that no key matched: missing, extra, or there twice."""
        if self.contract.startswith("person/") and max(matching.origin.count, matching.target.count) < _MOST_PROPOSED:
            alone = [list(rows.iter_buckets()) for rows in (matching.origin, matching.target)]
            if all(alone):
                proposed = propose_matches(*map(pl.concat, alone))
                self.state.comparison.proposals += proposed
                for one in proposed:
                    self.state.links.asked.setdefault(one.origin_ref, set()).add(one.target_ref)
        self._report_missing(matching)
        self._report_extra(matching)

    def _report_missing(self, matching: Matching) -> None:
        for rows in matching.origin.iter_buckets():
            waits = self.state.mark_waiting(rows, self.contract, "origin")
            if not self._is_referred_to():
                self._add_unmatched("origin", rows, {DifferenceKind.WAITING: waits, DifferenceKind.DROPPED: ~waits})
                continue
            # Reported at the end: what refers to it may show that it was merged with another record.
            keys = rows.get_column(KEY).to_list()
            for row, key, is_asked in zip(rows.select(PLACES).iter_rows(named=True), keys, waits, strict=True):
                self.state.links.missing[key] = MissingRecord(self.contract, get_place(row, ""), key, is_asked)
        matching.origin.delete_files()

    def _add_unmatched(self, side: str, rows: pl.DataFrame, kinds: Mapping[DifferenceKind, pl.Series]) -> None:
        for kind, mask in kinds.items():
            chosen = rows.filter(mask)
            keys = chosen.get_column(KEY).to_list()
            self.state.findings.add_unmatched(kind, self.contract, chosen.select(PLACES), side, keys)

    def _report_extra(self, matching: Matching) -> None:
        # A record is there twice when its content is, or when its ref is one of the old side's: that one is matched.
        # Not where the old side has as many: two persons of one name and birthday are two.
        counted, held = (
            pl.concat([pl.Series(CONTENT, [], pl.UInt64), *parts]).value_counts(name=name)
            for parts, name in ((self.contents, "there"), (self.held, "held"))
        )
        counts = counted.join(held, on=CONTENT, how="left").with_columns(pl.col("held").fill_null(1))
        repeated = counts.filter((pl.col("there") > 1) & (pl.col("there") > pl.col("held"))).get_column(CONTENT)
        old_keys = self.state.links.origin.list_records(contracts.get(self.contract).about.family)
        for rows in matching.target.iter_buckets():
            again = rows.get_column(CONTENT).is_in(repeated.implode())
            again |= hash_keys(rows.get_column(KEY)).is_in(old_keys.implode())
            waits = self.state.mark_waiting(rows, self.contract, "target") & ~again
            kinds = {DifferenceKind.DUPLICATE: again, DifferenceKind.WAITING: waits}
            self._add_unmatched("target", rows, {**kinds, DifferenceKind.EXTRA: ~(again | waits)})
        matching.target.delete_files()
