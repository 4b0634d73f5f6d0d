"""Reads blocks of known records as they are stored, and holds each against its digest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from passerelle.stores import schema
from passerelle.stores.known_block import read_beginnings
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Columns = tuple[bytes, bytes, bytes, bytes, bytes | None]

_KNOWN = schema.known.c
_NAMES = ("ref_keys", "contents", "versions", "parcels", "moments")


def read_columns(connection: Connection, block_id: int, verified: set[int]) -> Columns:
    """Read the columns of a block, verified unless it is among the `verified`, to which it is added."""
    columns = (_KNOWN.ref_keys, _KNOWN.contents, _KNOWN.versions, _KNOWN.parcels, _KNOWN.moments)
    row = connection.execute(select(*columns, _KNOWN.digest).where(_KNOWN.id == block_id)).one()
    keys, contents, versions, parcels, moments, digest = row
    if block_id not in verified:
        _refuse_damaged(compute_digest(dict(zip(_NAMES, row[:-1], strict=True))), digest)
        verified.add(block_id)
    return keys, contents, versions, parcels, moments


def read_block_beginnings(connection: Connection, block_id: int) -> NDArray[np.uint32]:
    """Return the first four bytes of the refs of a block, verified. Raises FatalError `incident.journal.corrupt`."""
    keys, digest = connection.execute(select(_KNOWN.ref_keys, _KNOWN.digest).where(_KNOWN.id == block_id)).one()
    # damaged refs would be new ones, and everything of theirs delivered again as such
    _refuse_damaged(hashlib.sha256(keys).digest(), digest)
    return read_beginnings(keys)


def compute_digest(columns: Mapping[str, bytes | None]) -> bytes:
    """Return the digest of a block: SHA-256 of its refs, then of all its other columns, in order of their names."""
    # In two parts: the refs are also read alone. Not keyed: it is against chance, not against people.
    rest = hashlib.sha256()
    for name, column in sorted(columns.items()):
        if name != "ref_keys" and column is not None:
            rest.update(f"{name}:{len(column)}:".encode())
            rest.update(column)
    return hashlib.sha256(columns["ref_keys"] or b"").digest() + rest.digest()


def _refuse_damaged(found: bytes, stored: bytes | None) -> None:
    """Raise FatalError `incident.journal.corrupt` when a digest does not begin as it should; a block may have none."""
    if stored is not None and stored[: len(found)] != found:
        raise FatalError("incident.journal.corrupt", cause="known")
