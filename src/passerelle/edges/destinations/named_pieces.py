"""The hidden files of a destination with one file name: what is delivered and not placed yet.

Pieces are batches; a joined file is whole and waits for its name; a state is everything that was placed, where files
hold everything. All carry the name of their flow, so that flows share a folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from passerelle.edges.destinations.folder import make_file_name
from passerelle.edges.destinations.forms import write_parquet
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from passerelle.edges.destinations.laid_rows import Content
    from passerelle.edges.places.file_place import FilePlace
    from passerelle.vocabulary.parcels import Delivery

REF, VERSION = "passerelle:ref", "passerelle:version"
"""Columns that no file has: which record a row is, and which of its states."""
KNOWN = (REF, VERSION)


@dataclass(frozen=True, slots=True)
class Piece:
    """A batch of one contract that waits for its file."""

    name: str
    contract: str
    parcel: str
    """The short name of its parcel."""
    number: int
    form: str


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A whole file that waits for its name."""

    name: str
    contract: str
    target: str


@dataclass(frozen=True, slots=True)
class HiddenFiles:
    """What one flow has in hand, by name."""

    pieces: Sequence[Piece]
    joined: Sequence[JoinedFile]
    states: Collection[str]
    """Contracts that have a state in this form."""
    changed: Collection[str]
    """Contracts whose state lost records that the placed file may still have."""
    outdated: Sequence[tuple[str, str]]
    """Contracts, each with the name of a hidden file that is of another form: nothing is made of it any more."""


@dataclass(frozen=True, slots=True)
class PieceFolder:
    """The hidden files of one flow, in one form."""

    place: FilePlace
    flow: str
    form: str
    rights: int

    def look(self) -> HiddenFiles:
        """Return what is there. Raises TransientError when the place is away."""
        names = sorted(name for name in self.place.list_names() if name.startswith(f".{self.flow}"))
        begin, contract = rf"\.{re.escape(self.flow)}", r"(?P<contract>[a-z_]+-[0-9]+)"
        piece = re.compile(
            rf"{begin}-{contract}-(?P<parcel>[0-9a-f]{{12}}(-[0-9]+)?)-(?P<number>[0-9]{{5,}})\.(?P<form>[a-z]+)\.piece"
        )
        joined = re.compile(rf"{begin}\.{contract}\.(?P<target>.+)\.joined")
        kept = re.compile(rf"{begin}-{contract}\.(?P<form>[a-z]+)\.(?P<kind>state|changed)")
        states = [(name, found) for name in names if (found := kept.fullmatch(name))]
        own = {
            kind: {found["contract"] for _name, found in states if found.group("form", "kind") == (self.form, kind)}
            for kind in ("state", "changed")
        }
        return HiddenFiles(
            [
                Piece(name, found["contract"], found["parcel"], int(found["number"]), found["form"])
                for name in names
                if (found := piece.fullmatch(name))
            ],
            [
                JoinedFile(name, found["contract"], found["target"])
                for name in names
                if (found := joined.fullmatch(name))
            ],
            own["state"],
            own["changed"],
            [(found["contract"], name) for name, found in states if found["form"] != self.form],
        )

    def write_piece(self, delivery: Delivery, table: pl.DataFrame) -> None:
        """Write a batch; the same batch again takes its place."""
        self.write(f".{make_file_name(delivery, self.form)}.piece", write_parquet(table))

    def write_joined(self, contract: str, target: str, content: Content) -> JoinedFile:
        """Write a whole file that waits for its name, with the rights that it will have."""
        file = JoinedFile(f".{self.flow}.{contract}.{target}.joined", contract, target)
        self.place.write(file.name, content, self.rights)
        return file

    def write_state(self, contract: str, table: pl.DataFrame, found: HiddenFiles) -> None:
        """Write the state of a contract, and remove what it had in other forms."""
        self.write(self._name_state(contract), write_parquet(table))
        self._remove_outdated(found, contract)

    def write(self, name: str, content: bytes) -> None:
        """Write a hidden file, with the rights of the others: whoever may read them has what is in it."""
        self.place.write(name, content, self.rights)

    def read_state(self, contract: str) -> pl.DataFrame:
        """Return the state of a contract that has one."""
        return self.read(self._name_state(contract))

    def read(self, name: str) -> pl.DataFrame:
        """Return the rows of a hidden file. Raises TransientError when it cannot be read now."""
        state = self.place.read_state(name)
        if state is None:
            raise TransientError("incident.file.unreadable")
        with self.place.open(name, state) as stream:
            return pl.read_parquet(BytesIO(stream.read()))

    def remove(self, pieces: Iterable[Piece]) -> None:
        """Remove pieces."""
        for piece in pieces:
            self.place.delete(piece.name)

    def clear_changed(self, contract: str) -> None:
        """Note that the file is as the state is."""
        self.place.delete(self._name_state(contract, "changed"))

    def forget_states(self, found: HiddenFiles) -> None:
        """Remove the states."""
        for contract in {*found.states, *found.changed, *(contract for contract, _name in found.outdated)}:
            self.clear_changed(contract)
            self.place.delete(self._name_state(contract))
            self._remove_outdated(found, contract)

    def take_out(self, found: HiddenFiles, contract: str, refs: Collection[str]) -> None:
        """Take records out of the pieces and the state of a contract."""
        for piece in found.pieces:
            if piece.contract == contract:
                table = self.read(piece.name)
                if (left := _leave_out(table, refs)).height < table.height:
                    self.write(piece.name, write_parquet(left))
        if contract in found.states:
            table = self.read_state(contract)
            if (left := _leave_out(table, refs)).height < table.height:
                # first: what is killed in between finds nothing to take out any more
                self.write(self._name_state(contract, "changed"), b"")
                self.write_state(contract, left, found)
        self._remove_outdated(found, contract)

    def _remove_outdated(self, found: HiddenFiles, contract: str) -> None:
        for each, name in found.outdated:
            if each == contract:
                self.place.delete(name)

    def _name_state(self, contract: str, kind: str = "state") -> str:
        return f".{self.flow}-{contract}.{self.form}.{kind}"


def _leave_out(table: pl.DataFrame, refs: Collection[str]) -> pl.DataFrame:
    return table.filter(~pl.col(REF).is_in(list(refs)))


def find_latest(tables: Iterable[pl.DataFrame]) -> list[pl.Series]:
    """Return, of each of some tables, the rows that hold the latest state of their record.

    `tables` need `KNOWN` alone. Of the same version, the later row counts.
    """
    keys = [
        table.select(*KNOWN, pl.lit(nth).alias("nth"), pl.int_range(pl.len()).alias("row"))
        for nth, table in enumerate(tables)
    ]
    if not keys:
        return []
    latest = pl.concat(keys).sort(VERSION, maintain_order=True).unique(REF, keep="last", maintain_order=True)
    return [latest.filter(pl.col("nth") == nth).get_column("row").sort() for nth in range(len(keys))]
