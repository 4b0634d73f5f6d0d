"""Joins the records that several tables of a batch give of the same contract."""

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
    # diagonal: two tables of one contract need not fill the same fields
    return [
        Records(
            contract,
            frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed").sort(ROW, maintain_order=True),
        )
        for contract, frames in by_contract.items()
    ]
