"""CSV and XLSX templates, flat like folder destinations: dotted columns for objects, numbered ones for lists."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter

from passerelle import nomenclatures
from passerelle.contracts import field_types
from passerelle.contracts.publishing.dictionary import describe_type
from passerelle.contracts.publishing.examples import build_fullest
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.contracts.types import Coded, FieldKind, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from passerelle.contracts.contract import Contract

_PIPELINE = ("extra", "source", "confirmed_none")
"""What nobody fills in by hand."""
_ROWS = 2000
"""How many rows the checks of the workbook cover."""
_TITLE, _HELP = 32, 255
"""Most characters a spreadsheet shows in the title and in the text of a help box."""
_CREATED = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed date, so that the same contract always gives the same bytes."""


@dataclass(frozen=True, slots=True)
class _TemplateColumn:
    path: str
    field: str
    shape: Shape
    required: bool
    example: Any
    codes: str = ""
    closed: bool = False
    words: tuple[str, ...] = ()
    """Of a small list that has no sheet of its own."""


def write_csv_template(contract: type[Contract]) -> bytes:
    """Return a CSV with its header and one example row: UTF-8 with byte-order mark, semicolons."""
    # With a byte-order mark: without it, spreadsheet programs on Windows read UTF-8 as Windows-1252.
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    columns = list(_iter_columns(contract))
    writer.writerow([column.path for column in columns])
    writer.writerow([_write_cell(column.example) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def write_xlsx_template(contract: type[Contract]) -> bytes:
    """Return a workbook: a sheet to fill in with drop-down lists and help boxes, what each field is, the code lists."""
    stream = io.BytesIO()
    # No formulas: an example that starts with `=` stays a text.
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": contract.about.fr_title, "created": _CREATED})
    sheet = workbook.add_worksheet(contract.about.family)
    guide = workbook.add_worksheet(get_label("read_me", "fr"))
    lists = workbook.add_worksheet(get_label("lists", "fr"))
    columns = list(_iter_columns(contract))
    ranges = _write_code_lists(workbook, lists, {column.codes for column in columns if column.codes})
    _write_guide(workbook, guide, contract)
    _write_form(workbook, sheet, columns)
    for place, column in enumerate(columns):
        entry = contract.describe_fields()[column.field]
        help_box = {"input_title": entry.fr_title[:_TITLE], "input_message": entry.fr[:_HELP], "ignore_blank": True}
        sheet.data_validation(1, place, _ROWS, place, {**_make_validation(column, ranges), **help_box})
    workbook.close()
    return stream.getvalue()


def _iter_columns(contract: type[Contract]) -> Iterator[_TemplateColumn]:
    examples = build_fullest(contract)
    for name in contract.list_fields():
        if name not in _PIPELINE:
            entry, info = contract.describe_fields()[name], contract.model_fields[name]
            start = _TemplateColumn(
                name, name, Shape(FieldKind.TEXT), info.is_required(), examples.get(name), entry.codes
            )
            closed = bool(entry.codes) and not entry.open_codes
            yield from _flatten(start, info.annotation, tuple(info.metadata), closed=closed)


def _flatten(
    above: _TemplateColumn, annotation: Any, beside: tuple[Any, ...], *, closed: bool
) -> Iterator[_TemplateColumn]:
    """Yield the columns of a field: its own, or those of its object, or those of the first item of its list."""
    shape = field_types.find_shape(annotation, beside)
    if shape.kind is FieldKind.LIST:
        first = above.example[0] if above.example else None
        below = _TemplateColumn(f"{above.path}.1", above.field, shape, above.required, first, above.codes)
        yield from _flatten(below, field_types.get_item_type(annotation), (), closed=closed)
    elif shape.kind is FieldKind.OBJECT:
        model = field_types.get_model(annotation)
        for name, info in model.model_fields.items():
            codes = above.codes if model is Coded and name == "code" else ""
            example = (above.example or {}).get(name)
            below = _TemplateColumn(f"{above.path}.{name}", above.field, shape, info.is_required(), example, codes)
            yield from _flatten(below, info.annotation, tuple(info.metadata), closed=False)
    else:
        words = field_types.list_words(annotation) if shape.kind is FieldKind.WORD else ()
        yield _TemplateColumn(above.path, above.field, shape, above.required, above.example, above.codes, closed, words)


def _write_cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _write_form(workbook: Workbook, sheet: Worksheet, columns: list[_TemplateColumn]) -> None:
    head = workbook.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "num_format": "@"})
    needed = workbook.add_format({"bold": True, "bg_color": "#F8CBAD", "border": 1, "num_format": "@"})
    # As text: a spreadsheet would take the first zero from a number and write days in its own way.
    text = workbook.add_format({"num_format": "@"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(12, len(column.path) + 2), text)
        sheet.write_string(0, place, column.path, needed if column.required else head)
        sheet.write_string(1, place, _write_cell(column.example), text)
    sheet.freeze_panes(1, 1)


def _make_validation(column: _TemplateColumn, ranges: dict[str, str]) -> dict[str, Any]:
    """Return the validation rule of a column, with the French sentences of its error box."""
    kind, shape = column.shape.kind, column.shape
    if column.codes in ranges:
        refusal = {"error_type": "stop"} if column.closed else {"error_type": "warning"}
        message = _CHOOSE if column.closed else "Ce code n'est pas dans la liste. Le garder ?"
        return {"validate": "list", "source": ranges[column.codes], **refusal, **_make_error(message)}
    if kind is FieldKind.FLAG:
        return {"validate": "list", "source": ["true", "false"], **_make_error("Écrivez true (vrai) ou false (faux).")}
    if kind is FieldKind.INTEGER:
        bounds = f"Écrivez un nombre entier de {shape.minimum} à {shape.maximum}."
        limits = {"criteria": "between", "minimum": shape.minimum, "maximum": shape.maximum}
        return {"validate": "integer", **limits, **_make_error(bounds)}
    if kind is FieldKind.WORD:
        return {"validate": "list", "source": list(column.words), **_make_error(_CHOOSE)}
    lengths = {"criteria": "between", "minimum": shape.min_length, "maximum": shape.max_length}
    message = _FORMS.get(kind, f"{shape.max_length} caractères au plus.")
    return {"validate": "length", **lengths, **_make_error(message)}


_CHOOSE = "Choisissez un mot de la liste."
_FORMS = {
    FieldKind.DAY: "Écrivez la date ainsi : 2024-12-31.",
    FieldKind.PARTIAL_DAY: "Écrivez la date ainsi : 1947-04-03, ou 1947-04, ou 1947.",
    FieldKind.INSTANT: "Écrivez la date et l'heure ainsi : 2024-12-31T08:00:00+01:00.",
    FieldKind.URN: "Écrivez la référence ainsi : systeme:entite:identifiant, sans espace.",
    FieldKind.AMOUNT: "Écrivez le montant avec un point et deux décimales : 12.50.",
    FieldKind.QUANTITY: "Écrivez la quantité avec un point et trois décimales au plus : 1.75.",
}


def _make_error(message: str) -> dict[str, str]:
    return {"error_title": "Valeur refusée", "error_message": message}


def _write_code_lists(workbook: Workbook, sheet: Worksheet, names: set[str]) -> dict[str, str]:
    """Write each code list with its labels, and return the cell range of its codes."""
    head = workbook.add_format({"bold": True})
    ranges = {}
    for order, name in enumerate(sorted(names)):
        listed, column = nomenclatures.get(name), 2 * order
        sheet.write_string(0, column, name, head)
        sheet.write_string(0, column + 1, listed.fr, head)
        for row, code in enumerate(listed.codes, start=1):
            sheet.write_string(row, column, code)
            sheet.write_string(row, column + 1, listed.get_label(code))
        letters = xlsxwriter.utility.xl_col_to_name(column, col_abs=True)
        ranges[name] = f"={get_label('lists', 'fr')}!{letters}$2:{letters}${len(listed) + 1}"
    return ranges


def _write_guide(workbook: Workbook, sheet: Worksheet, contract: type[Contract]) -> None:
    head = workbook.add_format({"bold": True})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, f"{contract.about.fr_title} ({contract.about.id}, version {contract.about.version})", head)
    sheet.write_string(1, 0, f"{contract.about.fr} La première ligne est un exemple à remplacer.")
    for place, name in enumerate(("field", "title", "required", "type", "description")):
        sheet.write_string(3, place, get_label(name, "fr"), head)
    for row, name in enumerate(contract.list_fields(), start=4):
        entry, info = contract.describe_fields()[name], contract.model_fields[name]
        kind = describe_type(info.annotation, tuple(info.metadata), "fr")
        cells = (name, entry.fr_title, get_label("yes" if info.is_required() else "no", "fr"), kind, entry.fr)
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, wrap)
    sheet.set_column(0, 3, 24)
    sheet.set_column(4, 4, 80)
