"""Flows: what each is, what came day by day, and its latest parcels."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.engine.health.workspace_status import find_first_day
from passerelle.faces.report.processing import format_processing
from passerelle.faces.web.blocks import CellLink, DataTable, FactList, Heading, LinkList, PageForm, Paragraph, WebPage
from passerelle.faces.web.day_charts import draw_days
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.faces.web.rights import Right
from passerelle.faces.web.switch_words import name_connector
from passerelle.faces.web.today_page import iter_attention, list_own_flows
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.stores.parcels import FINAL
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import NOTHING
from passerelle.vocabulary.language import _
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.books import ParcelRow

DAYS = 14
PARCELS = 20


def list_flows(visit: PageVisit) -> WebPage:
    """Return the flows that concern the visitor."""
    waiting: dict[str, int] = {}
    for cause in visit.workspace.quarantine.list_causes():
        waiting[cause.flow] = waiting.get(cause.flow, 0) + cause.count
    rows = tuple(
        (
            CellLink(flow.name, f"/flux/{flow.name}"),
            name_connector(visit.workspace, flow.connector),
            _describe_state(visit, flow),
            waiting.get(flow.name, 0),
        )
        for flow in list_own_flows(visit)
    )
    heads = (_("flow"), _("connector"), _("state"), _("set aside"))
    return WebPage(_("Flows"), [DataTable(_("All flows"), heads, rows, _("No flow is described."))])


def show_flow(visit: PageVisit) -> WebPage:
    """Return one flow: its settings in words, its days, its latest parcels."""
    name = visit.places["flow"]
    visit.require_flow(name)
    flow = visit.workspace.settings.flows.get(name)
    if flow is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    journal = visit.workspace.journal
    facts: tuple[tuple[str, PageCell], ...] = (
        (_("connector"), name_connector(visit.workspace, flow.connector)),
        (_("state"), _describe_state(visit, flow)),
        (_("when it runs"), flow.schedule or NOTHING),
        (_("processing"), format_processing(flow.declare_processing())),
    )
    title = _("Flow {flow}: records received by day").format(flow=name)
    blocks: list[PageBlock] = [FactList(facts), *(replace(one, link=None) for one in iter_attention(visit, flow))]
    blocks += _list_acts(visit, name)
    blocks.append(LinkList((CellLink(_("Records set aside of this flow"), f"/quarantaine?flux={name}"),)))
    blocks.append(Heading(1, _("The last fourteen days")))
    first = find_first_day(visit.workspace.clock.now(), DAYS)
    blocks += draw_days("jours", first, journal.list_days(first, name), DAYS, title)
    blocks.append(Heading(1, _("Latest parcels")))
    rows = tuple(map(_describe_parcel, reversed(journal.list_parcels(name, latest=PARCELS))))
    heads = (_("parcel"), _("received at"), _("state"), _("rows"), _("set aside"), _("reason"))
    blocks.append(DataTable(_("What came last, and what became of it"), heads, rows, _("Nothing came yet.")))
    return WebPage(name, blocks, (CellLink(_("Flows"), "/flux"),))


def _list_acts(visit: PageVisit, name: str) -> list[PageBlock]:
    """Return what an operator may do here: have it run, and let it go on when it is stopped."""
    if not visit.visitor.may(Right.RUN):
        return []
    forms: list[PageBlock] = [
        PageForm(f"/flux/{name}/lancer", _("Run this flow now")),
        PageForm(f"/flux/{name}/essai", _("Try this flow"), is_quiet=True),
        Paragraph(_("To try it tells what a run would do; nothing is delivered."), is_note=True),
    ]
    if visit.workspace.journal.find_suspension(name):
        forms.insert(0, PageForm(f"/flux/{name}/reprendre", _("Let this flow go on"), is_quiet=True))
    return forms


def _describe_state(visit: PageVisit, flow: Flow) -> str:
    if not flow.enabled:
        return _("switched off")
    return _("stopped") if visit.workspace.journal.find_suspension(flow.name) else _("in service")


def _describe_parcel(row: ParcelRow) -> tuple[PageCell, ...]:
    """Return the cells of one parcel; the file's name is not one of them."""
    says = ""
    if row.code and row.state not in FINAL:
        says = " ".join(explain_plainly(row.code, json.loads(row.details or "{}")))
    state = _(labels.PARCEL_STATES[row.state])
    return shorten_key(row.key), tell_moment(row.received_at), state, row.balance.received, row.balance.aside, says
