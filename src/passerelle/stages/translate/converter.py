"""What a converter is: one small translation with two faces for parsing, columnar and by record, and one for rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, str | None]
"""One row of the supplier, by column name. None: the cell does not exist there."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be translated: a reason code, the column, words for the sentence (never the value)."""

    reason: str
    column: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Absence:
    """The source says explicitly that there is nothing. The field's name goes to `confirmed_none`."""


NONE = Absence()


@dataclass(frozen=True, slots=True)
class Column:
    """The columnar face of a converter. Both expressions read the supplier's text columns."""

    value: pl.Expr
    """The canonical value, null when there is none."""
    plain: pl.Expr
    """True where `value` surely is what `parse` gives; where it is not, the row is parsed by record."""


class Converter(Protocol):
    """One translation, in both directions. Converters are frozen dataclasses: pure, no clock, no I/O.

    Laws (held by property tests): where `columnar().plain` is true, `columnar().value` equals `parse`;
    for a converter that `is_faithful`, `parse(render(v)) == v`.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the supplier's columns that it reads."""
        ...

    def parse(self, row: Row) -> Any:
        """Translate one row: a canonical value, None (unknown), NONE (explicitly none) or a Fault. Never raises."""
        ...

    def columnar(self) -> Column | None:
        """Give the columnar face; None when there is none and every row is parsed by record."""
        ...

    def render(self, value: Any) -> dict[str, str]:
        """Write a canonical value (or None) back into the supplier's columns."""
        ...

    @property
    def is_faithful(self) -> bool:
        """Say whether rendering then parsing gives the same value back."""
        ...
