"""Reports about a change of supplier in the words of pages: titles in place of the names of fields and connectors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.faces.web.blocks import DataTable, Heading, Paragraph
from passerelle.faces.web.plain_words import name_contract, name_field
from passerelle.faces.web.tender_score_pages import draw_chart
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.documents.sections import Section
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.switching.supplier_change import SupplierChange

_BEHIND = re.compile(r" \(([a-z][a-z0-9_]*(?:/\d+)?)\)$")
"""The name that a report writes behind a title, for who sets things up."""


def name_connector(workspace: Workspace, connector: str) -> str:
    """Return what people call a connector, or the contract in whose form files are; else its name as it is."""
    known = workspace.plugins.connectors.get(connector)
    return known[1].title if known is not None else name_contract(connector)


def name_sides(change: SupplierChange) -> tuple[str, str]:
    """Return what people call both sides of a change: the old software, then the new one."""
    return change.origin.title or change.origin.name, change.target.title or change.target.name


def describe_sections(workspace: Workspace, sections: Sequence[Section], change: SupplierChange) -> list[PageBlock]:
    """Return the sections of a report as parts of a page, each picture with its figures."""
    blocks: list[PageBlock] = []
    sides = {side.name: side.title or side.name for side in (change.origin, change.target)}
    for section in sections:
        title = strip_name(section.title)
        blocks.append(Heading(1, title))
        blocks += [Paragraph(sentence) for sentence in section.sentences]
        if section.picture is not None:
            blocks += draw_chart(section.picture)
        if section.rows:
            rows = tuple(
                tuple(
                    _write_cell(workspace, head, cell, sides) for head, cell in zip(section.headers, row, strict=True)
                )
                for row in section.rows
            )
            blocks.append(DataTable(title, section.headers, rows))
        elif not section.sentences:
            blocks.append(Paragraph(_("Nothing.")))
    return blocks


def strip_name(text: str) -> str:
    """Return a title without the name of the contract or field that a report writes behind it."""
    found = _BEHIND.search(text)
    if found is None:
        return text
    name = found[1]
    is_ours = name in catalogue() or any(name in model.model_fields for model in catalogue().values())
    return text[: found.start()] if is_ours else text


def _write_cell(workspace: Workspace, head: str, cell: str, sides: Mapping[str, str]) -> str:
    if head == _("field"):
        plain = strip_name(cell)
        return plain if plain != cell else name_field("", cell)
    if head == _("refers to"):
        return next((name_contract(name) for name in catalogue() if name.partition("/")[0] == cell), cell)
    if head in (_("connector"), _("read by")):
        return name_connector(workspace, cell)
    if head == _("side"):
        return sides.get(cell, cell)
    return strip_name(cell)
