"""The state of a workspace as one page that stands alone: to look at, to keep, to send. It holds no value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.engine.health.workspace_status import DAYS, find_first_day
from passerelle.engine.incidents.incident_words import explain_incident
from passerelle.engine.runs.away_watch import can_end_by_itself
from passerelle.engine.runs.run_state import RunState, find_exit_code
from passerelle.engine.runs.silence_watch import format_duration
from passerelle.faces.report.findings import format_field
from passerelle.faces.report.flow_status import format_run, format_waiting, iter_away
from passerelle.faces.web.blocks import DataTable, FactList, Heading, PageNotice, Paragraph, WebPage
from passerelle.faces.web.day_charts import draw_days
from passerelle.faces.web.rendering import write_single_page
from passerelle.stores.parcels import FINAL, ParcelState
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import NOTHING, format_count, format_moment, show_name
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.engine.health.workspace_status import FlowStatus, WorkspaceStatus
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.stores.books import ParcelRow, RunRow
    from passerelle.stores.quarantine_causes import QuarantineCause

MOST_CAUSES = 20
MOST_PARCELS = 20
_ENDS = {
    int(RunState.SETTLED): N_("everything is settled"),
    int(RunState.ASIDE): N_("something is to be looked at"),
    int(RunState.SUSPENDED): N_("a flow is suspended"),
    int(RunState.STOPPED): N_("a fault of Passerelle itself"),
    int(RunState.WAITING): N_("something waits for the other side"),
}
"""What the exit code of a run means."""


def write(status: WorkspaceStatus, *, place: str) -> str:
    """Write the page; `place` names the installation, where there are several."""
    title = _("Flows of {place}").format(place=show_name(place)) if place else _("Flows")
    blocks: list[PageBlock] = [
        Paragraph(
            _("Written {moment}. {run}").format(moment=format_moment(status.read_at), run=format_run(status.last_run))
        ),
        *_list_overview(status),
    ]
    for nth, flow in enumerate(status.flows, 1):
        blocks += _list_flow(flow, nth, status.read_at)
    foot = _(
        "No value of a record is on this page: counts, reasons, names of flows and of columns. Days are those of UTC."
    )
    return write_single_page(WebPage(title, blocks), foot)


def name_state(status: FlowStatus) -> str:
    """Return the state of a flow in a few words: the most pressing of what it needs."""
    if not status.settings.enabled:
        return _("switched off")
    if status.suspension:
        return _("suspended")
    has_failed = status.last_run is not None and find_exit_code(status.last_run.outcome) == RunState.STOPPED
    is_parked = any(row.state == ParcelState.PARKED for row in status.parcels)
    if has_failed or is_parked or status.notices or status.waiting.count:
        return _("to be looked at")
    if status.waits or status.away or _list_stopped(status):
        return _("waits for the other side")
    return _("in service") if status.last_run else _("has not run yet")


def _list_overview(status: WorkspaceStatus) -> Iterator[PageBlock]:
    yield Heading(1, _("All flows"))
    if status.flows and not any(
        flow.suspension or flow.notices or flow.waiting.count or _list_stopped(flow) for flow in status.flows
    ):
        yield PageNotice("done", _("Nothing waits: no flow is stopped, no record is set aside."))
    heads = (
        _("flow"),
        _("state"),
        _("last run"),
        _("last arrival"),
        _("waiting in quarantine"),
        _("received in 30 days"),
    )
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            flow.settings.name,
            name_state(flow),
            format_moment(flow.last_run.started_at if flow.last_run else None),
            format_moment(flow.last_arrival),
            flow.waiting.count,
            sum(one.balance.received for one in flow.days),
        )
        for flow in status.flows
    )
    yield DataTable(_("Each flow in one line"), heads, rows, _("No flow is described."))


def _list_flow(status: FlowStatus, nth: int, now: datetime) -> list[PageBlock]:
    name = status.settings.name
    chart = _("Flow {flow}: records received by day").format(flow=name)
    return [
        Heading(1, _("Flow {flow}").format(flow=name)),
        *_list_warnings(status),
        FactList(tuple(_list_facts(status))),
        *_list_waiting(status),
        Heading(2, _("The last thirty days")),
        *draw_days(f"jours-{nth}", find_first_day(now, DAYS), status.days, DAYS, chart, is_folded=True),
    ]


def _list_warnings(status: FlowStatus) -> Iterator[PageNotice]:
    """Yield why a flow does not run, and what a person should look at in it, with what to do."""
    if suspension := status.suspension:
        says, advice = explain(suspension.code, suspension.details)
        then = _("Then: {command}").format(command=f"passerelle flow resume {suspension.flow}")
        told = f"{says} {advice}" if can_end_by_itself(suspension.code) else f"{says} {advice} {then}"
        yield PageNotice("fault", _("Suspended since {since}").format(since=format_moment(suspension.since)), told)
    if status.waits:
        title = _("Waits for the other side since {since}").format(since=format_moment(status.waits.since))
        yield PageNotice("doubt", title, " ".join(explain_incident(status.waits)))
    for words in iter_away(status):
        yield PageNotice("doubt", words)
    for notice in status.notices:
        title = _("To be looked at since {since}").format(since=format_moment(notice.since))
        yield PageNotice("doubt", title, " ".join(explain(notice.code, notice.details)))


def _list_facts(status: FlowStatus) -> Iterator[tuple[str, PageCell]]:
    flow = status.settings
    yield _("state"), name_state(status)
    yield _("connector"), flow.connector
    yield _("when it runs"), flow.schedule or NOTHING
    yield _("last run"), _describe_run(status.last_run)
    yield _("last arrival"), format_moment(status.last_arrival)
    yield _("silence"), _describe_silence(status)
    yield _("received since the beginning"), status.balance.received
    yield _("what became of it"), labels.format_balance(status.balance)


def _list_waiting(status: FlowStatus) -> Iterator[PageBlock]:
    """Yield what waits and why: records in quarantine by cause, then parcels that stand still."""
    waiting = status.waiting
    yield Heading(2, _("What waits"))
    if waiting.count:
        yield Paragraph(format_waiting(waiting))
    if waiting.causes:
        causes = tuple(map(_describe_cause, waiting.causes[:MOST_CAUSES]))
        columns = (_("cause"), _("records"), _("outcome"), _("where"), _("who can act"))
        caption = _("Flow {flow}: records in quarantine, by cause").format(flow=status.settings.name)
        yield DataTable(caption, columns, causes)
        if len(waiting.causes) > MOST_CAUSES:
            more = format_count(sum(cause.count for cause in waiting.causes[MOST_CAUSES:]))
            yield Paragraph(_("Rarer causes are not shown; they hold {count} records.").format(count=more))
    stopped = _list_stopped(status)
    if stopped:
        heads = (_("parcel"), _("received at"), _("state"), _("reason"))
        caption = _("Flow {flow}: parcels that wait").format(flow=status.settings.name)
        yield DataTable(caption, heads, tuple(map(_describe_parcel, stopped[:MOST_PARCELS])))
        if len(stopped) > MOST_PARCELS:
            more = format_count(len(stopped) - MOST_PARCELS)
            yield Paragraph(_("{count} more parcels wait.").format(count=more))
    if not waiting.causes and not stopped:
        yield Paragraph(_("Nothing waits."))


def _list_stopped(status: FlowStatus) -> list[ParcelRow]:
    """Return the parcels that are parked or wait, the oldest first."""
    return [row for row in status.parcels if row.state not in FINAL]


def _describe_run(run: RunRow | None) -> str:
    """Return when a run began and how it ended, its exit code in words beside the number."""
    if run is None:
        return _("none yet")
    began, code = format_moment(run.started_at), find_exit_code(run.outcome)
    if code is None:
        return _("{moment}, not ended or cut off").format(moment=began)
    means = _(_ENDS.get(code, ""))
    words = _("{moment}, exit code {code}: {means}") if means else _("{moment}, exit code {code}")
    return words.format(moment=began, code=code, means=means)


def _describe_silence(status: FlowStatus) -> str:
    """Return whether the source is heard of as often as the settings expect."""
    every = status.settings.expected_every
    if every is None:
        return _("not watched: the settings expect nothing")
    words = _("nothing came in time: expected every {every}") if status.is_late else _("none: expected every {every}")
    return words.format(every=format_duration(every))


def _describe_cause(cause: QuarantineCause) -> tuple[PageCell, ...]:
    sentence, _advice = explain(cause.reason, cause.details)
    where = [show_name(cause.member), show_name(cause.column), format_field(cause.contract, cause.field)]
    who = _(labels.PERSONS[find_reason(cause.reason).concerns])
    return sentence, cause.count, _(labels.FATES[cause.fate]), " – ".join(filter(None, where)) or NOTHING, who


def _describe_parcel(row: ParcelRow) -> tuple[PageCell, ...]:
    """Return the cells of one parcel; the file's name is not one of them."""
    says = " ".join(explain(row.code, json.loads(row.details or "{}"))) if row.code else NOTHING
    return shorten_key(row.key), format_moment(row.received_at), _(labels.PARCEL_STATES[row.state]), says
