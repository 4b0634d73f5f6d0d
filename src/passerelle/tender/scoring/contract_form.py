"""Recognises samples in contract form: a filled-in template (CSV, workbook), or records as JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.contracts.types import FieldKind
from passerelle.documents.workbook_reader import list_sheets, open_rows
from passerelle.extension.supplier import Connector
from passerelle.stages.decode.decoding import peek
from passerelle.stages.decode.dialects import Csv, Json, Xlsx
from passerelle.stages.translate.converter import ColumnarTranslation
from passerelle.stages.translate.converters.lookups import YesNo
from passerelle.stages.translate.converters.numbers import Number
from passerelle.stages.translate.converters.texts import Text
from passerelle.stages.translate.drift import match_renamed
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.stages.translate.table import Table
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.contracts.contract import Contract
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.stages.translate.converter import Converter, Row

ID = "contract-form"
"""Connector of a sample that needs none."""
SUPPLIER = "contract"
_LONGEST = 100_000
_DELIMITERS = (";", ",", "\t")
_HEAD = 1 << 16
"""Bytes that are looked at to see what a file is."""


def recognise_form(stream: IO[bytes], wanted: Sequence[str]) -> Connector | None:
    """Return a connector for a file in the form of one of the `wanted` contracts (the first that fits best), or None.

    The stream is left anywhere. Nothing is raised for what cannot be read: it is in no contract's form.
    """
    try:
        dialect = _guess_dialect(stream)
        found = peek(stream, dialect, open_rows) if dialect else {}
    except ParcelError:
        return None
    tables = [table for member, columns in found.items() if (table := _choose_table(member, columns, wanted, dialect))]
    if not tables or dialect is None:
        return None
    if isinstance(dialect, Xlsx):
        # Worksheets that hold nothing asked for are not read at all.
        dialect = Xlsx(sheets={table.member: table.member for table in tables})
    return Connector(id=ID, title=ID, dialect=dialect, tables=tuple(tables))


def _guess_dialect(stream: IO[bytes]) -> Dialect | None:
    stream.seek(0)
    head = stream.read(_HEAD)
    if head.startswith(b"PK"):
        # Worksheets that are named after contracts, as those of the templates are.
        families = {contract.about.family for contract in contracts.catalogue().values()}
        sheets = {name: name for name in list_sheets(stream) if name in families}
        return Xlsx(sheets=sheets) if sheets else None
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return Json(lines=True, spread=_LISTS)
    if text.startswith(b"["):
        return Json(spread=_LISTS)
    first = text.split(b"\n", 1)[0].decode("utf-8", "replace")
    for delimiter in _DELIMITERS:
        # Every contract requires `ref`: the delimiter that isolates it is the right one.
        if "ref" in next(csv.reader(io.StringIO(first), delimiter=delimiter), []):
            return Csv(delimiter=delimiter)
    return None


_LISTS = tuple(
    dict.fromkeys(
        name
        for contract in contracts.catalogue().values()
        for name, shape in field_types.list_shapes(contract).items()
        if shape.kind is FieldKind.LIST
    )
)


def _choose_table(member: str, columns: Sequence[str], wanted: Sequence[str], dialect: Dialect | None) -> Table | None:
    """Return a table for the contract that has most of these columns as fields (ties: order of `wanted`), or None."""
    tops = {name.partition(".")[0] for name in columns}
    known = {
        contract_id: len(tops & set(contracts.get(contract_id).list_fields()))
        for contract_id in wanted
        if "ref" in tops and (not member or contracts.get(contract_id).about.family == member)
    }
    if not known:
        return None
    best = max(known, key=lambda contract_id: known[contract_id])
    # Half of the columns must be fields: `ref` and one more occur in any table.
    if known[best] < 2 or known[best] * 2 < len(tops):
        return None
    contract = contracts.get(best)
    # Lists are numbered from 0 in flattened JSON, from 1 in the columns of templates.
    first = 0 if isinstance(dialect, Json) else 1
    fields = {
        name: made for name in contract.list_fields() if (made := _choose_converters(contract, name, columns, first))
    }
    entries = [entry if isinstance(entry, tuple) else (entry,) for entry in fields.values()]
    # All columns are optional: what a required field lacks is an anomaly of its records, not of the file.
    read = [column for converters in entries for converter in converters for column in converter.columns]
    return Table(contract=best, member=member, fields=fields, optional=tuple(read))


def list_renamed(table: Table, unknown: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return likely renamings: a field that no column fills, a column that is no field but is called like it."""
    contract = contracts.get(table.contract)
    called: dict[str, str] = {}
    for name, fact in contract.describe_fields().items():
        if name not in table.fields:
            for word in (name, fact.fr_title, fact.en_title):
                called.setdefault(word, name)
    tops = tuple(dict.fromkeys(column.partition(".")[0] for column in unknown))
    found: dict[str, str] = {}
    for word, column in match_renamed(tuple(called), tops):
        found.setdefault(called[word], column)
    return tuple(found.items())


