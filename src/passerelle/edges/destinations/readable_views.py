"""Views beside the tables of a database destination: what stands in JSON columns, as columns and rows that people read.

`<table>_lisible` has the fields of a record, objects in it unfolded (`address_city`); for each list there is a view of
its own, `<table>_<list>_lisible`, with the reference, the rank and one row an entry. Names are those of the contract.
A view reads with the rights of whoever looks, so that nobody sees in it what the table would not show; it grows at its
end, so that rights given on it stay. One that holds a column of somebody's own is left as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import inspect, text

from passerelle.contracts.field_types import get_item_dtype, list_columns, list_part_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Dialect, Inspector

    from passerelle.contracts.contract import Contract

_END = "_lisible"
_LONGEST = 63
"""Characters of a name: PostgreSQL's, the shortest of all."""
_REF, _RANK = "ref", "rang"
_NAMES_IN_MYSQL = text(
    "SELECT column_name FROM information_schema.columns "
    "WHERE table_schema = DATABASE() AND table_name = :view ORDER BY ordinal_position"
)
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadableView:
    """One view: its name, its columns with the path that leads to each, and the list whose entries are its rows."""

    name: str
    table: str
    columns: tuple[tuple[str, Path], ...]
    entries: str = ""
    """The column whose list has one row an entry here; empty for the view of the record itself."""


def list_views(contract: type[Contract], table: str) -> list[ReadableView]:
    """Return the views of a table: of its records, then of each of its lists."""
    fields = list_columns(contract)
    lists = {name: get_item_dtype(kind) for name, kind in fields.items() if isinstance(kind, pl.List)}
    columns = [column for name, kind in fields.items() if name not in lists for column in _iter_leaves((name,), kind)]
    views = [ReadableView(_make_name(table), table, tuple(columns))]
    for name, kind in lists.items():
        entry = tuple(_iter_leaves((), kind)) if isinstance(kind, pl.Struct) else ((name, ()),)
        views.append(ReadableView(_make_name(f"{table}_{name}"), table, entry, name))
    return views


def prepare_views(connection: Connection, views: Sequence[ReadableView]) -> None:
    """Make the views that are not there, and give those that are the columns that they lack."""
    inspector = inspect(connection)
    known = set(inspector.get_view_names())
    for view in views:
        there = _list_names(connection, inspector, view.name) if view.name in known else []
        wanted = [name for name, _path in _list_all(view)]
        # none is taken away: it is somebody's own
        if set(there) >= set(wanted) or not set(there) <= set(wanted):
            continue
        for statement in write_view(view, connection.dialect, there):
            connection.exec_driver_sql(statement)


def write_view(view: ReadableView, dialect: Dialect, there: Sequence[str] = ()) -> Iterator[str]:
    """Yield the statements that make a view; `there` are the columns that it has already, which stay in their order."""
    paths = dict(_list_all(view))
    names = [*there, *(name for name in paths if name not in there)]
    quote = dialect.identifier_preparer.quote
    cells = [_write_cell(view, paths[name], name, dialect) for name in names]
    listed, shown = ", ".join(map(quote, names)), ", ".join(cells)
    body = f"SELECT {shown} FROM {_write_rows(view, dialect)}"  # noqa: S608  names of contracts, quoted
    match dialect.name:
        case "postgresql":
            # before its version 15 a view reads with the rights of its owner, as nobody is given any on it
            may = " WITH (security_invoker = true)" if _knows_invoker(dialect) else ""
            yield f"CREATE OR REPLACE VIEW {quote(view.name)} ({listed}){may} AS {body}"
        case "mysql":
            verb = "ALTER" if there else "CREATE"
            yield f"{verb} SQL SECURITY INVOKER VIEW {quote(view.name)} ({listed}) AS {body}"
        case "mssql":
            yield f"CREATE OR ALTER VIEW {quote(view.name)} ({listed}) AS {body}"
        case "oracle":
            yield f"CREATE OR REPLACE VIEW {quote(view.name)} ({listed}) AS {body}"
        case _:
            if there:
                yield f"DROP VIEW {quote(view.name)}"
            yield f"CREATE VIEW {quote(view.name)} ({listed}) AS {body}"


