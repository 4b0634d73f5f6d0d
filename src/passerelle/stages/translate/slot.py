"""A slot: one converter at its place in one field, with both ways of parsing bound to the field's type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import ColumnarTranslation, Converter


@dataclass(frozen=True, slots=True)
class ConverterSlot:
    """One converter of a field. In a list field every value is a list, however many items the converter returns."""

    field: str
    converter: Converter
    dtype: pl.DataType
    columnar: ColumnarTranslation | None
    """The columnar translation; its value has type `dtype`, which the plan checks."""

    @classmethod
    def of(cls, field: str, converter: Converter, dtype: pl.DataType) -> ConverterSlot:
        """Bind a converter to a field."""
        columnar = converter.parse_columns()
        if columnar is not None:
            item = columnar.value
            # Null stays null: `concat_list` alone would make it a list that holds a null.
            value = pl.when(item.is_not_null()).then(pl.concat_list(item)) if isinstance(dtype, pl.List) else item
            columnar = replace(columnar, value=value)
        return cls(field, converter, dtype, columnar)

    @property
    def columns(self) -> tuple[str, ...]:
        """The supplier's columns that it reads."""
        return tuple(self.converter.columns)

    def to_field_value(self, value: Any) -> Any:
        """Return a value that `parse` returned as the field stores it: in a list, when the field is one."""
        if not isinstance(self.dtype, pl.List) or value is None or isinstance(value, list):
            return value
        return [value]
