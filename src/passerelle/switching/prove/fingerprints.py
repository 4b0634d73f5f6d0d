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


def fingerprint_origin(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Return the fingerprints of the old side, where a record that came again counts once, as it was last.

    So it is moved: the last version is what the new side received.
    """
    fingerprints: dict[str, dict[str, Any]] = {}
    for name in snapshot.contracts:
        is_last = snapshot.scan(name).select(pl.col("ref").is_last_distinct()).collect().get_column("ref")
        fingerprints[name] = _fingerprint_contract(snapshot, name, is_last)
    return fingerprints


def fingerprint_target(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Return, by contract, the records' count and digest, and the same of the known values of each field.

    Memory: 32 bytes a record.
    """
    return {name: _fingerprint_contract(snapshot, name, None) for name in snapshot.contracts}


def _fingerprint_contract(snapshot: Snapshot, contract: str, mask: pl.Series | None) -> dict[str, Any]:
    names = [name for name in list_columns(contracts.get(contract)) if name != "source"]
    records = _digest_texts(_iter_texts(snapshot, contract, names, mask))
    fields: dict[str, dict[str, Any]] = {}
    # One field after the other, each read anew: the digests of all fields at once would not fit in memory.
    for name in names:
        values = bytearray() if name == "ref" else _digest_texts(_iter_texts(snapshot, contract, [name], mask))
        if values:
            fields[name] = {"known": len(values) // _SIZE, "digest": _fold_digests(values)}
    return {
        "version": contracts.get(contract).about.version,
        "count": len(records) // _SIZE,
        "digest": _fold_digests(records),
        "fields": fields,
    }


def _iter_texts(snapshot: Snapshot, contract: str, names: list[str], mask: pl.Series | None) -> Iterator[pl.Series]:
    start = 0
    for whole in snapshot.iter_columns(contract, names, _ROWS):
        rows = whole if mask is None else whole.filter(mask.slice(start, whole.height))
        start += whole.height
        yield canonical.encode(rows, contracts.get(contract))


def _digest_texts(texts: Iterator[pl.Series]) -> bytearray:
    digests = bytearray()
    for batch in texts:
        for text in batch:
            if text != _EMPTY:  # an unknown value has no digest
                digests += hashlib.sha256(text.encode()).digest()
    return digests


def _fold_digests(digests: bytearray) -> str | None:
    """Return the digest of many digests; None when there are fewer than `FEW`."""
    if len(digests) < FEW * _SIZE:
        return None
    return hashlib.sha256(np.sort(np.frombuffer(digests, dtype=f"S{_SIZE}")).tobytes()).hexdigest()
