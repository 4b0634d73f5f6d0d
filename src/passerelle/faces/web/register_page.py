"""The register of processing activities, as settings and contracts draft it: a page, and files to take along."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.faces.supplier_moves import list_moves
from passerelle.faces.web.blocks import CellLink, FactList, Heading, LinkList, PageNotice, Paragraph, WebPage
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.tender.register.describing import (
    RegisterWords,
    count_blanks,
    list_controller_items,
    list_items,
    write_heading,
)
from passerelle.tender.register.forms import write_page, write_workbook
from passerelle.tender.register.recording import draft_register
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, get_current, translate_plural

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.tender.register.recording import Register

_KINDS = {
    "registre.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "registre.html": "text/html; charset=utf-8",
}


def show_register(visit: PageVisit) -> WebPage:
    """Return the register: who answers for the processing, and each activity. It is read from no record."""
    register, words = _draft(visit), RegisterWords(get_current())
    blocks: list[PageBlock] = [
        Paragraph(_("This is a draft: the controller completes and validates it. No record is read for it.")),
        LinkList(
            (
                CellLink(_("As a workbook"), "/registre/registre.xlsx"),
                CellLink(_("As a page to keep"), "/registre/registre.html"),
            )
        ),
    ]
    if blanks := count_blanks(register, words):
        told = translate_plural(
            "{count} place is to be completed by the person who operates Passerelle.",
            "{count} places are to be completed by the person who operates Passerelle.",
            blanks,
        )
        blocks.append(PageNotice("doubt", told.format(count=format_count(blanks))))
    blocks.append(FactList(tuple(list_controller_items(register, words))))
    for activity in register.activities:
        blocks.append(Heading(1, write_heading(activity, words)))
        blocks.append(FactList(tuple(list_items(activity, register, words))))
    return WebPage(_("Register of processing"), blocks)


def take_register(visit: PageVisit) -> Response:
    """Answer with the register as a file: the same as the command writes."""
    name, register = visit.places["file"], _draft(visit)
    if name not in _KINDS:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    write = write_workbook if name.endswith(".xlsx") else write_page
    told = {"Content-Type": _KINDS[name], "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(register, get_current()), headers=told)


def _draft(visit: PageVisit) -> Register:
    """Return the register of the whole installation. Raises VisitRefusedError for who may see some flows only."""
    settings = visit.workspace.settings
    for name in settings.flows:
        visit.require_flow(name)
    moves = list_moves(settings.path.parent, {name: flow.connector for name, flow in settings.flows.items()})
    return draft_register(settings, visit.workspace.plugins, moves)
