"""Contracts that a flow leaves out: their records are counted, and go nowhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.engine.records.ledger import Ledger
    from passerelle.stages.translate.translation import Translation


def leave_out(translation: Translation, contracts: frozenset[str], ledger: Ledger) -> Translation:
    """Return a translation without some contracts. Each of their records is withheld, a faulty one too: nobody asks."""
    left = Counter(item.contract for item in translation.aside if item.contract in contracts)
    for contract, frame in [*((one.contract, one.frame) for one in translation.records), *translation.deleted]:
        if contract in contracts:
            left[contract] += frame.height
    for contract, count in left.items():
        ledger.count_withheld("gate.contract.left_out", contract, count)
    return replace(
        translation,
        records=tuple(one for one in translation.records if one.contract not in contracts),
        aside=tuple(item for item in translation.aside if item.contract not in contracts),
        warned=tuple(item for item in translation.warned if item.contract not in contracts),
        deleted=tuple(pair for pair in translation.deleted if pair[0] not in contracts),
    )
