"""Conditions on rows, written as they are read: which rows belong to a table, and which are left out."""

from __future__ import annotations

from typing import Literal

from passerelle.vocabulary.light_dataclass import dataclass

Holding = Literal["equal", "begins", "filled"]
"""How cells are held against a condition: equal to a value, beginning with one (whatever its capitals), or filled."""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on rows: `column` holds one of `values` (or, negated, none of them).

    Written as it is read: `Where.equals("Type", "RDV")`, `Where.other_than("Type", "Pause")`,
    `Where.begins("N°", "Total")`, `Where.holds("Nom 2", "Prénom 2")`, `Where.empty("Motif")`.
    """

    column: str
    values: tuple[str, ...]
    negated: bool = False
    holding: Holding = "equal"
    also: tuple[str, ...] = ()
    """Other columns: one of all is enough."""

    @classmethod
    def equals(cls, column: str, *values: str) -> Where:
        """Return the condition that a column holds one of these values."""
        return cls(column, values)

    @classmethod
    def other_than(cls, column: str, *values: str) -> Where:
        """Return the condition that a column holds none of these values: an empty or absent cell holds none."""
        return cls(column, values, negated=True)

    @classmethod
    def begins(cls, column: str, *values: str) -> Where:
        """Return the condition that a cell begins with one of these texts, whatever their capitals."""
        return cls(column, values, holding="begins")

    @classmethod
    def holds(cls, column: str, *others: str) -> Where:
        """Return the condition that one of these columns is there and holds something."""
        return cls(column, (), holding="filled", also=others)

    @classmethod
    def empty(cls, column: str, *others: str) -> Where:
        """Return the condition that none of these columns holds anything."""
        return cls(column, (), negated=True, holding="filled", also=others)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that decide."""
        return (self.column, *self.also)

    @property
    def only_value(self) -> str | None:
        """The one value that the cell has in every row that meets the condition; None when that is not said."""
        return self.values[0] if self.is_list and len(self.values) == 1 else None

    @property
    def is_list(self) -> bool:
        """Whether the values are the words that the cell may be."""
        return self.holding == "equal" and not self.negated and bool(self.values)