def _choose_converters(
    contract: type[Contract], name: str, columns: Sequence[str], first: int
) -> Converter | tuple[Converter, ...] | None:
    """Read a field from its columns; a required one also where it has none, so that every record is told of it."""
    info = contract.model_fields[name]
    mine = [column for column in columns if column == name or column.startswith(f"{name}.")]
    if name in PIPELINE_FIELDS or not (mine or info.is_required()):
        return None
    dtype = field_types.list_columns(contract)[name]
    if not isinstance(dtype, pl.List):
        return _choose_converter(name, dtype, columns)
    items = []
    for place in range(first, first + len(mine)):
        path = f"{name}.{place}"
        if any(column == path or column.startswith(f"{path}.") for column in mine):
            items.append(_choose_converter(path, field_types.get_item_dtype(dtype), columns))
    return tuple(items) or None


def _choose_converter(path: str, dtype: pl.DataType, columns: Sequence[str]) -> Converter:
    if isinstance(dtype, pl.Struct):
        return ObjectConverter(path, dtype, tuple(column for column in columns if column.startswith(f"{path}.")))
    if isinstance(dtype, pl.Boolean):
        return YesNo(path, yes=("true",), no=("false",))
    if dtype.is_integer():
        return Number(path, decimal=".", integer=True)
    return Text(path, max_length=_LONGEST)


@dataclass(frozen=True, slots=True)
class ObjectConverter:
    """An object from its columns: `service.code`, `address.lines.1`."""

    path: str
    dtype: pl.Struct
    columns: tuple[str, ...]

    def parse(self, row: Row) -> dict[str, Any] | None:
        """Return the object; None when all of its cells are empty."""
        return _read_object(self.path, self.dtype, row)

    def parse_columns(self) -> ColumnarTranslation | None:
        """Return the columnar translation of a flat object of texts; None when a list inside must be read by record."""
        parts = field_types.list_part_types(self.dtype)
        if not self.columns or any(not isinstance(part, pl.String) for part in parts.values()):
            return None
        paths = {name: f"{self.path}.{name}" for name in parts}
        cells = [
            (pl.col(path) if path in self.columns else pl.lit(None, pl.String)).alias(name)
            for name, path in paths.items()
        ]
        some = pl.any_horizontal([pl.col(column).is_not_null() for column in self.columns])
        return ColumnarTranslation(pl.when(some).then(pl.struct(cells)), pl.lit(True))

    def render(self, value: Any) -> dict[str, str]:
        """Write the object into its columns."""
        flat = dict(_iter_cells(self.path, value or {}))
        return {column: flat.get(column, "") for column in self.columns}

    @property
    def is_faithful(self) -> bool:
        """Whether what is written is read back equal: always."""
        return True


def _read_object(path: str, dtype: pl.Struct, row: Row) -> dict[str, Any] | None:
    made = {name: _read_value(f"{path}.{name}", part, row) for name, part in field_types.list_part_types(dtype).items()}
    return made if any(value is not None for value in made.values()) else None


def _read_value(path: str, dtype: pl.DataType, row: Row) -> Any:
    if isinstance(dtype, pl.Struct):
        return _read_object(path, dtype, row)
    if isinstance(dtype, pl.List):
        if (whole := row.get(path) or "").startswith("["):
            # A record in JSON keeps a list inside an object as one cell; validation refuses what is no list.
            try:
                return json.loads(whole)
            except ValueError:
                return [whole]
        inside = (column.removeprefix(f"{path}.") for column in row if column.startswith(f"{path}."))
        places = sorted({int(part) for rest in inside if (part := rest.partition(".")[0]).isdigit()})
        return [
            item for place in places if (item := _read_value(f"{path}.{place}", field_types.get_item_dtype(dtype), row))
        ] or None
    return row.get(path) or None


def _iter_cells(path: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, part in value.items():
                yield from _iter_cells(f"{path}.{name}", part)
        case list():
            for place, part in enumerate(value, start=1):
                yield from _iter_cells(f"{path}.{place}", part)
        case None:
            return
        case str():
            yield path, value
        case _:
            yield path, json.dumps(value)
