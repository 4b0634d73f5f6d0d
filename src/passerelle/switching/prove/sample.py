"""Draws a sample for a human check with a public seed: nobody chose the records, anybody can draw them again."""

from __future__ import annotations

import hashlib
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from passerelle.switching.snapshot import PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.switching.snapshot import Snapshot

_ROWS = 50_000


def draw_sample(snapshot: Snapshot, seed: str, size: int) -> list[dict[str, Any]]:
    """Draw at most `size` records of each contract: those whose SHA-256 of seed, contract and place is the smallest.

    Return places only: the digest of the file, the member, the first line.
    """
    digests = {entry["number"]: entry["sha256"] for entry in snapshot.manifest["files"]}
    return [
        {"contract": contract, "file": digests[number], "member": member, "line": line}
        for contract in snapshot.contracts
        for _rank, number, member, line in sorted(
            nsmallest(size, _rank_records(snapshot, contract, seed, digests)), key=lambda drawn: drawn[1:]
        )
    ]


def _rank_records(
    snapshot: Snapshot, contract: str, seed: str, digests: dict[int, str]
) -> Iterator[tuple[bytes, int, str, int]]:
    for places in snapshot.iter_columns(contract, PLACE[1:], _ROWS):
        for number, member, line in places.iter_rows():
            words = f"{seed}|{contract}|{digests[number]}|{member}|{line}"
            yield hashlib.sha256(words.encode()).digest(), number, member, line
