"""Where records wait while a pack is made: sealed under a key that is never written, the latest state of each."""

from __future__ import annotations

import io
import secrets
import tempfile
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.edges.destinations.flat import flatten
from passerelle.switching.exit_pack.sealing import Sealed, Sealing
from passerelle.switching.exit_pack.selection import Role, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from passerelle.contracts.contract import Contract
    from passerelle.switching.exit_pack.selection import Selection

AT_ONCE = 2_000
"""Records read back at the same time."""
Name = bytes
"""A ref, as 16 bytes: a million of them must fit into memory."""


def name_of(*words: str) -> Name:
    """Name a ref, or a ref as one connector sees it."""
    return blake2b("\n".join(words).encode(), digest_size=16).digest()


@dataclass(slots=True)
class SpoolFile:
    """The records of one contract, in the order in which they came."""

    contract: type[Contract]
    stream: IO[bytes]
    key: bytes
    writer: Sealing
    states: bytearray = field(default_factory=bytearray)
    """One `Role` a record; OUT for one that a later state replaced."""
    latest: dict[Name, int] = field(default_factory=dict)
    """Where the latest state of each record is, by connector and ref."""
    refs: list[Name] = field(default_factory=list)
    targets: dict[int, tuple[Name, ...]] = field(default_factory=dict)
    """What records refer to; kept only where not everything goes."""
    columns: dict[str, None] = field(default_factory=dict)
    """Every column of the flat form that some record has."""
    replaced: int = 0

    def add(self, frame: pl.DataFrame, roles: Sequence[int], selection: Selection) -> None:
        """Take in records with what they are to the selection."""
        self.columns |= dict.fromkeys(flatten(frame.drop("confirmed_none", strict=False)).columns)
        sources = frame.get_column("source").struct.field("connector").to_list()
        links = _links(frame, self.contract) if not selection.is_all else None
        lines = canonical.encode(frame, self.contract)
        for index, (ref, source) in enumerate(zip(frame.get_column("ref"), sources, strict=True)):
            place, name = len(self.states), name_of(source, ref)
            if (older := self.latest.get(name)) is not None:
                self.replaced += self.states[older] == Role.GOES
                self.states[older] = Role.OUT
            self.latest[name] = place
            self.states.append(roles[index])
            self.refs.append(name_of(ref))
            if links is not None:
                self.targets[place] = links[index]
        self.writer.write(lines.str.join("\n").item().encode() + b"\n")

    def frames(self) -> Iterator[pl.DataFrame]:
        """Give the records that go, some at a time, with every field of the contract."""
        lines = self.lines()
        while some := list(islice(lines, AT_ONCE)):
            yield canonical.parse(some, self.contract)

    def lines(self) -> Iterator[bytes]:
        """Give the canonical JSON of the records that go."""
        self.writer.close()
        self.stream.flush()
        every = iter(_buffered(self.stream, self.key).readline, b"")
        return (line.rstrip(b"\n") for line, state in zip(every, self.states, strict=True) if state == Role.GOES)

    @property
    def going(self) -> int:
        """Count the records that go."""
        return self.states.count(int(Role.GOES))


class Spool:
    """One file a contract, in a folder that is emptied at the end."""

    def __init__(self, folder: Path, selection: Selection) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=folder, prefix="exit-pack-")
        self._selection = selection
        self.files: dict[str, SpoolFile] = {}

    def put(self, contract_id: str, frame: pl.DataFrame) -> int:
        """Take in records of one contract, provenance included; say how many the selection may want."""
        contract = contracts.get(contract_id)
        roles = self._selection.roles(frame, contract)
        kept = frame.filter(roles != int(Role.OUT))
        if kept.height:
            wanted = roles.filter(roles != int(Role.OUT)).to_list()
            self._open_file(contract_id, contract).add(kept, wanted, self._selection)
        return kept.height

    def settle(self) -> None:
        """Decide which records go along with others, until nothing changes any more."""
        if self._selection.is_all:
            return
        going = {ref for spool_file in self.files.values() for ref in _refs(spool_file, Role.GOES)}
        wanted = {ref for spool_file in self.files.values() for ref in _targets(spool_file, Role.GOES)}
        moved = True
        while moved:
            moved = False
            for spool_file in self.files.values():
                moved = self._take_along(spool_file, going, wanted) or moved

    def _take_along(self, spool_file: SpoolFile, going: set[Name], wanted: set[Name]) -> bool:
        is_hub, moved = self._selection.is_hub(spool_file.contract), False
        for place, state in enumerate(spool_file.states):
            targets = spool_file.targets.get(place, ())
            if state == Role.ALONG and (spool_file.refs[place] in wanted if is_hub else not going.isdisjoint(targets)):
                spool_file.states[place] = Role.GOES
                going.update(() if spool_file.contract.about.person == "" else (spool_file.refs[place],))
                wanted.update(targets)
                moved = True
        return moved

    def close(self) -> None:
        """Empty the folder. What was in it cannot be read any more in any case: its keys were in memory alone."""
        for spool_file in self.files.values():
            spool_file.writer.close()
            spool_file.stream.close()
        self._folder.cleanup()

    def _open_file(self, contract_id: str, contract: type[Contract]) -> SpoolFile:
        if contract_id not in self.files:
            key = secrets.token_bytes(32)
            stream = tempfile.TemporaryFile(dir=self._folder.name)  # noqa: SIM115  closed with the spool
            self.files[contract_id] = SpoolFile(contract, stream, key, Sealing(stream, key))
        return self.files[contract_id]


def depth(frame: pl.DataFrame, contract: type[Contract]) -> tuple[str, str]:
    """Give the earliest and the latest day that records speak of; empty where they say none."""
    first, last = span(frame, contract)
    found = frame.select(first=pl.min_horizontal(first, last).min(), last=pl.max_horizontal(first, last).max()).row(0)
    return found[0] or "", found[1] or ""


def reference_fields(contract: type[Contract]) -> dict[str, str]:
    """Give the fields that refer to other records, with the family that each names."""
    return {name: fact.reference for name, fact in contract.describe_fields().items() if fact.reference}


def _links(frame: pl.DataFrame, contract: type[Contract]) -> list[tuple[Name, ...]]:
    names = [name for name in reference_fields(contract) if name in frame.columns]
    if not names:
        return [()] * frame.height
    return [tuple(name_of(ref) for ref in row if ref) for row in frame.select(names).iter_rows()]


def _refs(spool_file: SpoolFile, role: Role) -> Iterator[Name]:
    """Name the records of a role. Organisations and professionals take nothing along: half the world refers to them."""
    if spool_file.contract.about.person:
        yield from (ref for ref, state in zip(spool_file.refs, spool_file.states, strict=True) if state == role)


def _targets(spool_file: SpoolFile, role: Role) -> Iterator[Name]:
    for place, targets in spool_file.targets.items():
        if spool_file.states[place] == role:
            yield from targets


def _buffered(stream: IO[bytes], key: bytes) -> IO[bytes]:
    return io.BufferedReader(Sealed(stream, key))
