"""A contract's fields as database columns: scalars with types of their own, objects and lists as JSON.

In SQLite, which has no types for them, days, moments and decimals are their canonical text. MySQL's moments know no
zone, and Oracle's driver leaves it out: there they are those of UTC. Oracle keeps JSON as text, since before its
version 21 it has no type for it.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, DateTime, Numeric, SmallInteger, String, Text
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.dialects.postgresql import JSONB

from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.types import TypeEngine

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.types import Shape


def _read_utc(text: str) -> datetime:
    """Return a moment as a column without a zone takes it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _write_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_ORACLE_SHORT = 1000
"""Characters of a VARCHAR2 of Oracle, whose room is 4,000 bytes: what may be longer is a CLOB, not compared."""
_KEY_LENGTH = 255
"""Characters of a reference, at most 232, and of a flow's name: some databases want to know it of a key."""
LONG_TEXT: TypeEngine[Any] = (
    # as MySQL's TEXT ends at 64 KiB, and SQL Server's knows one alphabet
    Text().with_variant(mysql.MEDIUMTEXT(), "mysql").with_variant(mssql.NVARCHAR(), "mssql")
)
SHORT_TEXT: TypeEngine[Any] = LONG_TEXT.with_variant(String(_ORACLE_SHORT), "oracle")
KEY_TEXT: TypeEngine[Any] = (
    Text()
    .with_variant(String(_KEY_LENGTH), "mysql", "oracle")
    # by code point, as everywhere else: by default «A» and «a» are one to SQL Server
    .with_variant(mssql.NVARCHAR(_KEY_LENGTH, collation="Latin1_General_100_BIN2"), "mssql")
)
_JSON: TypeEngine[Any] = (
    # By default SQLAlchemy writes the JSON text `null`, which `IS NULL` does not find.
    JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql").with_variant(Text(), "oracle")
)
_TYPES: Mapping[FieldKind, TypeEngine[Any]] = {
    # SQLite has no decimals: its REAL would lose figures that the canonical text keeps.
    FieldKind.DAY: Date().with_variant(Text(), "sqlite"),
    FieldKind.INSTANT: (
        DateTime(timezone=True)
        .with_variant(Text(), "sqlite")
        .with_variant(mysql.DATETIME(fsp=6), "mysql")
        .with_variant(oracle.TIMESTAMP(), "oracle")
    ),
    # AMOUNT has nine figures before the mark, QUANTITY seven: at least as much room as the contracts allow.
    FieldKind.AMOUNT: Numeric(14, 2).with_variant(Text(), "sqlite"),
    FieldKind.QUANTITY: Numeric(10, 3).with_variant(Text(), "sqlite"),
    FieldKind.INTEGER: BigInteger(),
    # Oracle knows true and false since its version 23 only
    FieldKind.FLAG: Boolean().with_variant(SmallInteger(), "oracle"),
    FieldKind.OBJECT: _JSON,
    FieldKind.LIST: _JSON,
    FieldKind.MAP: _JSON,
}
_READERS: Mapping[FieldKind, Callable[[str], Any]] = {
    FieldKind.DAY: date.fromisoformat,
    FieldKind.INSTANT: datetime.fromisoformat,
    FieldKind.AMOUNT: Decimal,
    FieldKind.QUANTITY: Decimal,
}
_OWN_READERS: Mapping[str, Mapping[FieldKind, Callable[[Any], Any]]] = {
    "mysql": {FieldKind.INSTANT: _read_utc},
    "oracle": {
        FieldKind.FLAG: int,
        FieldKind.INSTANT: _read_utc,
        FieldKind.OBJECT: _write_json,
        FieldKind.LIST: _write_json,
        FieldKind.MAP: _write_json,
    },
}


def list_columns(contract: type[Contract]) -> list[Column[Any]]:
    """Return one column a field, in canonical order; `ref` is the primary key, all others may be null."""
    return [
        Column(name, KEY_TEXT, primary_key=True) if name == "ref" else Column(name, _choose_type(shape))
        for name, shape in list_shapes(contract).items()
    ]


def list_readers(contract: type[Contract], dialect: str) -> Mapping[str, Callable[[Any], Any]]:
    """Return, for each field, the function that turns its canonical JSON value into a cell."""
    if dialect == "sqlite":
        return dict.fromkeys(list_shapes(contract), _as_it_is)
    readers = {**_READERS, **_OWN_READERS.get(dialect, {})}
    return {name: _skip_none(readers.get(shape.kind, _as_it_is)) for name, shape in list_shapes(contract).items()}


def _choose_type(shape: Shape) -> TypeEngine[Any]:
    is_short = max(shape.max_length, shape.reading_max_length) <= _ORACLE_SHORT
    return _TYPES.get(shape.kind, SHORT_TEXT if is_short else LONG_TEXT)


def _as_it_is(value: Any) -> Any:
    return value


def _skip_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)
