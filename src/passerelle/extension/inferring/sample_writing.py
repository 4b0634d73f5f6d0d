"""Write the samples of a new plugin in its dialect: delimited text, workbook, JSON, XML."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.dialects import Csv, FixedWidth, Json, Xlsx
from passerelle.stages.decode.fixed_width import write_lines
from passerelle.vocabulary.grouped_names import split_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stages.decode.dialects import Dialect, Xml

    Row = Mapping[str, str]


def get_file_suffix(dialect: Dialect) -> str:
    """Return the ending of a file's name."""
    if isinstance(dialect, Json):
        return ".jsonl" if dialect.lines else ".json"
    return f".{type(dialect).__name__.lower()}"


def write_sample(dialect: Dialect, rows: Sequence[Row]) -> bytes:
    """Write rows that all have the same columns, at least one row."""
    match dialect:
        case FixedWidth():
            return ("Exemple\r\n" * dialect.skip_lines + write_lines(dialect.columns, rows)).encode()
        case Csv():
            out = StringIO()
            out.write("Exemple\r\n" * dialect.skip_lines)
            writer = csv.writer(out, delimiter=dialect.delimiter, quotechar=dialect.quote or '"')
            if not dialect.header:
                writer.writerows(split_names(_list_headers(rows[0]), dialect.header_rows))
            writer.writerows(list(row.values()) for row in rows)
            return out.getvalue().encode(dialect.encoding or "utf-8")
        case Xlsx():
            return _write_workbook(dialect, rows)
        case Json():
            return _write_document(dialect, rows)
        case _:
            return _write_elements(dialect, rows)


def add_cut_line(dialect: Dialect, content: bytes) -> bytes:
    """Add a line that breaks off, where lines are rows."""
    if not isinstance(dialect, Csv):
        return content
    # `utf-16` writes its mark of byte order at every call: behind it, the order that machines of today use.
    encoding = "utf-16-le" if dialect.encoding.lower().replace("_", "-") == "utf-16" else dialect.encoding or "utf-8"
    return content + f"Exemple{dialect.delimiter}coupé\r\n".encode(encoding)


def _list_headers(row: Row) -> list[str]:
    """Return the names as the file has them: without the number of a repeated one, nothing for an unnamed one."""
    return [name.partition("#")[0] for name in row]


def _write_workbook(dialect: Xlsx, rows: Sequence[Row]) -> bytes:
    import xlsxwriter  # noqa: PLC0415  most samples are no workbook

    out = BytesIO()
    # Cells stay text: a cell that begins with «=» must not become a formula.
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(next(iter(dialect.sheets), None))
    for number in range(dialect.header_row - 1):
        sheet.write_string(number, 0, "Exemple")
    names = split_names(_list_headers(rows[0]), dialect.header_rows)
    for number, cells in enumerate([*names, *(list(row.values()) for row in rows)]):
        for place, cell in enumerate(cells):
            sheet.write_string(dialect.header_row - 1 + number, place, cell)
    book.close()
    return out.getvalue()


def _write_document(dialect: Json, rows: Sequence[Row]) -> bytes:
    records: list[Any] = [_nest(row, ".") for row in rows]
    if dialect.lines:
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records).encode()
    document: Any = records
    for name in reversed(next(iter(dialect.lists), "").split(".")):
        document = {name: document} if name else document
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _nest(row: Row, mark: str) -> dict[str, Any]:
    """Put cells back where their path says; what would stand below another cell is left out of the sample."""
    nested: dict[str, Any] = {}
    for path, cell in row.items():
        *above, last = path.split(mark)
        place: Any = nested
        for name in above:
            place = place.setdefault(name, {}) if isinstance(place, dict) else place
        if isinstance(place, dict):
            place.setdefault(last, cell)
    return nested


def _write_elements(dialect: Xml, rows: Sequence[Row]) -> bytes:
    from lxml import etree  # noqa: PLC0415  most samples are no XML

    root_name, *above, name = next(iter(dialect.rows)).strip("/").split("/")
    root = place = etree.Element(root_name)
    for one in above:
        place = etree.SubElement(place, one)
    for row in rows:
        _fill_element(etree.SubElement(place, name), _nest(row, "/"))
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _fill_element(element: Any, cells: Mapping[str, Any]) -> None:
    from lxml import etree  # noqa: PLC0415  most samples are no XML

    for name, cell in cells.items():
        if name == ".":
            element.text = cell
        elif name.startswith("@"):
            element.set(name[1:], cell)
        elif isinstance(cell, str):
            etree.SubElement(element, name.partition("#")[0]).text = cell
        else:
            _fill_element(etree.SubElement(element, name.partition("#")[0]), cell)
