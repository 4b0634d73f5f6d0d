"""What a converter is: one small translation, with two faces to parse (columnar, by record) and one to render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.vocabulary.promises import Promise

Row = Mapping[str, str | None]
"""One row of the supplier, by column name. None: the cell does not exist there."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


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
class Doubtful:
    """A value that stands, with something to be said about it: it goes on, and a `Warned` is counted."""

    value: Any = field(repr=False)
    reason: str
    column: str
    facts: Mapping[str, str] = field(default_factory=dict)


def sure(face: Column, columns: Sequence[str]) -> pl.Expr:
    """Say where a columnar face is sure, for a converter that reads `columns`."""
    if face.plain is not None:
        return face.plain.fill_null(False)
    empty = [pl.col(name).is_null() for name in columns]
    return face.value.is_not_null() | pl.all_horizontal(empty)


def merged(faces: Iterable[Column]) -> tuple[dict[str, pl.Expr], ...]:
    """Put the steps of several faces together, those of the same name once."""
    steps = zip_longest(*(face.steps for face in faces), fillvalue=_NOTHING)
    return tuple({name: made for some in step for name, made in some.items()} for step in steps)


def settled(outcome: Any) -> Any:
    """Give the value itself, doubtful or not."""
    return outcome.value if isinstance(outcome, Doubtful) else outcome


def cell(row: Row, column: str) -> str | None:
    """Read one cell: None when it is empty or does not exist."""
    return row.get(column) or None


@dataclass(frozen=True, slots=True)
class Column:
    """The columnar face of a converter. Its expressions read the supplier's text columns, prepared.

    They may read the columns of `steps` too, which are made before: what several fields share is computed once.
    """

    value: pl.Expr
    """The canonical value, null when there is none."""
    plain: pl.Expr | None = None
    """True where `value` surely is what `parse` gives; where it is not, the row is parsed by record.

    None: it is sure wherever there is a value, and where every cell that the converter reads is null.
    """
    steps: tuple[Mapping[str, pl.Expr], ...] = ()
    """Columns in between, by name; a step may read those of earlier steps. The same name is the same column."""
    promise: Promise | None = None
    """What every value is, where the face is sure; the columnar lane of validation need not look at it again."""


class Converter(Protocol):
    """One translation, in both directions. Converters are frozen dataclasses: pure, no clock, no I/O.

    Cells come prepared (`cells.py`): surrounding white space is off; an empty cell, a null word and a «nothing» word
    are None.

    Laws (held by property tests): where `columnar().plain` is true, `columnar().value` equals `parse`, which is then
    neither a Fault nor Doubtful; for a converter that `is_faithful`, `settled(parse(render(v))) == v` for every `v`
    that `parse` can give.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the supplier's columns that it reads."""
        ...

    def parse(self, row: Row) -> Any:
        """Translate one row: a canonical value, None (unknown), NONE (explicitly none), Doubtful or a Fault.

        Never raises. For a list field it gives one item or a list of items.
        """
        ...

    def columnar(self) -> Column | None:
        """Give the columnar face; None when there is none and every row is parsed by record.

        For a list field the value is one item.
        """
        ...

    def render(self, value: Any) -> dict[str, str]:
        """Write a canonical value (or None) back into the supplier's columns."""
        ...

    @property
    def is_faithful(self) -> bool:
        """Say whether rendering then parsing gives the same value back."""
        ...
