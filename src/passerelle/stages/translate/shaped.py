"""Converters that read parts of cells, or cells glued from parts: for everybody else they read the real columns.

What is cut or glued exists only inside: drift, quarantine, carried cells and reports know the supplier's own columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.converter import (
    NONE,
    ColumnarTranslation,
    Converter,
    Doubtful,
    Fault,
    Row,
    mark_plain,
    read_cell,
    unwrap_doubtful,
)
from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.shapes import CellShape, describe_shapes, read_shapes
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Shapes = Mapping[str, str | Sequence[str]]
"""By column, its shapes, or the only one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Columns that are made of others: cells cut in parts, and cells glued from parts."""

    cuts: Mapping[str, tuple[CellShape, ...]]
    """By the supplier's column, the shapes of its cells; the parts are columns."""
    glues: Mapping[str, tuple[CellShape, ...]]
    """By the column that is made, its shapes; the parts are the supplier's columns."""

    @classmethod
    def of(cls, cut: Shapes, glue: Shapes) -> Parts:
        """Compile shapes. Raises DefectError when one cannot be, or when a column is made twice."""
        cuts = {column: read_shapes(shapes) for column, shapes in cut.items()}
        glues = {column: read_shapes(shapes) for column, shapes in glue.items()}
        made = [*(name for shapes in cuts.values() for name in _list_names(shapes)), *glues]
        if twice := next((name for name in made if made.count(name) > 1 or name in cuts), ""):
            raise DefectError(N_("the column «{column}» is made twice, or is the one that is cut"), column=twice)
        return cls(cuts, glues)

    def __bool__(self) -> bool:
        """Whether anything is cut or glued."""
        return bool(self.cuts or self.glues)

    @property
    def made(self) -> frozenset[str]:
        """The columns that are made."""
        return frozenset((*(name for shapes in self.cuts.values() for name in _list_names(shapes)), *self.glues))

    def keep(self, columns: Iterable[str]) -> Parts:
        """Return those that make some of the columns."""
        wanted = frozenset(columns)
        cuts = {name: shapes for name, shapes in self.cuts.items() if wanted.intersection(_list_names(shapes))}
        return Parts(cuts, {name: shapes for name, shapes in self.glues.items() if name in wanted})

    def list_sources(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return the supplier's columns behind columns, in order."""
        cut_from = {name: source for source, shapes in self.cuts.items() for name in _list_names(shapes)}
        sources: list[str] = []
        for name in columns:
            sources += _list_names(self.glues[name]) if name in self.glues else (cut_from.get(name, name),)
        return tuple(dict.fromkeys(sources))

    def add_made(self, row: Row) -> tuple[dict[str, str | None], Fault | None, str]:
        """Return a row with the columns that are made, a fault, and a source column whose others are empty."""
        cells, lonely = dict(row), ""
        for source, shapes in self.cuts.items():
            text = read_cell(row, source)
            # Where the parts are given, there is nothing to cut: so a record is written, and read back.
            found = {} if text is None else next(filter(None, (shape.cut(text) for shape in shapes)), None)
            if found is None:
                return cells, Fault("translate.cell.uncut", source, describe_shapes(shapes)), ""
            cells |= found
        for name, shapes in self.glues.items():
            parts = {part: read_cell(row, part) for part in _list_names(shapes)}
            if None in parts.values():
                lonely = lonely or next((part for part, text in parts.items() if text is not None), "")
            elif (glued := _glue(shapes, parts)) is None:
                return cells, Fault("translate.cell.unglued", next(iter(parts)), describe_shapes(shapes)), ""
            else:
                cells[name] = glued
        return cells, None, lonely

    def make_columns(self) -> tuple[dict[str, pl.Expr], pl.Expr]:
        """Return the columns that are made, by name, and the mask of the rows in which that is sure."""
        columns: dict[str, pl.Expr] = {}
        sure = pl.lit(True)
        for source, shapes in self.cuts.items():
            text = pl.col(source)
            for name in _list_names(shapes):
                columns[name] = _choose([(one.match(text), one.cut_column(text).get(name)) for one in shapes])
            sure &= text.is_null() | pl.any_horizontal([shape.match(text) for shape in shapes])
        for name, shapes in self.glues.items():
            columns[name] = pl.coalesce([shape.glue_columns() for shape in shapes])
            empty = pl.all_horizontal([pl.col(part).is_null() for part in _list_names(shapes)])
            sure &= empty | pl.col(name).is_not_null()
        return columns, sure

    def put_back(self, cells: dict[str, str]) -> dict[str, str]:
        """Return cells with the supplier's own columns in place of those that are made."""
        for name, shapes in self.glues.items():
            glued = cells.pop(name, "")
            parts = next(filter(None, (shape.cut(glued) for shape in shapes)), {}) if glued else {}
            cells |= {part: parts.get(part) or cells.get(part, "") for part in _list_names(shapes)}
        for source, shapes in self.cuts.items():
            parts = {name: cells.pop(name, "") or None for name in _list_names(shapes)}
            cells[source] = (_glue(shapes, parts) or "") if any(parts.values()) else cells.get(source, "")
        return cells


def _list_names(shapes: Sequence[CellShape]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for shape in shapes for name in shape.names))