def _iter_leaves(path: Path, kind: pl.DataType) -> Iterator[tuple[str, Path]]:
    if isinstance(kind, pl.Struct):
        for name, inner in list_part_types(kind).items():
            yield from _iter_leaves((*path, name), inner)
    else:
        yield "_".join(path), path


def _list_all(view: ReadableView) -> list[tuple[str, Path]]:
    return [(_REF, ()), (_RANK, ()), *view.columns] if view.entries else list(view.columns)


def _make_name(text: str) -> str:
    """Return a name that every database takes: a long one is cut, and told from others by a few digits."""
    if len(text) + len(_END) <= _LONGEST:
        return text + _END
    return f"{text[: _LONGEST - len(_END) - 7]}_{hashlib.sha256(text.encode()).hexdigest()[:6]}{_END}"


def _list_names(connection: Connection, inspector: Inspector, view: str) -> list[str]:
    if connection.dialect.name != "mysql":
        return [column["name"] for column in inspector.get_columns(view)]
    # the inspector asks for how the view was made, which is a right of its own (SHOW VIEW); its names are not
    return list(connection.execute(_NAMES_IN_MYSQL, {"view": view}).scalars())


def _knows_invoker(dialect: Dialect) -> bool:
    return (dialect.server_version_info or (0,)) >= (15,)


def _write_rows(view: ReadableView, dialect: Dialect) -> str:
    """Write what the view reads: the table, with one row for each entry of a list."""
    quote = dialect.identifier_preparer.quote
    table = f"{quote(view.table)} t"
    if not view.entries:
        return table
    column = f"t.{quote(view.entries)}"
    match dialect.name:
        case "postgresql":
            return f"{table} CROSS JOIN LATERAL jsonb_array_elements({column}) WITH ORDINALITY AS e(v, n)"
        case "mssql":
            return f"{table} CROSS APPLY OPENJSON({column}) e"
        case "mysql" | "oracle":
            kind = "LONGTEXT" if dialect.name == "mysql" else "VARCHAR2(4000)"
            cells = [f"c{nth} {kind} PATH '{_write_path(path)}'" for nth, (_name, path) in enumerate(view.columns)]
            return f"{table} CROSS JOIN JSON_TABLE({column}, '$[*]' COLUMNS (n FOR ORDINALITY, {', '.join(cells)})) e"
        case _:
            return f"{table} CROSS JOIN json_each({column}) e"


def _write_cell(view: ReadableView, path: Path, name: str, dialect: Dialect) -> str:
    """Write what stands in one column of the view."""
    quote = dialect.identifier_preparer.quote
    if not view.entries:
        return _extract(f"t.{quote(path[0])}", path[1:], dialect) if len(path) > 1 else f"t.{quote(path[0])}"
    if name == _REF:
        return f"t.{_REF}"
    if name == _RANK:
        ranks = {"sqlite": "e.key + 1", "mssql": "CAST(e.[key] AS INT) + 1"}
        return ranks.get(dialect.name, "e.n")
    if dialect.name in ("mysql", "oracle"):
        return f"e.c{[one for one, _path in view.columns].index(name)}"
    value = "e.v" if dialect.name == "postgresql" else "e.value"
    return _extract(value, path, dialect) if path or dialect.name == "postgresql" else value


def _extract(value: str, path: Path, dialect: Dialect) -> str:
    match dialect.name:
        case "postgresql":
            return f"{value} #>> '{{{','.join(path)}}}'"
        case "mysql":
            return f"JSON_UNQUOTE(JSON_EXTRACT({value}, '{_write_path(path)}'))"
        case "mssql" | "oracle":
            return f"JSON_VALUE({value}, '{_write_path(path)}')"
        case _:
            return f"json_extract({value}, '{_write_path(path)}')"


def _write_path(path: Path) -> str:
    return ".".join(["$", *path])
