"""Compare two snapshots: contract by contract, a bucket at a time, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.switching.compare.comparison import Comparison, Tally, losses
from passerelle.switching.compare.differing import differences
from passerelle.switching.compare.findings import spot_of
from passerelle.switching.compare.links import Links, Missing, digests
from passerelle.switching.compare.matching import Matching
from passerelle.switching.compare.piles import Pile
from passerelle.switching.compare.rows import (
    CONTENT,
    NATURAL,
    PLACES,
    TAKEN,
    id_columns,
    lasting,
    of_origin,
    of_target,
    told,
)
from passerelle.switching.compare.similarity import proposals
from passerelle.switching.compare.totals import Sums
from passerelle.switching.kinds import Kind
from passerelle.switching.order import in_order
from passerelle.switching.values import KEY, local, references, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from passerelle.switching.compare.findings import Findings
    from passerelle.switching.expected import SimulatedTarget
    from passerelle.switching.naming import Tolerance
    from passerelle.switching.snapshot import Snapshot

_MOST_PROPOSED = 100_000
"""Above so many persons without a match on a side, numbers are wrong, not persons: none is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How two sides are compared."""

    simulated: SimulatedTarget
    """Shows what the new side is expected to hold; carries what was decided."""
    tolerances: Mapping[tuple[str, str], Tolerance] = field(default_factory=dict)
    """By contract and field."""
    same_ids: bool = False
    translation: Mapping[str, str] = field(default_factory=dict)
    """The old side's ref for refs of the new side, where moving learned them."""


@dataclass(slots=True)
class _Work:
    """What is carried from one contract to the next."""

    terms: Terms
    folder: Path
    findings: Findings
    comparison: Comparison
    translation: dict[str, str]
    links: Links = field(default_factory=Links)
    predicted: Counter[tuple[str, str, Kind]] = field(default_factory=Counter)
    found: Counter[tuple[str, str, Kind]] = field(default_factory=Counter)


def compare(
    origin: Snapshot,
    target: Snapshot,
    terms: Terms,
    *,
    folder: Path,
    findings: Findings,
    progress: Callable[[str, int, int], None] = lambda _contract, _rows, _total: None,
) -> Comparison:
    """Compare two sides. `folder` is empty and private: rows wait there. `findings` takes what nobody expected.

    `progress` is told the contract, the rows read so far and the rows there are. Contracts are taken in dependency
    order, so that a reference is read in the words of the old side once its target is matched.
    """
    work = _Work(terms, folder, findings, Comparison(origin.manifest, target.manifest), _translation(terms))
    for contract in in_order({*origin.contracts, *target.contracts}):
        _Contract(contract, origin, target, work, progress).compare()
    work.findings.add(work.links.judged(findings.naming, work.translation))
    done = work.comparison
    done.expected = list(losses(work.predicted, work.found, terms.simulated.decisions))
    done.nowhere = {"origin": work.links.origin.nowhere(), "target": work.links.target.nowhere()}
    done.groups, done.first = dict(findings.groups), findings.first
    return done


def _translation(terms: Terms) -> dict[str, str]:
    """Unwrap the refs that moving learned and those that somebody confirmed, as keys are."""
    known = {**terms.translation}
    known |= {match.target: match.origin for match in terms.simulated.decisions.matches}
    if not known:
        return {}
    frame = pl.DataFrame({"new": list(known), "old": list(known.values())}).select(pl.all().pipe(unwrapped))
    if terms.same_ids:
        frame = frame.select(pl.all().pipe(local))
    return dict(frame.iter_rows())


