"""Sealed lists of what a whole export held: the refs by which a record that vanished later can still be named.

The journal knows records by keyed pseudonyms, which cannot be turned back into refs. One list for each flow whose
source sends the whole, in a depot of its own: sealed in chunks, there whole or not at all, under a new name each time;
the journal names the list that counts, in the transaction that closes the parcel. Written piece by piece, compressed: a
million refs take some megabytes.
"""

from __future__ import annotations

import json
import secrets
import struct
from dataclasses import field
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from passerelle.stores.depot import Depot

_HEAD = struct.Struct(">HI")
"""Before each piece: bytes of the contract's name, bytes of the table."""
SCHEMA = pl.Schema(
    {"ref": pl.String(), "day": pl.Date(), "seen": pl.Date(), "since": pl.Date(), "became": pl.Boolean()}
)
"""By record: its day in the export's window (null: it has none), when it was last present, since when it is missing
(null: it is there), and whether the row goes on as a record of another contract."""


@dataclass(slots=True)
class WholeListDraft:
    """A list being written, in memory, compressed."""

    flow: str
    content: BytesIO = field(default_factory=BytesIO, repr=False)
    count: int = 0

    def __post_init__(self) -> None:
        # by chance: the digest names the file, and must not tell what a short list holds
        self._write("", json.dumps({"flow": self.flow, "nonce": secrets.token_hex(16)}).encode())

    def add(self, contract: str, frame: pl.DataFrame) -> None:
        """Append records of one contract, as `SCHEMA`."""
        if not frame.height:
            return
        piece = BytesIO()
        frame.select(SCHEMA.names()).write_ipc(piece, compression="zstd")
        self._write(contract, piece.getvalue())
        self.count += frame.height

    def put(self, wholes: Depot) -> str:
        """Seal the list durably and return its digest. Raises FatalError `incident.disk.*`."""
        self.content.seek(0)
        return wholes.put(self.content, name="whole").digest

    def _write(self, contract: str, piece: bytes) -> None:
        name = contract.encode()
        self.content.write(_HEAD.pack(len(name), len(piece)) + name + piece)


def read_pieces(wholes: Depot, digest: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the pieces of a list: contract, records as `SCHEMA`.

    Raises ParcelError `incident.deposit.missing` or `incident.deposit.broken`.
    """
    with wholes.open(digest) as stream:
        while head := stream.read(_HEAD.size):
            if len(head) != _HEAD.size:
                raise ParcelError("incident.deposit.broken", parcel=digest)
            name_size, size = _HEAD.unpack(head)
            contract = _read_exactly(stream, name_size, digest).decode()
            piece = _read_exactly(stream, size, digest)
            if contract:  # the first piece is the head of the list
                yield contract, pl.read_ipc(BytesIO(piece))


def _read_exactly(stream: IO[bytes], size: int, digest: str) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise ParcelError("incident.deposit.broken", parcel=digest)
    return content
