"""Unexpected differences, named and placed. On disk: a line each; in memory: counts and first places."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Self

from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.vocabulary.safe_files import replace_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import polars as pl

SHOWN = 20
"""How many places of a group are shown."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The place of a record: the number of its file in the side's manifest, the member, the first line."""

    file: int
    member: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.member}:{self.line}" if self.member else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class SideFinding:
    """One difference. Its values are kept elsewhere, for those who may see them."""

    kind: DifferenceKind
    contract: str
    fields: tuple[str, ...] = ()
    origin: tuple[RecordPlace, ...] = ()
    target: tuple[RecordPlace, ...] = ()
    records: tuple[str, ...] = ()
    """Pseudonyms of the records that it is about."""
    before: tuple[str | None, ...] = field(default=(), repr=False)
    after: tuple[str | None, ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return what may be shown to anybody: places and pseudonyms, no value."""
        return {
            "kind": self.kind.value,
            "contract": self.contract,
            "fields": list(self.fields),
            "origin": [str(spot) for spot in self.origin],
            "target": [str(spot) for spot in self.target],
            "records": list(self.records),
        }


FindingGroup = tuple[DifferenceKind, str, tuple[str, ...]]
"""Kind, contract, fields."""


@dataclass(slots=True)
class FindingLog:
    """Writes findings to `path`, a JSON object a line; to `values_path`, if there is one, with their values."""

    path: Path
    pseudonymise: Callable[[str], str]
    """Returns the pseudonym of a record, by its key."""
    values_path: Path | None = None
    groups: Counter[FindingGroup] = field(default_factory=Counter)
    first: dict[FindingGroup, list[SideFinding]] = field(default_factory=dict)
    _streams: list[TextIOWrapper] = field(default_factory=list)
    _files: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        for path in filter(None, (self.path, self.values_path)):
            raw = self._files.enter_context(replace_whole(path))
            stream = TextIOWrapper(raw, encoding="utf-8")
            # Writes what it holds back; the file beneath is still to be named, or cleared away where that fails.
            self._files.callback(stream.detach)
            self._streams.append(stream)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, problem, trace)

    def add(self, findings: Iterable[SideFinding]) -> None:
        """Write findings and count them."""
        for finding in findings:
            group = (finding.kind, finding.contract, finding.fields)
            self.groups[group] += 1
            shown = self.first.setdefault(group, [])
            if len(shown) < SHOWN:
                shown.append(finding)
            line = finding.to_json()
            self._write(0, line)
            if len(self._streams) > 1:
                self._write(1, {**line, "before": finding.before, "after": finding.after})

    def add_differences(self, contract: str, rows: pl.DataFrame) -> None:
        """Add the rows of `PairDifferences`."""
        self.add(
            SideFinding(
                DifferenceKind(row["kind"]),
                contract,
                tuple(row["fields"]),
                (get_place(row, "origin"),),
                (get_place(row, "target"),),
                (self.pseudonymise(row["key"]),),
                tuple(row["before"]),
                tuple(row["after"]),
            )
            for row in rows.iter_rows(named=True)
        )

    def add_unmatched(
        self, kind: DifferenceKind, contract: str, rows: pl.DataFrame, side: str, keys: Sequence[str]
    ) -> None:
        """Add records that only one side has."""
        for row, key in zip(rows.iter_rows(named=True), keys, strict=True):
            places, records = (get_place(row, ""),), (self.pseudonymise(key),)
            origin, target = (places, ()) if side == "origin" else ((), places)
            self.add([SideFinding(kind, contract, origin=origin, target=target, records=records)])

    def _write(self, stream: int, line: Mapping[str, Any]) -> None:
        self._streams[stream].write(json.dumps(line, ensure_ascii=False) + "\n")


def get_place(row: Mapping[str, Any], side: str) -> RecordPlace:
    """Return the place of a row; `side` is the prefix of its columns' names."""
    return RecordPlace(row[f"{side}_file"], row[f"{side}_member"], row[f"{side}_line"])
