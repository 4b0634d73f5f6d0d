"""Fingerprints of what a side holds: the same records in any order give the same digests.

A record, or a value, is the SHA-256 of its canonical JSON (`{"field":value}` for a value); the fingerprint of many is
the SHA-256 of their digests, sorted and put one after the other. Anybody can compute it again with any tool.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.layout import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from passerelle.switching.snapshot import Snapshot

FEW = 10
"""Fewer records or known values than this have no fingerprint: whoever guesses a name could check the guess."""
_ROWS = 20_000
_EMPTY = "{}"
_SIZE = 32


def of_side(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Give, by contract, the records' count and digest, and the same of the known values of each field.

    Memory: 32 bytes a record.
    """
    return {name: _of_contract(snapshot, name) for name in snapshot.contracts}


def _of_contract(snapshot: Snapshot, contract: str) -> dict[str, Any]:
    names = [name for name in columns(contracts.get(contract)) if name != "source"]
    whole = _digested(_texts(snapshot, contract, names))
    fields = {name: _of_field(snapshot, contract, name) for name in names if name != "ref"}
    return {
        "version": contracts.get(contract).about.version,
        "count": snapshot.count(contract),
        "digest": _told(whole),
        "fields": {name: told for name, told in fields.items() if told["known"]},
    }


def _of_field(snapshot: Snapshot, contract: str, name: str) -> dict[str, Any]:
    digests = _digested(_texts(snapshot, contract, [name]))
    return {"known": len(digests) // _SIZE, "digest": _told(digests)}


def _texts(snapshot: Snapshot, contract: str, names: list[str]) -> Iterator[pl.Series]:
    frame = snapshot.scan(contract).select(names)
    for start in range(0, snapshot.count(contract), _ROWS):
        yield canonical.encode(frame.slice(start, _ROWS).collect(), contracts.get(contract))


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
