"""One contract at a time: what a change of supplier asks of its flows, so that what is referred to goes first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.stages.translate.plan import Plan
    from passerelle.stages.translate.translation import Translation
    from passerelle.vocabulary.parcels import Decoded, Records, TextTable

NO_CONTRACT = ""
"""Stands among contracts for rows of none: unreadable ones, those of no table, those left out on purpose."""


def _as_they_are(records: Records, _table: TextTable) -> Records:
    return records


@dataclass(frozen=True, slots=True)
class Fitting:
    """What passes, and how it is made to fit. The default lets everything through unchanged."""

    only: frozenset[str] = frozenset()
    """The contracts that pass, with NO_CONTRACT where their rows are counted too; empty: all.

    Flows that share a parcel and name each contract once count each record once between them.
    """
    fit: Callable[[Records, TextTable], Records] = _as_they_are
    """Called in order, when all earlier batches are settled; sets aside what cannot go yet."""

    def narrowed(self, decoded: Decoded) -> Decoded:
        """Leave out what is of no contract, where another flow counts it."""
        return replace(decoded, aside=(), warned=()) if self._leaves(NO_CONTRACT) else decoded

    def chosen(self, translation: Translation) -> Translation:
        """Leave out what goes another way."""
        if not self.only:
            return translation
        return replace(
            translation,
            records=tuple(pile for pile in translation.records if pile.contract in self.only),
            aside=tuple(item for item in translation.aside if item.contract in self.only),
        )

    def watched(self, plan: Plan) -> Plan:
        """Give the part of a plan whose records all go this way: only these can be watched as a whole."""
        if not self.only:
            return plan
        return replace(plan, tables=tuple(entry for entry in plan.tables if entry.table.contract in self.only))

    def _leaves(self, contract: str) -> bool:
        return bool(self.only) and contract not in self.only


EVERYTHING = Fitting()
