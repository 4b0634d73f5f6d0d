"""Limits a flow to some contracts, so that flows that share a parcel count each of its records once between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import DecodedBatch

NO_CONTRACT = ""
"""Stands among contracts for rows of none: unreadable ones, those of no table, those left out on purpose."""


@dataclass(frozen=True, slots=True)
class ContractSelection:
    """The contracts of a flow. By default every contract of its connector."""

    only: frozenset[str] = frozenset()
    """The contracts that pass, with NO_CONTRACT where their rows are counted too; empty: all.

    Flows that share a parcel and name each contract once count each record once between them.
    """

    def narrow(self, decoded: DecodedBatch) -> DecodedBatch:
        """Leave out what is of no contract, where another flow counts it."""
        if not self.only or NO_CONTRACT in self.only:
            return decoded
        return replace(decoded, aside=(), warned=())

    def choose(self, translation: Translation) -> Translation:
        """Leave out the records of other flows, and what is told of them."""
        if not self.only:
            return translation
        return replace(
            translation,
            records=tuple(pile for pile in translation.records if pile.contract in self.only),
            aside=tuple(item for item in translation.aside if item.contract in self.only),
            warned=tuple(item for item in translation.warned if item.contract in self.only),
            deleted=tuple(pair for pair in translation.deleted if pair[0] in self.only),
        )

    def restrict_plan(self, plan: TranslationPlan) -> TranslationPlan:
        """Return the part of a plan whose records all pass: only these can be watched over a whole parcel."""
        if not self.only:
            return plan
        return replace(plan, tables=tuple(entry for entry in plan.tables if entry.table.contract in self.only))


ALL_CONTRACTS = ContractSelection()
