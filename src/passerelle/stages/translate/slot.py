"""A slot: one converter at its place in one field, with both faces bound to the field's type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Column, Converter


@dataclass(frozen=True, slots=True)
class Slot:
    """One converter of a field. In a list field every value is a list, however many items the converter gives."""

    field: str
    converter: Converter
    dtype: pl.DataType
    face: Column | None
    """The columnar face; its value has type `dtype`, which the plan checks."""

    @classmethod
    def of(cls, field: str, converter: Converter, dtype: pl.DataType) -> Slot:
        """Bind a converter to a field."""
        face = converter.columnar()
        if face is not None:
            value = _as_list(face.value) if isinstance(dtype, pl.List) else face.value
            face = replace(face, value=value)
        return cls(field, converter, dtype, face)

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the supplier's columns that it reads."""
        return tuple(self.converter.columns)

    def listed(self, value: Any) -> Any:
        """Give a value of the record face as the field takes it."""
        if not isinstance(self.dtype, pl.List) or value is None or isinstance(value, list):
            return value
        return [value]


def _as_list(item: pl.Expr) -> pl.Expr:
    return pl.when(item.is_not_null()).then(pl.concat_list(item))
