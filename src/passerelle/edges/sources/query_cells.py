"""Values of a database as text, by one rule a type, and rows of them as CSV.

| value | text |
|---|---|
| text, number | as it is; a decimal with all its digits, never `1E+3` |
| true, false | `true`, `false` |
| day, time, moment | ISO 8601, `2026-03-01T08:30:00+01:00`; a fraction only where there is one |
| duration | `-26:30:00`, hours first |
| UUID | as usual, in lower case |
| NULL | nothing between two separators; the empty text is `""` |
| bytes, arrays, anything else | refused, with the name of the column |
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DELIMITER = ";"
_TO_QUOTE = frozenset(f'"{DELIMITER}\r\n')


def _write_duration(value: timedelta) -> str:
    whole, sign = abs(value), "-" if value < timedelta() else ""
    minutes, seconds = divmod(whole.days * 86_400 + whole.seconds, 60)
    fraction = f".{whole.microseconds:06}" if whole.microseconds else ""
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{fraction}"


_WRITERS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        str: str,
        bool: {True: "true", False: "false"}.__getitem__,
        int: str,
        float: repr,
        Decimal: "{:f}".format,
        datetime: datetime.isoformat,
        date: date.isoformat,
        time: time.isoformat,
        timedelta: _write_duration,
        UUID: str,
    }
)
"""By the very type: what a driver derives from one of these is another thing, and is told."""


def write_value(value: Any) -> str | None:
    """Return the text of a value, None for NULL. Raises TypeError for what has none."""
    if value is None:
        return None
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError
    return write(value)


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as lines of CSV. Raises FlowError `incident.query.untextual`, which names the column and no value."""
    lines = []
    for row in rows:
        try:
            cells = [_quote(write_value(value)) for value in row]
        except TypeError:
            column, kind = _find_untextual(columns, row)
            raise FlowError("incident.query.untextual", column=column, type=kind) from None
        # a line without a character would be no row
        lines.append(DELIMITER.join(cells) if len(cells) > 1 or cells[0] else '""')
    # Bytes that were no UTF-8 in the database come out as they were.
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _quote(text: str | None) -> str:
    if text is None:
        return ""
    # spaces at an end are kept in quotes only by some readers
    if text and _TO_QUOTE.isdisjoint(text) and text[0] != " " and text[-1] != " ":
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _find_untextual(columns: Sequence[str], row: Sequence[Any]) -> tuple[str, str]:
    """Return the name of the first column that has no text, and the type that it has instead."""
    pairs = zip(columns, row, strict=True)
    return next(
        (name, type(value).__name__) for name, value in pairs if value is not None and type(value) not in _WRITERS
    )
