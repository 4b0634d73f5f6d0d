"""Hostile parcels in a connector's own dialect: broken by accident or by intent."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.stages.decode.dialects import Csv, FixedWidth, Json, Xml
from passerelle.stages.decode.fixed_width import write_lines
from passerelle.vocabulary.grouped_names import split_names

if TYPE_CHECKING:
    from passerelle.extension.supplier import Connector
    from passerelle.stages.decode.dialects import Dialect

_HUGE = 10_000_000
"""Bytes of the huge cell."""
_WIDE = 5_000
"""Columns of the wide table."""
_SWOLLEN = 16_000_000
"""Bytes that a small archive swells to."""
_DEEP = 20_000
"""Levels of the deep document."""
_FORMULAS = ("=1+1", "+33", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "<script>alert(1)</script>", "{{7*7}}")

Parcel = Callable[["Connector"], bytes]


def _list_columns(connector: Connector) -> list[str]:
    entries = [entry for table in connector.tables for entry in table.fields.values()]
    # A field has one converter or several.
    converters = [one for entry in entries for one in (entry if isinstance(entry, list | tuple) else (entry,))]
    names = [name for converter in converters for name in converter.columns]
    names += [name for table in connector.tables for where in table.where for name in where.columns]
    return list(dict.fromkeys(name.partition("#")[0] for name in names))


def _write_text(connector: Connector, *rows: list[str], header: list[str] | None = None) -> bytes:
    """Write rows as the dialect's own text: delimited where it is, else records of JSON or XML."""
    names = header or _list_columns(connector)
    match connector.dialect:
        case FixedWidth() as dialect:
            cells = [dict(zip(names, row, strict=False)) for row in rows]
            return ("\r\n" * dialect.skip_lines + write_lines(dialect.columns, cells)).encode()
        case Csv() as dialect:
            out = StringIO()
            writer = csv.writer(out, delimiter=dialect.delimiter, quotechar=dialect.quote or '"')
            writer.writerows([[]] * dialect.skip_lines + [*split_names(names, dialect.header_rows), *rows])
            return out.getvalue().encode()
        case Xml():
            return "".join(f"<r>{''.join(row)}</r>" for row in rows).encode()
        case _:
            return ",".join(f"[{', '.join(row)}]" for row in rows).encode()


def _make_row(connector: Connector, cell: str) -> list[str]:
    return [cell] * len(_list_columns(connector))


@cache
def _make_zip(name: str, content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _name_member(dialect: Dialect) -> str:
    if isinstance(dialect, Csv) and dialect.members:
        return next(iter(dialect.members)).replace("*", "x")
    return "xl/worksheets/sheet1.xml"


def _make_bomb(connector: Connector) -> bytes:
    """Make a parcel that swells a thousandfold, or by entities."""
    if isinstance(connector.dialect, Xml):
        # «Billion laughs»: each entity holds the one before ten times.
        levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        return f'<!DOCTYPE r [<!ENTITY a0 "a">{levels}]><r>&a9;</r>'.encode()
    return _make_zip(_name_member(connector.dialect), b"0" * _SWOLLEN)


def _make_deep(connector: Connector) -> bytes:
    if isinstance(connector.dialect, Xml):
        return b"<a>" * _DEEP + b"</a>" * _DEEP
    if isinstance(connector.dialect, Json):
        return b"[" * _DEEP + b"]" * _DEEP
    # Delimited text has no depth: quotes that never close come nearest.
    return b'"' * _DEEP


def _make_cut(connector: Connector) -> bytes:
    whole = _write_text(connector, _make_row(connector, "x"), _make_row(connector, 'a"b'))
    if isinstance(connector.dialect, Json):
        return b'{"a": [{"b": "c'
    return b"<a><b>c" if isinstance(connector.dialect, Xml) else whole[:-3]


def _make_wide(connector: Connector) -> bytes:
    if isinstance(connector.dialect, Json):
        return ("{" + ",".join(f'"c{n}": "{n}"' for n in range(_WIDE)) + "}").encode()
    if isinstance(connector.dialect, Xml):
        return ("<r>" + "".join(f"<c{n}>{n}</c{n}>" for n in range(_WIDE)) + "</r>").encode()
    names = [*_list_columns(connector), *(f"c{n}" for n in range(_WIDE))]
    return _write_text(connector, ["x"] * len(names), header=names)


PARCELS: Mapping[str, Parcel] = MappingProxyType(
    {
        "empty": lambda _connector: b"",
        "white": lambda _connector: b"\r\n \t\r\n" * 50,
        "header": _write_text,
        "marks": lambda connector: b"\xef\xbb\xbf\xef\xbb\xbf" + _write_text(connector, _make_row(connector, "x")),
        "utf16": lambda connector: _write_text(connector, _make_row(connector, "é")).decode().encode("utf-16"),
        "broken": lambda connector: _write_text(connector, _make_row(connector, "x")) + b"\xff\xfe\xc3\x28\x81",
        "nul": lambda connector: _write_text(connector, _make_row(connector, "a\0b")),
        "huge": lambda connector: _write_text(connector, ["x" * _HUGE, *_make_row(connector, "x")[1:]]),
        "wide": _make_wide,
        "formulas": lambda connector: _write_text(connector, *(_make_row(connector, cell) for cell in _FORMULAS)),
        "ragged": lambda connector: _write_text(connector, ["x"], _make_row(connector, "x") * 3, []),
        "cut": _make_cut,
        "noise": lambda _connector: bytes(range(256)) * 64,
        "bomb": _make_bomb,
        "deep": _make_deep,
        "liar": lambda connector: _make_zip("../../" + _name_member(connector.dialect), b"\0" * 1_000)[:-20],
    },
)
"""By name. None of them can become a record; some are not even of the declared format, and that is a reason too."""
