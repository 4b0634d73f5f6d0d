"""Tables of the same contract go out together: a batch has at most one pile of records a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence


def join_records(piles: Sequence[Records]) -> list[Records]:
    """Join piles of the same contract, in the order of the supplier's rows; leave out those that are empty.

    A destination names what it writes after batch and contract: two piles of one contract would overwrite each other.
    """
    by_contract: dict[str, list[pl.DataFrame]] = {}
    for pile in piles:
        if pile.frame.height:
            by_contract.setdefault(pile.contract, []).append(pile.frame)
    return [
        Records(contract, frames[0] if len(frames) == 1 else _in_order(frames))
        for contract, frames in by_contract.items()
    ]


def _in_order(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal_relaxed").sort(ROW, maintain_order=True)
