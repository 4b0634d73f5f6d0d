"""What is chosen or computed: a constant, the first of several, plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.converter import NONE, Column, Converter, Fault, Row, merged, settled, sure
from passerelle.vocabulary.promises import Promise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """Read no column."""
        return ()

    def parse(self, row: Row) -> Any:  # noqa: ARG002  the row changes nothing
        """Give the value."""
        return self.value

    def columnar(self) -> Column | None:
        """Give the value, when it is simple."""
        simple = {str: pl.String, bool: pl.Boolean, int: pl.Int64}
        dtype = simple.get(type(self.value))
        promise = Promise(values=(self.value,))
        return Column(pl.lit(self.value, dtype), pl.lit(True), promise=promise) if dtype else None

    def render(self, value: Any) -> dict[str, str]:  # noqa: ARG002  nothing to write
        """Write nothing."""
        return {}

    @property
    def is_faithful(self) -> bool:
        """The value is always the same."""
        return True


@dataclass(frozen=True, slots=True, init=False)
class FirstOf:
    """The first of several converters that finds something. A Fault stops the search: bad data is not passed over."""

    converters: tuple[Converter, ...]

    def __init__(self, *converters: Converter) -> None:
        object.__setattr__(self, "converters", converters)

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns of all."""
        return tuple(dict.fromkeys(column for converter in self.converters for column in converter.columns))

    def parse(self, row: Row) -> Any:
        """Ask one after the other; NONE when one says so and no other finds anything."""
        none = None
        for converter in self.converters:
            outcome = converter.parse(row)
            found = settled(outcome)
            if found is not None and found is not NONE:
                return outcome
            none = none or outcome
        return none

    def columnar(self) -> Column | None:
        """Take the first value, where every converter before it is sure."""
        plain = pl.lit(True)
        faces: list[Column] = []
        for converter in reversed(self.converters):
            face = converter.columnar()
            if face is None:
                return None
            faces.insert(0, face)
            plain = sure(face, converter.columns) & (face.value.is_not_null() | plain)
        return Column(pl.coalesce(face.value for face in faces), plain, merged(faces))

    def render(self, value: Any) -> dict[str, str]:
        """Let the first that can read it back write the value."""
        empty = dict.fromkeys(self.columns, "")
        written = [empty | converter.render(value) for converter in self.converters]
        for cells in written:
            if value is not None and settled(self.parse(cells)) == value:
                return cells
        return written[0]

    @property
    def is_faithful(self) -> bool:
        """Faithful when all are."""
        return all(converter.is_faithful for converter in self.converters)


@dataclass(frozen=True, slots=True, init=False)
class PerRecord:
    """Plain Python: `parse` gets the row (its `columns` only), `render` the value. Slower, and shown as such.

    Both must be pure. What `parse` raises becomes a Fault, without its text; so does a value that does not fit the
    field. Say `faithful` when `parse(render(v)) == v`.
    """

    columns: tuple[str, ...]
    parse: Callable[[Row], Any]
    render: Callable[[Any], dict[str, str]]
    is_faithful: bool

    def __init__(
        self,
        columns: Sequence[str],
        *,
        parse: Callable[[Row], Any],
        render: Callable[[Any], dict[str, str]] | None = None,
        faithful: bool = False,
    ) -> None:
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        object.__setattr__(self, "columns", names)
        object.__setattr__(self, "parse", partial(_guarded, parse, names))
        object.__setattr__(self, "render", render or partial(_unwritten, names))
        object.__setattr__(self, "is_faithful", faithful)

    def columnar(self) -> None:
        """Have no columnar face."""


def failed(columns: Sequence[str]) -> Fault:
    """Say that plain Python of a plugin failed on a row, and nothing more."""
    return Fault("translate.plugin.failed", columns[0] if columns else "")


def _guarded(parse: Callable[[Row], Any], columns: tuple[str, ...], row: Row) -> Any:
    try:
        return parse({name: row.get(name) for name in columns})
    except Exception:  # noqa: BLE001  whatever a plugin raises costs one row, and its text may hold values
        return failed(columns)


def _unwritten(columns: tuple[str, ...], value: Any) -> dict[str, str]:  # noqa: ARG001  nothing can be written
    return dict.fromkeys(columns, "")
