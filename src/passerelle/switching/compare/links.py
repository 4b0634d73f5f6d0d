"""References that lead elsewhere than before: two persons become one, two records exchanged, nowhere, or elsewhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.switching.compare.findings import Finding, spot_of
from passerelle.switching.kinds import Kind
from passerelle.switching.values import KEY, references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.switching.compare.findings import Spot

_SEED = 11
_PERSON = "person/"
Row = dict[str, Any]


def digests(keys: pl.Series) -> pl.Series:
    """Name keys by eight bytes each, the same within a run."""
    return keys.hash(_SEED)


@dataclass(slots=True)
class References:
    """What records are there, and what they refer to, as digests: eight bytes each."""

    held: dict[str, list[pl.Series]] = field(default_factory=lambda: defaultdict(list))
    """By family."""
    asked: dict[tuple[str, str], list[pl.Series]] = field(default_factory=lambda: defaultdict(list))
    """By contract and field."""

    def see(self, contract: str, rows: pl.DataFrame) -> None:
        """Take in records of one side."""
        self.held[contracts.get(contract).about.family].append(digests(rows.get_column(KEY)))
        for name in references(contract):
            wanted = rows.get_column(name).drop_nulls().unique()
            if len(wanted):
                self.asked[contract, name].append(digests(wanted).unique())

    def also(self, contract: str, keys: pl.Series) -> None:
        """Take in the names that the other side has for records of this one."""
        self.held[contracts.get(contract).about.family].append(digests(keys))

    def holds(self, family: str) -> pl.Series:
        """Give the digests of all records of a family."""
        return pl.concat(self.held[family]).unique() if self.held.get(family) else pl.Series([], dtype=pl.UInt64)

    def nowhere(self) -> dict[tuple[str, str], int]:
        """Count the distinct references that lead to no record here, by contract and field."""
        found = {}
        for (contract, name), asked in self.asked.items():
            lost = ~pl.concat(asked).unique().is_in(self.holds(references(contract)[name]).implode())
            if lost.any():
                found[contract, name] = int(lost.sum())
        return found

    def leads(self, contract: str, name: str, refs: pl.Series) -> pl.Series:
        """Say which references lead to a record here, or to what is referred to here as well."""
        known = [self.holds(references(contract)[name]), *self.asked.get((contract, name), [])]
        return digests(refs).is_in(pl.concat(known).implode())


@dataclass(frozen=True, slots=True)
class Missing:
    """A record of the old side that the new side does not have, to which others refer."""

    contract: str
    spot: Spot
    key: str


@dataclass(slots=True)
class Links:
    """Gathers references that lead elsewhere, and missing records that may explain them."""

    origin: References = field(default_factory=References)
    target: References = field(default_factory=References)
    elsewhere: list[Row] = field(default_factory=list)
    missing: dict[str, Missing] = field(default_factory=dict)
    """By key."""

    def add(self, contract: str, links: pl.DataFrame) -> None:
        """Take in references of matched records that lead elsewhere."""
        if not links.height:
            return
        for (name,), rows in links.partition_by("field", as_dict=True).items():
            held = self.target.holds(references(contract)[str(name)])
            known = digests(rows.get_column("after")).is_in(held.implode())
            asked = self.origin.leads(contract, str(name), rows.get_column("after"))
            self.elsewhere += rows.with_columns(
                (known | asked).alias("leads"), pl.lit(contract).alias("contract")
            ).to_dicts()

    def judged(self, naming: Callable[[str], str], translation: Mapping[str, str]) -> Iterator[Finding]:
        """Name them. Missing records that are left over are simply not there.

        `translation` gives the old side's key for keys of the new side: a record may refer to one that was matched
        only after it was read.
        """
        elsewhere = [row for row in self.elsewhere if translation.get(row["after"]) != row["before"]]
        left, merged = _merged(elsewhere, self.missing, naming)
        yield from merged
        left, swapped = _swapped(left, naming)
        yield from swapped
        for row in left:
            yield _finding(Kind.REFERENCE if row["leads"] else Kind.BROKEN, [row], naming)
        for record in self.missing.values():
            yield Finding(Kind.DROPPED, record.contract, origin=(record.spot,), records=(naming(record.key),))


def _merged(
    rows: list[Row], missing: dict[str, Missing], naming: Callable[[str], str]
) -> tuple[list[Row], list[Finding]]:
    """Find missing persons of whom everything now belongs to one other person; they are no longer missing."""
    to: dict[str, set[str]] = defaultdict(set)
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["before"] in missing and row["leads"] and missing[row["before"]].contract.startswith(_PERSON):
            to[row["before"]].add(row["after"])
            by[row["before"]].append(row)
    merged = [key for key, others in to.items() if len(others) == 1]
    found = []
    for key in merged:
        record, moved = missing.pop(key), by[key]
        found.append(
            Finding(
                Kind.MERGED,
                record.contract,
                tuple(dict.fromkeys(f"{row['contract']}.{row['field']}" for row in moved)),
                (record.spot,),
                tuple(spot_of(row, "target") for row in moved[:5]),
                (naming(key), naming(moved[0]["after"])),
            )
        )
    gone = set(merged)
    return [row for row in rows if row["before"] not in gone], found


def _swapped(rows: list[Row], naming: Callable[[str], str]) -> tuple[list[Row], list[Finding]]:
    """Pair records of which one now refers to what the other referred to, and the reverse."""
    waiting: Mapping[tuple[str, ...], list[Row]] = defaultdict(list)
    pairs: dict[tuple[str, str, str], list[Row]] = {}
    left: dict[int, Row] = {}
    for number, row in enumerate(rows):
        about = (row["contract"], row["field"])
        partners = waiting[(*about, row["after"], row["before"])]
        if partners:
            other = partners.pop(0)
            left.pop(other["_number"])
            pairs.setdefault((row["contract"], other["key"], row["key"]), []).extend((other, row))
        else:
            waiting[(*about, row["before"], row["after"])].append(row | {"_number": number})
            left[number] = row
    return list(left.values()), [_finding(Kind.SWAPPED, both, naming) for both in pairs.values()]


def _finding(kind: Kind, rows: list[Row], naming: Callable[[str], str]) -> Finding:
    records = {row["key"]: row for row in rows}
    return Finding(
        kind,
        rows[0]["contract"],
        tuple(dict.fromkeys(row["field"] for row in rows)),
        tuple(spot_of(row, "origin") for row in records.values()),
        tuple(spot_of(row, "target") for row in records.values()),
        tuple(map(naming, records)),
        tuple(row["before"] for row in rows),
        tuple(row["after"] for row in rows),
    )
