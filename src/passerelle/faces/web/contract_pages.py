"""Contracts: what each kind of record holds, in words, with the files that suppliers and their programs read."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.publishing.dictionary import describe_type
from passerelle.contracts.publishing.published_files import FILES
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.faces.web.blocks import CellLink, DataTable, FactList, Heading, LinkList, Paragraph, WebPage
from passerelle.faces.web.plain_words import name_contract
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit

_DOWNLOADS = ("modele.xlsx", "modele.csv", "dictionnaire.md", "dictionary.md", "schema.json", "odcs.yaml")
_OF_CODE = re.compile(r" `[A-Z]\w+`")
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "yaml": "application/yaml",
}


def list_contracts(visit: PageVisit) -> WebPage:
    """Return the contracts: the kinds of records that pass, each with its page."""
    del visit
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            CellLink(name_contract(contract_id), f"/contrats/{contract_id}"),
            len(contract.list_fields()),
            contract.about.fr if get_current() == "fr" else contract.about.en,
        )
        for contract_id, contract in catalogue().items()
    )
    heads = (_("contract"), _("fields"), _("what it holds"))
    intro = Paragraph(_("A contract says what a kind of record holds, whichever software it comes from."))
    return WebPage(_("Contracts"), [intro, DataTable(_("All contracts"), heads, rows)])


def show_contract(visit: PageVisit) -> WebPage:
    """Return one contract: its fields in words, of whom they speak, and what it is published as."""
    contract_id, contract = _find_contract(visit)
    language, about = get_current(), contract.about
    rows = tuple(_describe_field(contract, name) for name in contract.list_fields())
    heads = (_("field"), _("what it says"), _("type"), _("required"), _("about"), _("sensitivity"))
    links = tuple(CellLink(name, f"/contrats/{contract_id}/{name}") for name in _DOWNLOADS)
    blocks: list[PageBlock] = [
        Paragraph(about.fr if language == "fr" else about.en),
        FactList(((_("version"), about.version), (_("fields"), len(rows)))),
        DataTable(_("Fields"), heads, rows),
        Heading(1, _("To take along")),
        Paragraph(_("A workbook to fill in, the dictionary, and the forms that programs read.")),
        LinkList(links),
    ]
    return WebPage(name_contract(contract_id), blocks, (CellLink(_("Contracts"), "/contrats"),))


def take_file(visit: PageVisit) -> Response:
    """Answer with one published file of a contract: the same bytes as in the folder of contracts."""
    contract_id, contract = _find_contract(visit)
    name = visit.places["file"]
    if name not in _DOWNLOADS:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    told = f'attachment; filename="{contract_id.replace("/", "-")}-{name}"'
    kind = _KINDS[name.rpartition(".")[2]]
    return Response(FILES[name](contract), headers={"Content-Type": kind, "Content-Disposition": told})


def _find_contract(visit: PageVisit) -> tuple[str, type[Contract]]:
    contract_id = f"{visit.places['name']}/{visit.places['edition']}"
    contract = catalogue().get(contract_id)
    if contract is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return contract_id, contract


def _describe_field(contract: type[Contract], name: str) -> tuple[PageCell, ...]:
    language = get_current()
    entry, info = contract.describe_fields()[name], contract.model_fields[name]
    title, text = (entry.fr_title, entry.fr) if language == "fr" else (entry.en_title, entry.en)
    # the page is for people: names of objects and marks of code belong into the dictionary
    kind = _OF_CODE.sub("", describe_type(info.annotation, tuple(info.metadata), language)).replace("`", "")
    required = get_label("yes" if info.is_required() else "no", language)
    return title, text, kind, required, get_label(entry.subject, language), get_label(entry.sensitivity, language)
