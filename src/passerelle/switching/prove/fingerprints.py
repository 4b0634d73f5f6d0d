"""Fingerprints of what a side holds: the same records in any order give the same digests.

A record, or a value, is the SHA-256 of its canonical JSON (`{"field":value}` for a value); the fingerprint of many is
the SHA-256 of their digests, sorted and put one after the other. Anybody can compute it again with any tool.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_types import list_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.switching.snapshot import Snapshot

FEW = 10
"""Fewer records or known values than this have no fingerprint: whoever guesses a name could check the guess."""
_ROWS = 20_000
_EMPTY = "{}"
_SIZE = 32


def of_origin(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Give the same of the old side, where a record that came again counts once, as it was last: so it is moved."""
    return {name: _of_contract(snapshot, name, _last(snapshot, name)) for name in snapshot.contracts}


def of_target(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Give, by contract, the records' count and digest, and the same of the known values of each field.

    Memory: 32 bytes a record.
    """
    return {name: _of_contract(snapshot, name, None) for name in snapshot.contracts}


def _last(snapshot: Snapshot, contract: str) -> pl.Series:
    """Say of each row whether no later one has its reference."""
    return snapshot.scan(contract).select(pl.col("ref").is_last_distinct()).collect().get_column("ref")


def _of_contract(snapshot: Snapshot, contract: str, kept: pl.Series | None) -> dict[str, Any]:
    names = [name for name in list_columns(contracts.get(contract)) if name != "source"]
    whole = _digested(_texts(snapshot, contract, names, kept))
    fields = {name: _of_field(snapshot, contract, name, kept) for name in names if name != "ref"}
    return {
        "version": contracts.get(contract).about.version,
        "count": len(whole) // _SIZE,
        "digest": _told(whole),
        "fields": {name: told for name, told in fields.items() if told["known"]},
    }


def _of_field(snapshot: Snapshot, contract: str, name: str, kept: pl.Series | None) -> dict[str, Any]:
    digests = _digested(_texts(snapshot, contract, [name], kept))
    return {"known": len(digests) // _SIZE, "digest": _told(digests)}


def _texts(snapshot: Snapshot, contract: str, names: list[str], kept: pl.Series | None) -> Iterator[pl.Series]:
    frame = snapshot.scan(contract).select(names)
    for start in range(0, snapshot.count(contract), _ROWS):
        rows = frame.slice(start, _ROWS).collect()
        rows = rows if kept is None else rows.filter(kept.slice(start, _ROWS))
        yield canonical.encode(rows, contracts.get(contract))


def _digested(texts: Iterator[pl.Series]) -> bytearray:
    digests = bytearray()
    for some in texts:
        for text in some:
            if text != _EMPTY:
                digests += hashlib.sha256(text.encode()).digest()
    return digests


def _told(digests: bytearray) -> str | None:
    """Fold digests into one; None when there are few."""
    if len(digests) < FEW * _SIZE:
        return None
    return hashlib.sha256(np.sort(np.frombuffer(digests, dtype=f"S{_SIZE}")).tobytes()).hexdigest()
