"""A record of processing as a page, a workbook, or data."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from passerelle.contracts.publishing.published_texts import get_label
from passerelle.documents.packing import repack
from passerelle.documents.templates import get_template
from passerelle.documents.workbooks import begin_workbook, compute_height
from passerelle.tender.register.describing import (
    RegisterWords,
    count_blanks,
    list_controller_items,
    list_items,
    write_heading,
    write_purpose_heading,
)
from passerelle.tender.register.drawing import draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.workbook import Workbook

    from passerelle.tender.register.recording import Activity, Datum, Register

_SHEET = 31
"""Most characters of the name of a sheet."""


def to_content(register: Register) -> dict[str, Any]:
    """Return the record as data, the members of `passerelle.register/1`."""
    return {
        "retention_days": register.retention_days,
        "controller": asdict(register.controller),
        "to_complete": count_blanks(register, RegisterWords("fr")),
        "activities": [asdict(one) for one in register.activities],
        "unneeded": [asdict(datum) for datum in register.list_unneeded()],
    }


def write_page(register: Register, language: str) -> bytes:
    """Write a page that stands alone: controller, map, table, one section for each purpose."""
    words = RegisterWords(language)
    purposes = [
        (
            write_purpose_heading(purpose, words),
            [
                (write_heading(one, words), list_items(one, register, words))
                for one in register.list_activities(purpose)
            ],
        )
        for purpose in register.list_purposes()
    ]
    drawn = Markup(draw(register, words))  # noqa: S704  the picture escapes its texts itself
    facts = {"heads": list_flow_heads(words), "rows": [make_flow_row(one, words) for one in register.activities]}
    nowhere = [_describe_datum(datum, words) for datum in register.list_unneeded()]
    page_of = get_template("tender/register/register.html.jinja")
    rendered = page_of.render(
        words=words,
        language=language,
        controller=list_controller_items(register, words),
        purposes=purposes,
        map=drawn,
        flows=facts,
        nowhere=nowhere,
        law=words.get_law(),
    )
    return (rendered + "\n").encode()


def list_flow_heads(words: RegisterWords) -> list[str]:
    """Return the heads of the table that repeats the map in words."""
    names = ("source", "flows", "purpose", "contracts", "recipients", "special", "surveillance", "nir")
    return [words(name) for name in names]


def make_flow_row(activity: Activity, words: RegisterWords) -> list[str]:
    """Return the row of a flow."""
    levels = [level.value for level in activity.list_sensitivities()]
    is_nir = any(datum.is_sent for datum in activity.nir)
    return [
        f"{activity.supplier} ({words.name_endpoint(activity.source)})",
        activity.flow,
        words.name_purpose(activity),
        ", ".join(words.name_contract(one) for one in activity.contracts),
        words.name_endpoint(activity.destination),
        *(words("yes" if level in levels else "no") for level in ("special", "surveillance")),
        words("yes" if is_nir else "no"),
    ]


def _describe_datum(datum: Datum, words: RegisterWords) -> list[str]:
    labels = (get_label(datum.subject, words.language), get_label(datum.sensitivity, words.language))
    return [words.name_contract(datum.contract), f"{words.name_field(datum)} ({datum.field})", *labels]


def write_workbook(register: Register, language: str) -> bytes:
    """Write a workbook: controller, list of activities, a sheet for each purpose, all fields, what nobody needs."""
    words = RegisterWords(language)
    stream = io.BytesIO()
    book = begin_workbook(stream, words("title"))
    head = [words("item"), words("content")]
    law = [words("title"), words("warning"), " – ".join(words.get_law())]
    who = [list(item) for item in list_controller_items(register, words)]
    _write_sheet(book, words("who"), head, who, (40, 110), law)
    flows = [make_flow_row(one, words) for one in register.activities]
    _write_sheet(book, words("activities"), list_flow_heads(words), flows, (36, 22, 22, 36, 30, 16, 16, 16), [])
    taken = {words(name).casefold() for name in ("activities", "who")}
    for purpose in register.list_purposes():
        rows: list[list[str]] = []
        for one in register.list_activities(purpose):
            rows += [[write_heading(one, words)], *(list(item) for item in list_items(one, register, words))]
        title = write_purpose_heading(purpose, words)
        _write_sheet(book, _find_unused_name(title, taken), head, rows, (40, 110), [title])
    fields = [
        [one.flow, *_describe_datum(datum, words), words("yes" if datum.is_sent else "no")]
        for one in register.activities
        for datum in one.data
    ]
    heads = [words(name) for name in ("flows", "contract", "field", "subject", "sensitivity", "sent")]
    _write_sheet(book, _find_unused_name(words("fields"), taken), heads, fields, (22, 30, 44, 22, 28, 12), [])
    nowhere = [_describe_datum(datum, words) for datum in register.list_unneeded()]
    top = [words("nowhere"), words("nowhere_says" if nowhere else "nowhere_none")]
    name = _find_unused_name(words("no") + " – " + words("purpose"), taken)
    _write_sheet(book, name, heads[1:5], nowhere, (30, 44, 22, 28), top)
    book.close()
    return repack(stream.getvalue())


def _find_unused_name(name: str, taken: set[str]) -> str:
    """Return a name that no sheet has yet, and add it to `taken`."""
    short, number = name[:_SHEET], 1
    while short.casefold() in taken:
        number += 1
        # Excel compares names of worksheets without case and allows 31 characters.
        short = f"{name[: _SHEET - 3]} {number}"
    taken.add(short.casefold())
    return short


def _write_sheet(
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
    sheet.set_row(start, compute_height(heads, widths))
    for row, texts in enumerate(rows, start=start + 1):
        if len(texts) == 1 and len(heads) > 1:
            # the heading of one activity among several of a sheet
            sheet.merge_range(row, 0, row, len(heads) - 1, texts[0], head)
            continue
        sheet.set_row(row, compute_height(texts, widths))
        for place, written in enumerate(texts):
            sheet.write_string(row, place, written, cell if place else strong)
    sheet.freeze_panes(start + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(start)
    sheet.set_footer("&L&A&R&P / &N")
