"""Records that wait while a pack is made: sealed under a key that is never written, the latest state of each."""

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
from passerelle.switching.exit_pack.pack_selection import SelectionRole, select_span
from passerelle.switching.exit_pack.sealed_file import SealedReader, SealingWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from passerelle.contracts.contract import Contract
    from passerelle.switching.exit_pack.pack_selection import PackSelection

AT_ONCE = 2_000
"""Records read back at the same time."""
RefDigest = bytes
"""A ref, as a digest of 16 bytes: a million of them must fit into memory."""


def digest_ref(*words: str) -> RefDigest:
    """Return the digest of a ref, or of a connector and a ref."""
    return blake2b("\n".join(words).encode(), digest_size=16).digest()


@dataclass(slots=True)
class SpoolFile:
    """The records of one contract, in the order in which they came."""

    contract: type[Contract]
    stream: IO[bytes]
    key: bytes
    writer: SealingWriter
    states: bytearray = field(default_factory=bytearray)
    """One `Role` a record; OUT for one that a later state replaced."""
    latest: dict[RefDigest, int] = field(default_factory=dict)
    """Where the latest state of each record is, by connector and ref."""
    refs: list[RefDigest] = field(default_factory=list)
    targets: dict[int, tuple[RefDigest, ...]] = field(default_factory=dict)
    """What records refer to; empty where everything goes."""
    columns: dict[str, None] = field(default_factory=dict)
    """Every column of the flat form that some record has."""
    replaced: int = 0

    def add(self, frame: pl.DataFrame, roles: Sequence[int], selection: PackSelection) -> None:
        """Add records with their roles in the selection."""
        self.columns |= dict.fromkeys(flatten(frame.drop("confirmed_none", strict=False)).columns)
        sources = frame.get_column("source").struct.field("connector").to_list()
        links: list[tuple[RefDigest, ...]] | None = None
        if not selection.is_all:
            names = [column for column in map_references(self.contract) if column in frame.columns]
            links = [tuple(digest_ref(ref) for ref in row if ref) for row in frame.select(names).iter_rows()]
            links = links if names else [()] * frame.height
        lines = canonical.encode(frame, self.contract)
        for index, (ref, source) in enumerate(zip(frame.get_column("ref"), sources, strict=True)):
            place, name = len(self.states), digest_ref(source, ref)
            if (older := self.latest.get(name)) is not None:
                self.replaced += self.states[older] == SelectionRole.GOES
                self.states[older] = SelectionRole.OUT
            self.latest[name] = place
            self.states.append(roles[index])
            self.refs.append(digest_ref(ref))
            if links is not None:
                self.targets[place] = links[index]
        self.writer.write(lines.str.join("\n").item().encode() + b"\n")

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the records that go, `AT_ONCE` at a time, with every field of the contract."""
        lines = self.iter_lines()
        while batch := list(islice(lines, AT_ONCE)):
            yield canonical.parse(batch, self.contract)

    def iter_lines(self) -> Iterator[bytes]:
        """Return the canonical JSON of the records that go, line by line. Nothing can be added afterwards."""
        self.writer.close()
        self.stream.flush()
        reader: IO[bytes] = io.BufferedReader(SealedReader(self.stream, self.key))
        pairs = zip(iter(reader.readline, b""), self.states, strict=True)
        return (line.rstrip(b"\n") for line, state in pairs if state == SelectionRole.GOES)

    @property
    def going_count(self) -> int:
        """The number of records that go."""
        return self.states.count(int(SelectionRole.GOES))


class Spool:
    """One file for each contract, in a folder that is removed at the end."""

    def __init__(self, folder: Path, selection: PackSelection) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=folder, prefix="exit-pack-")
        self._selection = selection
        self.files: dict[str, SpoolFile] = {}

    def add(self, contract_id: str, frame: pl.DataFrame) -> int:
        """Add records of one contract, provenance included; return how many the selection may want."""
        contract = contracts.get(contract_id)
        roles = self._selection.assign_roles(frame, contract)
        mask = roles != int(SelectionRole.OUT)
        wanted = frame.filter(mask)
        if not wanted.height:
            return 0
        if contract_id not in self.files:
            key = secrets.token_bytes(32)
            stream = tempfile.TemporaryFile(dir=self._folder.name)  # noqa: SIM115  closed with the spool
            self.files[contract_id] = SpoolFile(contract, stream, key, SealingWriter(stream, key))
        self.files[contract_id].add(wanted, roles.filter(mask).to_list(), self._selection)
        return wanted.height

    def settle(self) -> None:
        """Decide which records go along with others, until nothing changes any more."""
        if self._selection.is_all:
            return
        going: set[RefDigest] = set()
        wanted: set[RefDigest] = set()
        for spool_file in self.files.values():
            goes = [place for place, state in enumerate(spool_file.states) if state == SelectionRole.GOES]
            # Organisations and professionals take nothing along: half the world refers to them.
            if spool_file.contract.about.person:
                going.update(spool_file.refs[place] for place in goes)
            wanted.update(target for place in goes for target in spool_file.targets.get(place, ()))
        moved = True
        while moved:
            moved = False
            for spool_file in self.files.values():
                moved = self._take_along(spool_file, going, wanted) or moved

    def _take_along(self, spool_file: SpoolFile, going: set[RefDigest], wanted: set[RefDigest]) -> bool:
        is_hub, moved = self._selection.is_hub(spool_file.contract), False
        for place, state in enumerate(spool_file.states):
            if state != SelectionRole.ALONG:
                continue
            ref, targets = spool_file.refs[place], spool_file.targets.get(place, ())
            if ref in wanted if is_hub else not going.isdisjoint(targets):
                spool_file.states[place] = SelectionRole.GOES
                if spool_file.contract.about.person:
                    going.add(ref)
                wanted.update(targets)
                moved = True
        return moved

    def close(self) -> None:
        """Remove the folder. Its files could not be read any more in any case: their keys were in memory alone."""
        for spool_file in self.files.values():
            spool_file.writer.close()
            spool_file.stream.close()
        self._folder.cleanup()


def compute_depth(frame: pl.DataFrame, contract: type[Contract]) -> tuple[str, str]:
    """Return the earliest and the latest day that records are about; empty where they have none."""
    first, last = select_span(frame, contract)
    days = frame.select(first=pl.min_horizontal(first, last).min(), last=pl.max_horizontal(first, last).max()).row(0)
    return days[0] or "", days[1] or ""


def map_references(contract: type[Contract]) -> dict[str, str]:
    """Return the fields that refer to other records, with the family that each refers to."""
    return {name: meta.reference for name, meta in contract.describe_fields().items() if meta.reference}
