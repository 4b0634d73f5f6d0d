"""Places of all anomalies: counted by group, the first ones kept, each written to a temporary file in 8 bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SHOWN = 5
"""How many places of a cause people are shown."""
IN_MEMORY = 1 << 22
"""Bytes of places that stay in memory; the others go to a temporary file. They hold no value, only numbers."""
_PLACE = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class AnomalyGroup:
    """Key of a group of anomalies: same reason, same field, same column of the same file."""

    code: str
    """A reason code."""
    sample: int
    """Which sample, in the order in which they were given."""
    member: str
    contract: str
    field: str
    """Field of the contract, without what it holds inside."""
    column: str
    refuses: bool
    """Whether the record could not be taken."""


@dataclass(slots=True)
class AnomalyCount:
    """The anomalies of a group: how many, and the first lines."""

    number: int
    count: int = 0
    lines: list[int] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=dict)


class AnomalyTrail:
    """Places of all anomalies of one scoring. Memory is bounded by the number of groups."""

    def __init__(self, *, in_memory: int = IN_MEMORY) -> None:
        self.groups: dict[AnomalyGroup, AnomalyCount] = {}
        self._file = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115  it lives as long as the trail

    def add(self, group: AnomalyGroup, lines: Iterable[int], facts: Mapping[str, str] | None = None) -> None:
        """Record anomalies at their lines."""
        entry = self.groups.setdefault(group, AnomalyCount(len(self.groups)))
        entry.facts = entry.facts or dict(facts or {})
        packed = bytearray()
        for line in lines:
            entry.count += 1
            if len(entry.lines) < SHOWN:
                entry.lines.append(line)
            packed += _PLACE.pack(entry.number, line)
        self._file.write(packed)

    def repeat(self, group: AnomalyGroup, count: int) -> None:
        """Add to the count of a group whose places were not all recorded."""
        self.groups[group].count += count

    def iter_places(self) -> Iterator[tuple[AnomalyGroup, int]]:
        """Yield every anomaly and its line, in the order in which they were recorded."""
        by_number = list(self.groups)
        self._file.seek(0)
        while chunk := self._file.read(_PLACE.size * 4096):
            for number, line in _PLACE.iter_unpack(chunk):
                yield by_number[number], line
        # Back to the end: more anomalies may be recorded after a reading.
        self._file.seek(0, 2)

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()
