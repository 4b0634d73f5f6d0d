"""Finds the faults that people should be told of: in the journal, and in what a run has just done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.engine.runs.silence_watch import LATE, find_lateness
from passerelle.stores.incidents import Incident
from passerelle.stores.parcels import ParcelState
from passerelle.stores.subscriptions import SubscriptionState
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from passerelle.engine.runs.running import RunReport
    from passerelle.engine.runs.worker import FlowOutcome
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace

WAITS = "incident.flow.waits"
WAITING = "incident.quarantine.waiting"
GROWN = "incident.quarantine.grown"
BECAUSE = "because"
"""The detail that holds the code of the reason for which a flow waits."""
_SEEN_BY = "seen_by"
"""The detail that tells what only a run shows: where no run looked, it lasts."""
_RUN = "run"
_FEWEST = 20
"""Rows below which a share of those set aside says nothing."""


def find_incidents(workspace: Workspace, report: RunReport | None = None) -> list[Incident]:
    """Return every fault that lasts, one of each code for a flow.

    What only a run shows (waiting, failing, a quarantine that grows) is looked at in the report; for flows that it did
    not run, what was found before lasts.
    """
    now = workspace.clock.now()
    found: dict[tuple[str, str], Incident] = {}
    enabled = {name: flow for name, flow in workspace.settings.flows.items() if flow.enabled}
    for flow in enabled.values():
        for alert in _iter_in_journal(workspace, flow, now):
            found.setdefault(alert.key, alert)
    for alert in _iter_in_report(workspace, report, now) if report else ():
        found.setdefault(alert.key, alert)
    for alert in _iter_paused(workspace, now):
        found.setdefault(alert.key, alert)
    ran = {outcome.flow for outcome in report.outcomes} if report else set()
    for before in workspace.journal.list_incidents():
        # what concerns the installation is looked at by every run
        is_unseen = before.flow in enabled and before.flow not in ran if before.flow else report is None
        if is_unseen and before.details.get(_SEEN_BY) == _RUN:
            found.setdefault(before.key, Incident(before.flow, before.code, before.since, before.details, lasts=True))
    return list(found.values())


def _iter_in_journal(workspace: Workspace, flow: Flow, now: datetime) -> Iterator[Incident]:
    """Yield what the journal knows: suspension, notices, silence, parked parcels, records in quarantine."""
    journal, name = workspace.journal, flow.name
    if suspension := journal.find_suspension(name):
        yield Incident(name, suspension.code, suspension.since, suspension.details)
    if late := find_lateness(journal, flow, now):
        yield Incident(name, LATE, late.since + late.every, late.details)
    for notice in journal.list_notices(name):
        if notice.code != LATE:  # it may have come meanwhile
            yield Incident(name, notice.code, notice.since, notice.details)
    for row in journal.list_parcels(name):
        if row.state == ParcelState.PARKED:
            yield Incident(name, row.code, row.closed_at or now, json.loads(row.details or "{}"))
    waiting = sum(
        cause.count for cause in workspace.quarantine.list_causes(flow=name) if cause.fate is not Fate.WITHHELD
    )
    if waiting:
        yield Incident(name, WAITING, now, {"count": format_count(waiting)})


def _iter_paused(workspace: Workspace, now: datetime) -> Iterator[Incident]:
    """Yield the fault of the receivers that are told nothing any more, because of what happened there."""
    paused = [
        str(one.id) for one in workspace.api.list_subscriptions() if one.state is SubscriptionState.PAUSED and one.code
    ]
    if paused:
        yield Incident("", "incident.subscription.paused", now, {"number": ", ".join(paused)})


def _iter_in_report(workspace: Workspace, report: RunReport, now: datetime) -> Iterator[Incident]:
    """Yield what a run shows and no journal keeps."""
    notify = workspace.settings.notify
    for notice in report.notices:
        yield _make_incident("", notice.code, now, notice.details)
    for outcome in report.outcomes:
        if outcome.failure:
            yield _make_incident(outcome.flow, outcome.failed, now, outcome.failure.words)
        if outcome.waiting and not outcome.suspended:
            facts = {**outcome.trouble_details, BECAUSE: outcome.trouble}
            yield _make_incident(outcome.flow, WAITS, now, facts, notify.after)
        if aside := _count_aside(outcome, notify.most_aside):
            facts = {"aside": format_count(aside), "received": format_count(outcome.balance.received)}
            yield _make_incident(outcome.flow, GROWN, now, facts)


def _make_incident(
    flow: str, code: str, now: datetime, details: Mapping[str, str], wait: timedelta | None = None
) -> Incident:
    facts = {**details, _SEEN_BY: _RUN}
    return Incident(flow, code, now, facts) if wait is None else Incident(flow, code, now, facts, wait=wait)


def _count_aside(outcome: FlowOutcome, most: float) -> int:
    """Return how many rows a run set aside, 0 where that is no more than usual. What is withheld is so on purpose."""
    balance = outcome.balance
    aside = balance.aside - balance.fates.get(Fate.WITHHELD, 0)
    return aside if balance.received >= _FEWEST and aside > most * balance.received else 0