def _glue(shapes: Sequence[CellShape], parts: Mapping[str, str | None]) -> str | None:
    """Return the cell in the first shape that takes all parts."""
    filled = {name for name, text in parts.items() if text is not None}
    fitting = (shape.glue(parts) for shape in shapes if filled <= set(shape.names))
    return next((text for text in fitting if text is not None), None)


def _choose(cases: Sequence[tuple[pl.Expr, pl.Expr | None]]) -> pl.Expr:
    """Return the part of the first shape that fits, null where that shape has no such part."""
    chosen: Any = pl
    for fits, part in cases:
        chosen = chosen.when(fits).then(pl.lit(None, pl.String) if part is None else part)
    made: pl.Expr = chosen.otherwise(None)
    return made


@dataclass(frozen=True, slots=True, init=False)
class ShapedConverter(FirstOf):
    """A converter of columns that are made; to everybody else it reads those they are made of."""

    parts: Parts = field(repr=False)

    def __init__(self, converter: Converter, parts: Parts) -> None:
        object.__setattr__(self, "converters", (converter,))
        object.__setattr__(self, "parts", parts.keep(converter.columns))

    @property
    def inner(self) -> Converter:
        """The converter that reads the columns that are made."""
        return self.converters[0]

    def replace_converters(self, *converters: Converter) -> ShapedConverter:
        """Return the same with another converter."""
        return ShapedConverter(converters[0], self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """The supplier's own columns."""
        return self.parts.list_sources(self.inner.columns)

    def parse(self, row: Row) -> Any:
        """Cut and glue, then parse."""
        cells, fault, lonely = self.parts.add_made(row)
        if fault:
            return fault
        outcome = self.inner.parse(cells)
        if lonely and unwrap_doubtful(outcome) in (None, NONE):
            return Doubtful(None, "translate.cell.lonely", lonely)
        return outcome

    def parse_columns(self) -> ColumnarTranslation | None:
        """Return the columnar translation of the columns that are made, which are a step before it."""
        columnar = self.inner.parse_columns()
        if columnar is None:
            return None
        columns, sure = self.parts.make_columns()
        plain = mark_plain(columnar, self.inner.columns) & sure
        return ColumnarTranslation(columnar.value, plain, (columns, *columnar.steps), columnar.guarantee)

    def render(self, value: Any) -> dict[str, str]:
        """Write the parts: `Parts.put_back` makes cells of them, when all fields have written theirs."""
        return self.inner.render(value)

    @property
    def is_faithful(self) -> bool:
        """Whether the converter inside is."""
        return self.inner.is_faithful


def wrap_fields(fields: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    """Return fields whose converters read columns that are made, wrapped; those already wrapped as they are.

    Raises DefectError for a part that nobody reads: it would be lost in silence.
    """
    return {
        name: tuple(_wrap(one, parts) for one in entry) if isinstance(entry, Sequence) else _wrap(entry, parts)
        for name, entry in fields.items()
    }


def _wrap(converter: Converter, parts: Parts) -> Converter:
    return converter if parts.made.isdisjoint(converter.columns) else ShapedConverter(converter, parts)


def iter_unread_parts(fields: Mapping[str, Any], parts: Parts) -> Iterator[str]:
    """Yield the columns that are made and that no converter reads."""
    every = (one for entry in fields.values() for one in (entry if isinstance(entry, Sequence) else (entry,)))
    read = {name for one in every if isinstance(one, ShapedConverter) for name in one.inner.columns}
    yield from sorted(parts.made - read)