@dataclass(slots=True)
class _Contract:
    """The comparison of one contract."""

    contract: str
    origin: Snapshot
    target: Snapshot
    work: _Work
    progress: Callable[[str, int, int], None]
    tally: Tally = field(default_factory=Tally)
    contents: list[pl.Series] = field(default_factory=list)
    """Digests of the contents of the new side's records."""

    def compare(self) -> None:
        """Match, name what differs, account for the rest."""
        self.tally.origin, self.tally.target = (side.count(self.contract) for side in (self.origin, self.target))
        sums = (Sums(), Sums())
        self.work.comparison.tallies[self.contract] = self.tally
        self.work.comparison.sums[self.contract] = sums
        folder = self.work.folder / self.contract.replace("/", "-")
        matching = Matching(folder, self._read_origin(folder, sums[0]), self._read_target(folder, sums[1]))
        for key, said in self._keys():
            if not (matching.origin.count and matching.target.count):
                break
            before = sum(matching.matched.values())
            for left, right in matching.by(key):
                self._matched(left, right, key)
            found = sum(matching.matched.values()) - before
            if found:
                self.tally.matched[said] = self.tally.matched.get(said, 0) + found
        self._rest(matching)

    def _keys(self) -> Iterator[tuple[str, str]]:
        yield KEY, "reference"
        for name in id_columns(self.contract):
            yield name, "identifier"
        yield NATURAL, "natural_key"

    def _read_origin(self, folder: Path, sums: Sums) -> Pile:
        pile, terms = self._pile(folder / "origin"), self.work.terms
        for frame in lasting(self.origin, self.contract):
            rows = of_origin(frame, self.contract, terms.simulated, same_ids=terms.same_ids, foreign=self._foreign)
            self.work.links.origin.see(self.contract, rows)
            self.tally.repeated -= rows.height
            taken = self._predicting(rows)
            sums.see(taken, self.contract)
            pile.add(taken)
            self._step(frame.height)
        self.tally.repeated += self.tally.origin
        return pile

    @property
    def _foreign(self) -> frozenset[str]:
        return self.target.suppliers - self.origin.suppliers

    def _predicting(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Set aside and count what the new side cannot take; what it takes goes on."""
        taken = rows.filter(TAKEN)
        gone = rows.height - taken.height
        if gone and self.work.terms.simulated.holds(self.contract):
            self.tally.refused += gone
            self._expect("", Kind.REFUSED, gone)
        elif gone:
            self.tally.not_taken += gone
            self._expect("", Kind.NOT_TAKEN, gone)
        for name, kind, count in told(taken):
            self.work.predicted[self.contract, name, kind] += count
        return taken

    def _expect(self, name: str, kind: Kind, count: int) -> None:
        """Count a loss that is found by the very absence of a place for it."""
        self.work.predicted[self.contract, name, kind] += count
        self.work.found[self.contract, name, kind] += count

    def _read_target(self, folder: Path, sums: Sums) -> Pile:
        pile = self._pile(folder / "target")
        for frame in self.target.slices(self.contract):
            rows = of_target(
                frame,
                self.contract,
                self.work.translation,
                same_ids=self.work.terms.same_ids,
                foreign=self._foreign,
            )
            self.work.links.target.see(self.contract, rows)
            self.contents.append(rows.get_column(CONTENT))
            sums.see(rows, self.contract)
            pile.add(rows)
            self._step(frame.height)
        return pile

    def _pile(self, folder: Path) -> Pile:
        return Pile.for_rows(folder, KEY, max(self.tally.origin, self.tally.target))

    def _step(self, rows: int) -> None:
        self.progress(self.contract, rows, self.tally.origin + self.tally.target)

    def _matched(self, left: pl.DataFrame, right: pl.DataFrame, key: str) -> None:
        if key != KEY and self._is_referred_to():
            pairs = zip(right.get_column(KEY).to_list(), left.get_column(KEY).to_list(), strict=True)
            self.work.translation |= dict(pairs)
            self.work.links.target.also(self.contract, left.get_column(KEY))
        found = differences(left, right, self.contract, self.work.terms.tolerances)
        self.tally.spared += found.spared
        for (name, kind), count in found.expected.items():
            self.work.found[self.contract, name, kind] += count
        self.work.findings.add_differences(self.contract, found.found)
        self.work.links.add(self.contract, found.links)

    def _is_referred_to(self) -> bool:
        family = contracts.get(self.contract).about.family
        return any(family in references(name).values() for name in contracts.catalogue())

    def _rest(self, matching: Matching) -> None:
        """Account for what no key matched."""
        if self.contract.startswith("person/") and max(matching.origin.count, matching.target.count) < _MOST_PROPOSED:
            alone = [list(pile.whole()) for pile in (matching.origin, matching.target)]
            if all(alone):
                self.work.comparison.proposals += proposals(*map(pl.concat, alone))
        for rows in matching.origin.whole():
            self._missing(rows)
        matching.origin.drop()
        twice = _twice(self.contents)
        for rows in matching.target.whole():
            again = rows.get_column(CONTENT).is_in(twice.implode()) | self._known(rows)
            for kind, mask in ((Kind.DUPLICATE, again), (Kind.EXTRA, ~again)):
                some = rows.filter(mask)
                keys = some.get_column(KEY).to_list()
                self.work.findings.add_alone(kind, self.contract, some.select(PLACES), "target", keys)
        matching.target.drop()

    def _known(self, rows: pl.DataFrame) -> pl.Series:
        """Say which of these come under a reference that the old side has: it is matched with another already."""
        held = self.work.links.origin.holds(contracts.get(self.contract).about.family)
        return digests(rows.get_column(KEY)).is_in(held.implode())

    def _missing(self, rows: pl.DataFrame) -> None:
        keys = rows.get_column(KEY).to_list()
        if not self._is_referred_to():
            self.work.findings.add_alone(Kind.DROPPED, self.contract, rows.select(PLACES), "origin", keys)
            return
        for row, key in zip(rows.select(PLACES).iter_rows(named=True), keys, strict=True):
            self.work.links.missing[key] = Missing(self.contract, spot_of(row, ""), key)


def _twice(contents: list[pl.Series]) -> pl.Series:
    """Give the contents that several records of the new side have."""
    if not contents:
        return pl.Series(CONTENT, [], pl.UInt64)
    return pl.concat(contents).to_frame().filter(pl.col(CONTENT).is_duplicated()).get_column(CONTENT).unique()
