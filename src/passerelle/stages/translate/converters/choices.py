"""Converters that choose or compute: a constant, the first of several, plain Python."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.converter import (
    NONE,
    ColumnarTranslation,
    Converter,
    Fault,
    Row,
    mark_plain,
    merge_steps,
    unwrap_doubtful,
)
from passerelle.vocabulary.fault_names import find_last_place, name_class
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """No column is read."""
        return ()

    def parse(self, row: Row) -> Any:  # noqa: ARG002  the row changes nothing
        """Return the value."""
        return self.value

    def parse_columns(self) -> ColumnarTranslation | None:
        """Return the value where polars has a type for it: a text, a flag, a whole number."""
        simple = {str: pl.String, bool: pl.Boolean, int: pl.Int64}
        dtype = simple.get(type(self.value))
        guarantee = Guarantee(values=(self.value,))
        return ColumnarTranslation(pl.lit(self.value, dtype), pl.lit(True), guarantee=guarantee) if dtype else None

    def render(self, value: Any) -> dict[str, str]:  # noqa: ARG002  nothing to write
        """Write nothing."""
        return {}

    @property
    def is_faithful(self) -> bool:
        """True: the value is always the same."""
        return True


@dataclass(frozen=True, slots=True, init=False)
class FirstOf:
    """The first of several converters that returns a value. A Fault stops the search: bad data is not passed over."""

    converters: tuple[Converter, ...]

    def __init__(self, *converters: Converter) -> None:
        object.__setattr__(self, "converters", converters)

    def replace_converters(self, *converters: Converter) -> FirstOf:
        """Return the same with other converters."""
        return FirstOf(*converters)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns of all."""
        return tuple(dict.fromkeys(column for converter in self.converters for column in converter.columns))

    def parse(self, row: Row) -> Any:
        """Try one after the other; NONE when one returned it and no other returns a value."""
        none = None
        for converter in self.converters:
            outcome = converter.parse(row)
            value = unwrap_doubtful(outcome)
            if value is not None and value is not NONE:
                return outcome
            none = none or outcome
        return none

    def parse_columns(self) -> ColumnarTranslation | None:
        """Return the first value, sure where every converter up to it is; None when one has no columnar translation."""
        plain = pl.lit(True)
        columnars: list[ColumnarTranslation] = []
        # From the last to the first: whether a converter is sure matters only where those before it have no value.
        for converter in reversed(self.converters):
            columnar = converter.parse_columns()
            if columnar is None:
                return None
            columnars.insert(0, columnar)
            plain = mark_plain(columnar, converter.columns) & (columnar.value.is_not_null() | plain)
        return ColumnarTranslation(pl.coalesce(columnar.value for columnar in columnars), plain, merge_steps(columnars))

    def render(self, value: Any) -> dict[str, str]:
        """Render with the first converter that can read the value back."""
        empty = dict.fromkeys(self.columns, "")
        candidates = [empty | converter.render(value) for converter in self.converters]
        for cells in candidates:
            if value is not None and unwrap_doubtful(self.parse(cells)) == value:
                return cells
        return candidates[0]

    @property
    def is_faithful(self) -> bool:
        """True when all converters are."""
        return all(converter.is_faithful for converter in self.converters)


@dataclass(frozen=True, slots=True, init=False)
class PerRecord:
    """Plain Python: `parse` gets the row (its `columns` only), `render` the value. Row-wise only, so slower.

    Both must be pure. What `parse` raises becomes a Fault, without its text; so does a value that does not fit the
    field. Pass `faithful=True` when `parse(render(v)) == v`.
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
        object.__setattr__(self, "parse", partial(_parse_guarded, parse, names))
        object.__setattr__(self, "render", render or (lambda _value: dict.fromkeys(names, "")))
        object.__setattr__(self, "is_faithful", faithful)

    def parse_columns(self) -> None:
        """Return None: plain Python has no columnar translation."""


def make_plugin_fault(columns: Sequence[str], error: BaseException | None = None) -> Fault:
    """Return the fault of a row on which a plugin's function failed: the class of what it raised, and where.

    Its message may hold values and is not kept. No error: its value does not fit the field.
    """
    place = find_last_place(error.__traceback__) if error else "–"
    kind = name_class(error) if error else "TypeError"
    return Fault("translate.plugin.failed", columns[0] if columns else "", {"kind": kind, "place": place})


def _parse_guarded(parse: Callable[[Row], Any], columns: tuple[str, ...], row: Row) -> Any:
    try:
        return parse({name: row.get(name) for name in columns})
    # SystemExit too: a plugin must not end the process.
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a plugin raises costs one row
        return make_plugin_fault(columns, error)
