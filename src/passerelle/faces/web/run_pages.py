"""Runs: what each settled, read from the journal, so that one that goes on is seen whoever started it."""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.engine.runs.running import resume_flow
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FactList,
    Heading,
    LinkList,
    LivePart,
    PageNotice,
    PagePart,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.stores.parcels import FINAL
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import NOTHING, format_count
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.books import RunParcel, RunRow

RUNS = 50
MOST_PARCELS = 100
_ENDS: Mapping[str, str] = MappingProxyType(
    {
        "": N_("under way, or cut off"),
        "settled": N_("everything settled"),
        "aside": N_("something was set aside, or is to be looked at"),
        "suspended": N_("a flow is stopped"),
        "waiting": N_("something waits for the other side"),
        "stopped": N_("cut off by a fault"),
        "faulty": N_("a fault left something behind"),
        "usage": N_("nothing was done: the settings are wrong"),
    }
)


def list_runs(visit: PageVisit) -> WebPage:
    """Return the last runs, the latest first."""
    own = [run for run in visit.workspace.journal.list_runs(RUNS) if any(map(visit.visitor.may_see_flow, run.flows))]
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            CellLink(str(run.id), f"/passages/{run.id}"),
            tell_moment(run.started_at),
            tell_moment(run.ended_at),
            _(_ENDS.get(run.outcome, "")),
        )
        for run in own
    )
    heads = (_("run"), _("begun"), _("ended"), _("how it ended"))
    return WebPage(_("Runs"), [DataTable(_("The last runs, the latest first"), heads, rows, _("No run yet."))])


def show_run(visit: PageVisit) -> WebPage:
    """Return one run; while it goes on, its figures are read again every two seconds, or at each reload."""
    run, blocks = _describe_run(visit)
    goes_on = run.ended_at is None
    part = LivePart("passage", blocks, f"/passages/{run.id}/chiffres" if goes_on else "")
    above: list[PageBlock] = []
    if goes_on:
        links = (CellLink(_("Read the figures again"), f"/passages/{run.id}"),)
        above = [Paragraph(_("The figures follow the run, whoever started it.")), LinkList(links)]
    trail = (CellLink(_("Runs"), "/passages"),)
    return WebPage(_("Run {run}").format(run=run.id), [*above, part], trail, has_script=goes_on)


def show_figures(visit: PageVisit) -> PagePart:
    """Return the figures of a run alone, for its page to show in their place."""
    run, blocks = _describe_run(visit)
    if run.ended_at is not None:
        blocks.append(PageNotice("done", _("This run has ended.")))
    return PagePart(blocks)


def start_run(visit: PageVisit) -> PageRedirect:
    """Have a flow run, in its turn."""
    name = _read_flow(visit)
    ticket = visit.starter.start(name) if visit.starter else None
    if visit.starter is None or ticket is None:
        return PageRedirect(
            f"/flux/{name}", _("This was asked for already, or too much waits: look again in a moment.")
        )
    if ahead := visit.starter.runs.count_before(ticket):
        told = translate_plural(
            "The flow {flow} waits for its turn: {count} before it.",
            "The flow {flow} waits for its turn: {count} before it.",
            ahead,
        )
        return PageRedirect("/passages", told.format(flow=name, count=format_count(ahead)))
    return PageRedirect("/passages", _("The flow {flow} runs now: its run appears below.").format(flow=name))


def resume(visit: PageVisit) -> PageRedirect:
    """Let a flow that is stopped go on at the next run."""
    name = _read_flow(visit)
    resume_flow(visit.workspace, name, who=visit.visitor.name)
    return PageRedirect(f"/flux/{name}", _("The flow goes on with its next run."))


def _read_flow(visit: PageVisit) -> str:
    name = visit.places["flow"]
    visit.require_flow(name)
    if name not in visit.workspace.settings.flows:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return name


def _describe_run(visit: PageVisit) -> tuple[RunRow, list[PageBlock]]:
    """Return a run and its figures. Raises VisitRefusedError for one without a flow that concerns the visitor."""
    number = visit.read_number(visit.places["run"])
    run = visit.workspace.journal.find_run(number)
    if run is None or not any(map(visit.visitor.may_see_flow, run.flows)):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    found = visit.workspace.journal.list_run_parcels(number)
    parcels = [parcel for parcel in found if visit.visitor.may_see_flow(parcel.flow)]
    total = sum((parcel.balance for parcel in parcels), Balance())
    facts = (
        (_("begun"), tell_moment(run.started_at)),
        (_("ended"), tell_moment(run.ended_at)),
        (_("how it ended"), _(_ENDS.get(run.outcome, "")) or NOTHING),
        (_("records settled"), total.received),
        (_("set aside"), total.aside),
        (_("records a second"), _count_per_second(parcels, total.received)),
    )
    heads = (_("flow"), _("parcels"), _("under way"), _("received"), _("delivered"), _("set aside"))
    blocks: list[PageBlock] = [
        FactList(facts),
        DataTable(_("By flow"), heads, tuple(_list_flows(parcels)), _("Nothing is settled yet.")),
        Heading(1, _("Parcels, the latest first")),
    ]
    heads = (_("parcel"), _("flow"), _("state"), _("batches"), _("received"), _("set aside"))
    rows = tuple(map(_describe_parcel, reversed(parcels[-MOST_PARCELS:])))
    blocks.append(DataTable(_("What this run settled"), heads, rows, _("Nothing is settled yet.")))
    return run, blocks


def _list_flows(parcels: Sequence[RunParcel]) -> list[tuple[PageCell, ...]]:
    by_flow: defaultdict[str, list[RunParcel]] = defaultdict(list)
    for parcel in parcels:
        by_flow[parcel.flow].append(parcel)
    rows: list[tuple[PageCell, ...]] = []
    for flow, some in by_flow.items():
        balance = sum((parcel.balance for parcel in some), Balance())
        open_ones = sum(parcel.state not in FINAL for parcel in some)
        delivered = balance.fates.get(Fate.DELIVERED, 0)
        name = CellLink(flow, f"/flux/{flow}")
        rows.append((name, len(some), open_ones, balance.received, delivered, balance.aside))
    return rows


def _describe_parcel(parcel: RunParcel) -> tuple[PageCell, ...]:
    state, balance = _(labels.PARCEL_STATES[parcel.state]), parcel.balance
    return shorten_key(parcel.key), parcel.flow, state, parcel.batches, balance.received, balance.aside


def _count_per_second(parcels: Sequence[RunParcel], records: int) -> str:
    """Return how many records were settled a second, between the first batch and the last; a dash for one batch."""
    if not parcels:
        return NOTHING
    seconds = (max(one.last_at for one in parcels) - min(one.first_at for one in parcels)).total_seconds()
    return format_count(round(records / seconds)) if seconds >= 1 else NOTHING
