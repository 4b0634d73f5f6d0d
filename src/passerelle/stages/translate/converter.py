"""The protocol of converters: one small translation that parses rows (one by one, or columnar) and renders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.vocabulary.guarantees import Guarantee

Row = Mapping[str, str | None]
"""One row of the supplier, by column name. None: the cell does not exist there."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be translated: reason code, column, and details for the sentence (never the value)."""

    reason: str
    column: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfirmedNone:
    """An explicit «nothing» of the source. The field's name goes to `confirmed_none`."""


NONE = ConfirmedNone()


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A value that is delivered, with a warning about it: a `Warned` is counted."""

    value: Any = field(repr=False)
    reason: str
    column: str
    details: Mapping[str, str] = field(default_factory=dict)


def mark_plain(columnar: ColumnarTranslation, columns: Sequence[str]) -> pl.Expr:
    """Mark the rows in which a columnar translation is sure, for a converter that reads `columns`."""
    if columnar.plain is not None:
        return columnar.plain.fill_null(False)
    empty = [pl.col(name).is_null() for name in columns]
    return columnar.value.is_not_null() | pl.all_horizontal(empty)


def merge_steps(columnars: Iterable[ColumnarTranslation]) -> tuple[dict[str, pl.Expr], ...]:
    """Merge the steps of several columnar translations, those of the same name once."""
    # Step by step, not converter by converter: polars evaluates a step only over columns that exist.
    steps = zip_longest(*(columnar.steps for columnar in columnars), fillvalue=_NOTHING)
    return tuple({name: expr for columns in step for name, expr in columns.items()} for step in steps)


def unwrap_doubtful(outcome: Any) -> Any:
    """Return the value of an outcome, without the warning when it is doubtful."""
    return outcome.value if isinstance(outcome, Doubtful) else outcome


def read_cell(row: Row, column: str) -> str | None:
    """Read one cell: None when it is empty or does not exist."""
    return row.get(column) or None


@dataclass(frozen=True, slots=True)
class ColumnarTranslation:
    """The columnar translation of a converter: polars expressions over the supplier's prepared text columns.

    They may read the columns of `steps` too, which are computed before, once for all fields that share them.
    """

    value: pl.Expr
    """The canonical value, null when there is none."""
    plain: pl.Expr | None = None
    """True where `value` surely is what `parse` returns; every other row is translated row-wise.

    None: it is sure wherever there is a value, and where every cell that the converter reads is null.
    """
    steps: tuple[Mapping[str, pl.Expr], ...] = ()
    """Intermediate columns, by name; a step may read those of earlier steps. The same name is the same column."""
    guarantee: Guarantee | None = None
    """What every sure value is guaranteed to be; the fast path of validation need not check it again."""


class Converter(Protocol):
    """One translation, in both directions. Converters are frozen dataclasses: pure, no clock, no I/O.

    Cells come prepared (`cells.py`): without surrounding white space; an empty cell, a null word and a «nothing» word
    are None.

    Laws (held by property tests): where `columnar().plain` is true, `columnar().value` equals `parse`, which is then
    neither a Fault nor Doubtful; for a converter that `is_faithful`, `unwrap_doubtful(parse(render(v))) == v` for
    every `v` that `parse` can return.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The supplier's columns that it reads."""
        ...

    def parse(self, row: Row) -> Any:
        """Translate one row: a canonical value, None (unknown), NONE (explicitly none), Doubtful or a Fault.

        Never raises. For a list field it returns one item or a list of items.
        """
        ...

    def parse_columns(self) -> ColumnarTranslation | None:
        """Return the columnar translation; None when there is none and every row is translated row-wise.

        For a list field the value is one item.
        """
        ...

    def render(self, value: Any) -> dict[str, str]:
        """Write a canonical value (or None) back into the supplier's columns."""
        ...

    @property
    def is_faithful(self) -> bool:
        """Whether render then parse gives the same value, for every value that `parse` can return."""
        ...
