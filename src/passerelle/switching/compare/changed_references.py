"""References that lead elsewhere than before: merged persons, exchanged records, dangling or changed references.

Merged means: the records of a person lead to a person to whom another one is matched. Where that is not known yet,
because somebody is still asked who is who, they wait for the answer; nobody is accused of having merged anybody.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.switching.compare.side_findings import SideFinding, get_place
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.record_texts import KEY, map_references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.switching.compare.side_findings import RecordPlace

_SEED = 11
_PERSON = "person/"
Row = dict[str, Any]


def hash_keys(keys: pl.Series) -> pl.Series:
    """Hash keys to eight bytes each, the same within a run."""
    return keys.hash(_SEED)


@dataclass(slots=True)
class ReferenceIndex:
    """The records of a side and what they refer to, as hashes of eight bytes each."""

    records: dict[str, list[pl.Series]] = field(default_factory=lambda: defaultdict(list))
    """By family."""
    references: dict[tuple[str, str], list[pl.Series]] = field(default_factory=lambda: defaultdict(list))
    """By contract and field."""

    def observe(self, contract: str, rows: pl.DataFrame) -> None:
        """Add records of this side."""
        self.records[contracts.get(contract).about.family].append(hash_keys(rows.get_column(KEY)))
        for name in map_references(contract):
            wanted = rows.get_column(name).drop_nulls().unique()
            if len(wanted):
                self.references[contract, name].append(hash_keys(wanted).unique())

    def add_aliases(self, contract: str, keys: pl.Series) -> None:
        """Add the keys that the other side has for records of this one."""
        self.records[contracts.get(contract).about.family].append(hash_keys(keys))

    def list_records(self, family: str | None) -> pl.Series:
        """Return the hashes of all records of a family; of every one without."""
        named = self.records if family is None else (family,)
        held = [part for name in named for part in self.records.get(name, ())]
        return pl.concat(held).unique() if held else pl.Series([], dtype=pl.UInt64)

    def count_dangling(self) -> dict[tuple[str, str], int]:
        """Count the distinct references that lead to no record here, by contract and field."""
        found = {}
        for (contract, name), asked in self.references.items():
            lost = ~pl.concat(asked).unique().is_in(self.list_records(map_references(contract)[name]).implode())
            if lost.any():
                found[contract, name] = int(lost.sum())
        return found

    def find_resolvable(self, contract: str, name: str, refs: pl.Series) -> pl.Series:
        """Return a mask of the references that lead to a record here, or to what is referred to here as well."""
        known = [self.list_records(map_references(contract).get(name)), *self.references.get((contract, name), [])]
        return hash_keys(refs).is_in(pl.concat(known).implode())


@dataclass(frozen=True, slots=True)
class MissingRecord:
    """A record of the old side that the new side does not have, to which others refer."""

    contract: str
    place: RecordPlace
    key: str
    waits: bool = False
    """Whether somebody is asked who the person is that it is, or that it is about."""


@dataclass(slots=True)
class ChangedReferences:
    """Collects references that lead elsewhere, and missing records that may explain them."""

    origin: ReferenceIndex = field(default_factory=ReferenceIndex)
    target: ReferenceIndex = field(default_factory=ReferenceIndex)
    changed: list[Row] = field(default_factory=list)
    missing: dict[str, MissingRecord] = field(default_factory=dict)
    """By key."""
    asked: dict[str, set[str]] = field(default_factory=dict)
    """By key of a person of the old side: the keys of those of the new side who may be the same."""

    def add(self, contract: str, links: pl.DataFrame) -> None:
        """Add references of matched records that lead elsewhere."""
        if not links.height:
            return
        for (name,), rows in links.partition_by("field", as_dict=True).items():
            held = self.target.list_records(map_references(contract).get(str(name)))
            known = hash_keys(rows.get_column("after")).is_in(held.implode())
            asked = self.origin.find_resolvable(contract, str(name), rows.get_column("after"))
            self.changed += rows.with_columns(
                (known | asked).alias("leads"), pl.lit(contract).alias("contract")
            ).to_dicts()

    def iter_findings(self, naming: Callable[[str], str], translation: Mapping[str, str]) -> Iterator[SideFinding]:
        """Yield merged persons, then exchanged references, then changed or dangling ones, then missing records.

        `translation` gives the old side's key for keys of the new side: a record may refer to one that was matched
        only after it was read.
        """
        elsewhere = [row for row in self.changed if translation.get(row["after"]) != row["before"]]
        # Merges first: they explain many changed references at once, and some missing persons.
        left, merged = _find_merged(elsewhere, self.missing, self._is_matched, naming)
        yield from merged
        waiting = [row for row in left if row["after"] in self.asked.get(row["before"], ())]
        yield from (_make_finding(DifferenceKind.WAITING, [row], naming) for row in waiting)
        left = [row for row in left if row["after"] not in self.asked.get(row["before"], ())]
        left, swapped = _find_swapped(left, naming)
        yield from swapped
        for row in left:
            yield _make_finding(DifferenceKind.REFERENCE if row["leads"] else DifferenceKind.BROKEN, [row], naming)
        for record in self.missing.values():
            kind = DifferenceKind.WAITING if record.waits else DifferenceKind.DROPPED
            yield SideFinding(kind, record.contract, origin=(record.place,), records=(naming(record.key),))

    def _is_matched(self, keys: list[str]) -> list[bool]:
        """Return which of these, in the words of the old side, are persons of both sides."""
        hashes = hash_keys(pl.Series(keys, dtype=pl.String))
        both = [side.list_records("person").implode() for side in (self.origin, self.target)]
        known = hashes.is_in(both[0]) & hashes.is_in(both[1])
        return [there and key not in self.missing for there, key in zip(known, keys, strict=True)]


def _find_merged(
    rows: list[Row],
    missing: dict[str, MissingRecord],
    is_matched: Callable[[list[str]], list[bool]],
    naming: Callable[[str], str],
) -> tuple[list[Row], list[SideFinding]]:
    """Find missing persons whose records all lead to one person matched to another; take them out of `missing`."""
    to: dict[str, set[str]] = defaultdict(set)
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["before"] in missing and row["leads"] and missing[row["before"]].contract.startswith(_PERSON):
            to[row["before"]].add(row["after"])
            by[row["before"]].append(row)
    single = {key: next(iter(others)) for key, others in to.items() if len(others) == 1}
    matched = is_matched(list(single.values()))
    merged = [key for key, both in zip(single, matched, strict=True) if both and not missing[key].waits]
    found = []
    for key in merged:
        record, moved = missing.pop(key), by[key]
        found.append(
            SideFinding(
                DifferenceKind.MERGED,
                record.contract,
                tuple(dict.fromkeys(f"{row['contract']}.{row['field']}" for row in moved)),
                (record.place,),
                tuple(get_place(row, "target") for row in moved[:5]),
                (naming(key), naming(moved[0]["after"])),
            )
        )
    gone = set(merged)
    return [row for row in rows if row["before"] not in gone], found


def _find_swapped(rows: list[Row], naming: Callable[[str], str]) -> tuple[list[Row], list[SideFinding]]:
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
    return list(left.values()), [_make_finding(DifferenceKind.SWAPPED, both, naming) for both in pairs.values()]


def _make_finding(kind: DifferenceKind, rows: list[Row], naming: Callable[[str], str]) -> SideFinding:
    records = {row["key"]: row for row in rows}
    return SideFinding(
        kind,
        rows[0]["contract"],
        tuple(dict.fromkeys(row["field"] for row in rows)),
        tuple(get_place(row, "origin") for row in records.values()),
        tuple(get_place(row, "target") for row in records.values()),
        tuple(map(naming, records)),
        tuple(row["before"] for row in rows),
        tuple(row["after"] for row in rows),
    )
