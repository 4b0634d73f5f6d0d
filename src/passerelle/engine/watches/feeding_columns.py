"""Which of a supplier's columns feed which contract fields, by member."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stages.translate.plan import TranslationPlan

Feeding = dict[str, tuple[str, ...]]
"""By contract field: the columns that its converters read."""


@dataclass(slots=True)
class FeedingColumns:
    """The columns that feed fields, looked up once for each member and contract."""

    plan: TranslationPlan
    spares_optional: bool
    """Whether the absence of a column that the connector calls optional is emptiness: elements left out when empty."""
    carries_extra: bool
    """Whether columns without a field are delivered, in `extra`."""
    _by_member: dict[str, frozenset[str]] = field(default_factory=dict)
    _not_carried: dict[str, set[str]] = field(default_factory=dict)
    _by_contract: dict[tuple[str, str], Feeding] = field(default_factory=dict)

    def list_fields(self, member: str, contract: str) -> Feeding:
        """Return the columns of each field of a contract that may be unsaid: not `ref`, nor what is required."""
        key = member, contract
        if key not in self._by_contract:
            required = {name for name, info in contracts.get(contract).model_fields.items() if info.is_required()}
            fields: dict[str, dict[str, None]] = {}
            for entry in self.plan.list_tables(member):
                if entry.table.contract == contract:
                    for each in entry.fields:
                        fields.setdefault(each.name, {}).update(dict.fromkeys(each.columns))
            # a constant reads no column, and is always said
            self._by_contract[key] = {
                name: tuple(columns) for name, columns in fields.items() if columns and name not in required
            }
        return self._by_contract[key]

    def is_feeding(self, member: str, column: str) -> bool:
        """Whether the absence of a column is worth a question: it feeds a field, or is carried in `extra`."""
        if member not in self._by_member:
            tables = self.plan.list_tables(member)
            # what the name of a file says is not in the file, and never absent from it
            read = {name for entry in tables for name in entry.columns}.difference(self.plan.name_columns)
            spared = {name for entry in tables for name in entry.table.optional} if self.spares_optional else set()
            self._by_member[member] = frozenset(read - spared)
        return column in self._by_member[member] or self.is_carried(member, column)

    def is_carried(self, member: str, column: str) -> bool:
        """Whether a column travels in `extra`. Not in documents, whose records have columns of their own."""
        if not self.carries_extra or self.spares_optional or not self.plan.list_tables(member):
            return False
        if member not in self._not_carried:
            tables = self.plan.list_tables(member)
            read = {name for entry in tables for name in entry.columns}
            # a file of thousands of columns asks for each of them
            self._not_carried[member] = read.union(frozenset.intersection(*(entry.not_carried for entry in tables)))
        return column not in self._not_carried[member]

    def is_optional(self, member: str, column: str) -> bool:
        """Whether the connector says that the column is left out when it is empty."""
        return self.spares_optional and any(column in entry.table.optional for entry in self.plan.list_tables(member))
