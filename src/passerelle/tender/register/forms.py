"""A record of processing as a page, a workbook, or data."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from passerelle.contracts.publishing.published_texts import get_label
from passerelle.documents.packing import repacked
from passerelle.documents.templates import get_template
from passerelle.documents.workbooks import begun, height_of
from passerelle.tender.register.describing import Words, heading, items
from passerelle.tender.register.drawing import draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsxwriter.workbook import Workbook

    from passerelle.tender.register.recording import Activity, Datum, Register

_SHEET = 31
"""Most characters of the name of a sheet."""


def content(register: Register) -> dict[str, Any]:
    """Give the record as data, the members of `passerelle.register/1`."""
    return {
        "retention_days": register.retention_days,
        "activities": [asdict(one) for one in register.activities],
        "unneeded": [asdict(datum) for datum in register.unneeded_anywhere()],
    }


def page(register: Register, language: str) -> bytes:
    """Write a page that stands alone: map, table, one section for each activity."""
    words = Words(language)
    activities = [(heading(one, words), items(one, register, words)) for one in register.activities]
    drawn = Markup(draw(register, words))  # noqa: S704  the picture escapes its texts itself
    facts = {"heads": flow_heads(words), "rows": [flow_row(one, words) for one in register.activities]}
    nowhere = [_datum(datum, words) for datum in register.unneeded_anywhere()]
    page_of = get_template("tender/register/register.html.jinja")
    rendered = page_of.render(
        words=words, language=language, activities=activities, map=drawn, flows=facts, nowhere=nowhere, law=words.law()
    )
    return (rendered + "\n").encode()


def flow_heads(words: Words) -> list[str]:
    """Name the columns of the table that says what the map shows."""
    return [words(name) for name in ("source", "flow", "purpose", "contracts", "recipients", "special", "surveillance")]


def flow_row(activity: Activity, words: Words) -> list[str]:
    """Give the row of a flow."""
    levels = [level.value for level in activity.sensitivities()]
    return [
        f"{activity.supplier} ({words.door(activity.source)})",
        activity.flow,
        words.purpose(activity),
        ", ".join(words.contract(one) for one in activity.contracts),
        words.door(activity.destination),
        *(words("yes" if level in levels else "no") for level in ("special", "surveillance")),
    ]


def _datum(datum: Datum, words: Words) -> list[str]:
    told = (get_label(datum.subject, words.language), get_label(datum.sensitivity, words.language))
    return [words.contract(datum.contract), f"{words.field(datum)} ({datum.field})", *told]


def workbook(register: Register, language: str) -> bytes:
    """Write a workbook: a list of activities, one sheet each, all fields, what nobody needs."""
    words = Words(language)
    stream = io.BytesIO()
    book = begun(stream, words("title"))
    flows = [flow_row(one, words) for one in register.activities]
    top = [words("title"), words("warning"), " – ".join(words.law())]
    _sheet(book, words("activities"), flow_heads(words), flows, (36, 22, 22, 36, 30, 16, 16), top)
    taken = {words("activities").casefold()}
    for one in register.activities:
        rows = [list(item) for item in items(one, register, words)]
        name = _unused(one.flow, taken)
        _sheet(book, name, [words("item"), words("content")], rows, (40, 110), [heading(one, words)])
    fields = [
        [one.flow, *_datum(datum, words), words("yes" if datum.is_sent else "no")] for one, datum in _all(register)
    ]
    heads = [words(name) for name in ("flow", "contract", "field", "subject", "sensitivity", "sent")]
    _sheet(book, _unused(words("fields"), taken), heads, fields, (22, 30, 44, 22, 28, 12), [])
    nowhere = [_datum(datum, words) for datum in register.unneeded_anywhere()]
    top = [words("nowhere"), words("nowhere_says" if nowhere else "nowhere_none")]
    _sheet(book, _unused(words("no") + " – " + words("purpose"), taken), heads[1:5], nowhere, (30, 44, 22, 28), top)
    book.close()
    return repacked(stream.getvalue())


def _all(register: Register) -> Iterator[tuple[Activity, Datum]]:
    return ((one, datum) for one in register.activities for datum in one.data)


def _unused(name: str, taken: set[str]) -> str:
    """Give a name that no sheet has yet."""
    short, number = name[:_SHEET], 1
    while short.casefold() in taken:
        number += 1
        short = f"{name[: _SHEET - 3]} {number}"
    taken.add(short.casefold())
    return short


def _sheet(
    book: Workbook,
    name: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    top: Sequence[str],
) -> None:
    sheet = book.add_worksheet(name)
    usual = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    cell = book.add_format({**usual, "text_wrap": True, "border": 1, "border_color": "#8A94A0"})
    strong = book.add_format({**usual, "text_wrap": True, "border": 1, "bold": True, "bg_color": "#EAF1F8"})
    head = book.add_format(
        {**usual, "text_wrap": True, "bold": True, "border": 1, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}
    )
    above = book.add_format({**usual, "bold": True})
    for row, line in enumerate(top):
        sheet.write_string(row, 0, line, above)
    start = len(top) + 1 if top else 0
    for place, (title, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(start, place, title, head)
    sheet.set_row(start, height_of(heads, widths))
    for row, texts in enumerate(rows, start=start + 1):
        sheet.set_row(row, height_of(texts, widths))
        for place, written in enumerate(texts):
            sheet.write_string(row, place, written, cell if place else strong)
    sheet.freeze_panes(start + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(start)
    sheet.set_footer("&L&A&R&P / &N")
