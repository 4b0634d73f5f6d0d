"""Every difference that nobody expected, named and placed. On disk: a line each; in memory: counts and first places."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Self

from passerelle.switching.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

SHOWN = 20
"""How many places of a group are shown."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a record stands: the number of its file in the side's manifest, the member, the first line."""

    file: int
    member: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.member}:{self.line}" if self.member else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. Values are kept elsewhere, for those who may see them."""

    kind: Kind
    contract: str
    fields: tuple[str, ...] = ()
    origin: tuple[Spot, ...] = ()
    target: tuple[Spot, ...] = ()
    records: tuple[str, ...] = ()
    """Pseudonyms of the records that it is about."""
    before: tuple[str | None, ...] = field(default=(), repr=False)
    after: tuple[str | None, ...] = field(default=(), repr=False)

    def told(self) -> dict[str, Any]:
        """Give what may be shown to anybody."""
        return {
            "kind": self.kind.value,
            "contract": self.contract,
            "fields": list(self.fields),
            "origin": [str(spot) for spot in self.origin],
            "target": [str(spot) for spot in self.target],
            "records": list(self.records),
        }


Group = tuple[Kind, str, tuple[str, ...]]
"""Kind, contract, fields."""


@dataclass(slots=True)
class Findings:
    """Takes findings in. `path` gets all of them, a JSON object a line; `revealing` gets the values too, if given."""

    path: Path
    naming: Callable[[str], str]
    """Gives the pseudonym of a record, by its key."""
    revealing: Path | None = None
    groups: Counter[Group] = field(default_factory=Counter)
    first: dict[Group, list[Finding]] = field(default_factory=dict)
    _streams: list[IO[str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        for path in filter(None, (self.path, self.revealing)):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._streams.append(os.fdopen(handle, "w", encoding="utf-8"))
        return self

    def __exit__(self, *_told: object) -> None:
        for stream in self._streams:
            stream.close()

    def add(self, found: Iterable[Finding]) -> None:
        """Take findings in."""
        for finding in found:
            group = (finding.kind, finding.contract, finding.fields)
            self.groups[group] += 1
            shown = self.first.setdefault(group, [])
            if len(shown) < SHOWN:
                shown.append(finding)
            told = finding.told()
            self._write(0, told)
            if len(self._streams) > 1:
                self._write(1, {**told, "before": finding.before, "after": finding.after})

    def add_differences(self, contract: str, found: pl.DataFrame) -> None:
        """Take in what `differing` found."""
        self.add(
            Finding(
                Kind(row["kind"]),
                contract,
                tuple(row["fields"]),
                (spot_of(row, "origin"),),
                (spot_of(row, "target"),),
                (self.naming(row["key"]),),
                tuple(row["before"]),
                tuple(row["after"]),
            )
            for row in found.iter_rows(named=True)
        )

    def add_alone(self, kind: Kind, contract: str, rows: pl.DataFrame, side: str, keys: Sequence[str]) -> None:
        """Take in records that only one side has."""
        for row, key in zip(rows.iter_rows(named=True), keys, strict=True):
            spots, records = (spot_of(row, ""),), (self.naming(key),)
            mine, theirs = (spots, ()) if side == "origin" else ((), spots)
            self.add([Finding(kind, contract, origin=mine, target=theirs, records=records)])

    def _write(self, stream: int, told: Mapping[str, Any]) -> None:
        self._streams[stream].write(json.dumps(told, ensure_ascii=False) + "\n")


def spot_of(row: Mapping[str, Any], side: str) -> Spot:
    """Give the place of a row; `side` opens the names of its columns."""
    return Spot(row[f"{side}_file"], row[f"{side}_member"], row[f"{side}_line"])
