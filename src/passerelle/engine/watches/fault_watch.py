"""Counts over a whole parcel where rows fail: where nearly all fail at one column, the software is hardly wrong.

Then the connector describes the column wrongly (its format, its decimal mark, its place), and that is what is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.engine.watches.parcel_warnings import ParcelWarning
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from passerelle.engine.records.ledger import Ledger

MISDESCRIBED = "translate.column.misdescribed"
LEAST_ROWS = 20
"""Fewer rows may all be wrong by chance."""
SHARE = 0.9


@dataclass(slots=True)
class FaultWatch:
    """Counts, by contract and column of each member, the rows that were set aside because of it."""

    received: Counter[str] = field(default_factory=Counter)
    """Records by member."""
    faults: Counter[ReasonKey] = field(default_factory=Counter)
    first: dict[ReasonKey, int] = field(default_factory=dict)
    """The line where each was first met."""

    def observe(self, ledger: Ledger) -> None:
        """Add what one batch received and set aside."""
        self.received[ledger.member] += ledger.received
        rejected = [item for item in ledger.aside if item.fate is Fate.REJECTED]
        # a bad file has few columns at fault and a row for each line: a key of the journal is made for the former alone
        places = [(item.contract, item.place.member, item.place.column, item.place.field) for item in rejected]
        lines = dict(zip(reversed(places), (item.place.line for item in reversed(rejected)), strict=True))
        for (contract, member, column, name), count in Counter(places).items():
            if column:
                key = ReasonKey(contract, member or ledger.member, MISDESCRIBED, column, name, WARNING)
                self.faults[key] += count
                self.first.setdefault(key, lines[contract, member, column, name])

    def list_warnings(self) -> list[ParcelWarning]:
        """Return, at the end of the parcel, the columns at which nearly every row fails, one warning each."""
        return [
            ParcelWarning(key, (self.first[key],))
            for key, count in self.faults.items()
            if self.received[key.member] >= LEAST_ROWS and count >= SHARE * self.received[key.member]
        ]
