"""Suppliers: what each connector fills of the contracts, and the grade that its examination gives."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FactList,
    Heading,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.plain_words import explain_plainly, name_contract, name_field
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.tender.covering.coverage import cover
from passerelle.testing.surveying import FailedPlugin, PluginVerdict, examine_plugins
from passerelle.vocabulary.formatting import NOTHING
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.supplier import Supplier
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.tender.covering.coverage import ContractCoverage

_GRADES = {"none": N_("none"), "bronze": N_("bronze"), "silver": N_("silver"), "gold": N_("gold")}
_verdicts: dict[tuple[str, str], list[PluginVerdict]] = {}
_examining = threading.Lock()
"""An examination takes a processor for seconds: one at a time, and each version of a plugin once."""


def list_suppliers(visit: PageVisit) -> WebPage:
    """Return the suppliers whose connectors are here."""
    rows = tuple(
        (
            CellLink(supplier.title, f"/editeurs/{supplier.id}"),
            ", ".join(connector.title for connector in supplier.connectors),
            _name_grade(_find_plugin(visit, supplier)),
        )
        for supplier in visit.workspace.plugins.suppliers
    )
    heads = (_("supplier"), _("what it exchanges"), _("grade"))
    intro = Paragraph(
        _("A grade is not declared, it is computed by an examination. Open a supplier to see it examined.")
    )
    return WebPage(_("Suppliers"), [intro, DataTable(_("All suppliers"), heads, rows, _("No supplier is here."))])


def show_supplier(visit: PageVisit) -> WebPage:
    """Return one supplier: of each contract the fields that it fills and lacks, and its grade."""
    supplier = _find_supplier(visit)
    plugin = _find_plugin(visit, supplier)
    covered = [one for one in cover(supplier).contracts if one.connectors]
    heads = (_("contract"), _("fields filled"), _("of"), _("required ones missing"), _("takes back"))
    rows = tuple(map(_describe_coverage, covered))
    blocks: list[PageBlock] = [
        FactList(((_("connectors"), len(supplier.connectors)), (_("grade"), _name_grade(plugin)))),
        *_list_examination(visit, supplier, plugin),
        Heading(1, _("What it fills of the contracts")),
        DataTable(_("Coverage by contract"), heads, rows, _("It fills no contract.")),
    ]
    for one in covered:
        missing = ", ".join(name_field(one.contract, name) for name in one.list_names(filled=False))
        words = _("{contract}: it does not fill {fields}.")
        if missing:
            blocks.append(Paragraph(words.format(contract=name_contract(one.contract), fields=missing), is_note=True))
    return WebPage(supplier.title, blocks, (CellLink(_("Suppliers"), "/editeurs"),))


def examine(visit: PageVisit) -> PageRedirect:
    """Examine the plugin of a supplier, as `plugins check` does, and keep its verdict until the workbench ends."""
    supplier = _find_supplier(visit)
    plugin = _find_plugin(visit, supplier)
    if plugin is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    key = plugin.name, plugin.version
    with _examining:
        if key not in _verdicts:
            _verdicts[key] = examine_plugins([plugin])
    return PageRedirect(f"/editeurs/{supplier.id}", _("The examination is done."))


def _list_examination(visit: PageVisit, supplier: Supplier, plugin: PluginInfo | None) -> list[PageBlock]:
    verdicts = _verdicts.get((plugin.name, plugin.version)) if plugin else None
    if verdicts is None:
        if plugin is None or not visit.visitor.may(Right.RUN):
            return []
        action = f"/editeurs/{supplier.id}/examen"
        return [
            Paragraph(_("The examination reads its samples and tries hostile files: it takes some seconds.")),
            PageForm(action, _("Examine it"), is_quiet=True),
        ]
    rows: list[tuple[PageCell, ...]] = []
    for verdict in verdicts:
        if isinstance(verdict, FailedPlugin):
            sentence, advice = explain_plainly(verdict.code, verdict.facts)
            return [PageNotice("fault", sentence, advice)]
        missing = len(verdict.missing)
        rows.append((verdict.connector.title, _(_GRADES[verdict.grade]), missing))
    heads = (_("connector"), _("grade"), _("checks missing for the next grade"))
    return [DataTable(_("Grades by connector"), heads, tuple(rows))]


def _name_grade(plugin: PluginInfo | None) -> str:
    """Return the lowest grade of a plugin's connectors; a dash before it was examined."""
    verdicts = _verdicts.get((plugin.name, plugin.version)) if plugin else None
    if not verdicts:
        return NOTHING
    order = list(_GRADES)
    grades = ["none" if isinstance(one, FailedPlugin) else str(one.grade) for one in verdicts]
    return _(_GRADES[min(grades, key=order.index)])


def _describe_coverage(one: ContractCoverage) -> tuple[PageCell, ...]:
    missing = [entry.name for entry in one.fields if entry.required and not entry.filled]
    return (
        name_contract(one.contract),
        len(one.list_names()),
        len(one.fields),
        ", ".join(name_field(one.contract, name) for name in missing) or NOTHING,
        _("yes") if one.writable else _("no"),
    )


def _find_supplier(visit: PageVisit) -> Supplier:
    wanted = visit.places["supplier"]
    found = next((one for one in visit.workspace.plugins.suppliers if one.id == wanted), None)
    if found is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return found


def _find_plugin(visit: PageVisit, supplier: Supplier) -> PluginInfo | None:
    """Return the plugin that brings a supplier."""
    entries = visit.workspace.plugins.connectors.values()
    return next((plugin for owner, _connector, plugin in entries if owner.id == supplier.id), None)
