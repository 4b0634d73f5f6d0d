"""A contract's fields as database columns: scalars with types of their own, objects and lists as JSON.

In SQLite, which has no types for them, days, moments and decimals are their canonical text.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, DateTime, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB

from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.types import TypeEngine

    from passerelle.contracts.contract import Contract

_TYPES: Mapping[FieldKind, TypeEngine[Any]] = {
    # SQLite has no decimals: its REAL would lose figures that the canonical text keeps.
    FieldKind.DAY: Date().with_variant(Text(), "sqlite"),
    FieldKind.INSTANT: DateTime(timezone=True).with_variant(Text(), "sqlite"),
    # AMOUNT has nine figures before the mark, QUANTITY seven: at least as much room as the contracts allow.
    FieldKind.AMOUNT: Numeric(14, 2).with_variant(Text(), "sqlite"),
    FieldKind.QUANTITY: Numeric(10, 3).with_variant(Text(), "sqlite"),
    FieldKind.INTEGER: BigInteger(),
    FieldKind.FLAG: Boolean(),
    # By default SQLAlchemy writes the JSON text `null`, which `IS NULL` does not find.
    FieldKind.OBJECT: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    FieldKind.LIST: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    FieldKind.MAP: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
}
_READERS: Mapping[FieldKind, Callable[[str], Any]] = {
    FieldKind.DAY: date.fromisoformat,
    FieldKind.INSTANT: datetime.fromisoformat,
    FieldKind.AMOUNT: Decimal,
    FieldKind.QUANTITY: Decimal,
}


def list_columns(contract: type[Contract]) -> list[Column[Any]]:
    """Return one column a field, in canonical order; `ref` is the primary key, all others may be null."""
    return [
        Column(name, _TYPES.get(shape.kind, Text()), primary_key=name == "ref", nullable=name != "ref")
        for name, shape in list_shapes(contract).items()
    ]


def list_readers(contract: type[Contract], dialect: str) -> Mapping[str, Callable[[Any], Any]]:
    """Return, for each field, the function that turns its canonical JSON value into a cell."""
    if dialect == "sqlite":
        return dict.fromkeys(list_shapes(contract), _as_it_is)
    return {name: _skip_none(_READERS.get(shape.kind, _as_it_is)) for name, shape in list_shapes(contract).items()}


def _as_it_is(value: Any) -> Any:
    return value


def _skip_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)
