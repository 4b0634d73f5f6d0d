"""The state of a workspace, flow by flow, as people and programs read it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.engine.incidents.incident_words import explain_incident
from passerelle.engine.runs.run_state import find_exit_code
from passerelle.faces import json_forms
from passerelle.faces.report import notices, processing
from passerelle.stores.parcels import FINAL
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment, show_name
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from passerelle.engine.health.workspace_status import FlowStatus, WaitingRecords, WorkspaceStatus
    from passerelle.stores.books import ParcelRow, RunRow
    from passerelle.stores.incidents import Incident

PARCELS = 10
"""How many parcels of a flow are shown, the latest last; with them, every earlier one that is not finished."""
_SIDES = {"source": N_("the source"), "destination": N_("the destination")}
CAUSES = 20
"""How many causes of a flow are shown, the most frequent first."""


def describe_run(run: RunRow | None) -> dict[str, Any] | None:
    """Return the last run; None before the first one."""
    if run is None:
        return None
    return {
        "run": run.id,
        "flows": list(run.flows),
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "outcome": run.outcome,
        "exit": find_exit_code(run.outcome),
    }


def format_run(run: RunRow | None) -> str:
    """Write when the last run began and ended."""
    if run is None:
        return _("No run yet.")
    started = format_moment(run.started_at)
    if run.ended_at is None:
        return _("Last run: number {run}, begun {started}, not ended or cut off.").format(run=run.id, started=started)
    ended, code = format_moment(run.ended_at), find_exit_code(run.outcome)
    if code is None:
        words = _("Last run: number {run}, begun {started}, ended {ended}.")
        return words.format(run=run.id, started=started, ended=ended)
    words = _("Last run: number {run}, begun {started}, ended {ended}, exit code {code}.")
    return words.format(run=run.id, started=started, ended=ended, code=code)


def _choose_parcels(parcels: Sequence[ParcelRow]) -> list[ParcelRow]:
    """Return the latest parcels, and every earlier one that is not finished, in their order.

    A file that was parked among fifty others waits for somebody who can only act on it by the number shown here.
    """
    earlier, latest = parcels[:-PARCELS], parcels[-PARCELS:]
    return [*(row for row in earlier if row.state not in FINAL), *latest]


def _explain_stop(row: ParcelRow) -> tuple[str, str]:
    """Return why a parcel is parked or waits, and what to do."""
    return explain(row.code, json.loads(row.details or "{}"))


def _iter_stops(status: FlowStatus) -> Iterator[str]:
    """Yield why a flow does not run or waits, since when, and what to do."""
    if suspension := status.suspension:
        says, advice = explain(suspension.code, suspension.details)
        words = _("Suspended since {since}: {reason}")
        yield "  " + words.format(since=format_moment(suspension.since), reason=says)
        yield f"  → {advice}"
    if status.waits:
        says, advice = explain_incident(status.waits)
        words = _("Waits for the other side since {since}: {reason}")
        yield "  " + words.format(since=format_moment(status.waits.since), reason=says)
        yield f"  → {advice}"


def iter_away(status: FlowStatus) -> Iterator[str]:
    """Yield since when each side that a run did not find there is away."""
    for side, since in status.away.items():
        yield _("Away since {since}: {side}").format(since=format_moment(since), side=_(_SIDES[side]))


def _describe_wait(incident: Incident | None) -> dict[str, str] | None:
    """Return why a flow waits for the other side, and since when."""
    if incident is None:
        return None
    says, advice = explain_incident(incident)
    return {"reason": incident.code, "says": says, "advice": advice, "since": incident.since.isoformat()}


def _describe_waiting(waiting: WaitingRecords) -> dict[str, Any]:
    """Return what waits in quarantine, by cause."""
    causes = [
        {
            "fate": cause.fate,
            "code": cause.reason,
            "contract": cause.contract,
            "member": cause.member,
            "column": cause.column,
            "field": cause.field,
            "count": cause.count,
        }
        for cause in waiting.causes
    ]
    return {
        "count": waiting.count,
        "withheld": waiting.withheld,
        "oldest": _write_moment(waiting.oldest),
        "causes": causes,
    }


def format_waiting(waiting: WaitingRecords) -> str:
    """Write how many records wait in quarantine, and since when."""
    words = translate_plural(
        "{count} record waits in quarantine, set aside {oldest}.",
        "{count} records wait in quarantine, the oldest set aside {oldest}.",
        waiting.count,
    )
    return words.format(count=format_count(waiting.count), oldest=format_moment(waiting.oldest))


def _write_moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _iter_shelf(status: FlowStatus) -> Iterator[str]:
    """Yield how many records of each contract are on the shelf of a flow."""
    for one in status.shelf:
        words = _("On the shelf, {contract}: {count} since {since}")
        yield words.format(contract=one.contract, count=format_count(one.records), since=format_moment(one.since))


def to_content(status: FlowStatus) -> dict[str, Any]:
    """Return one flow of `passerelle.status/1`."""
    flow = status.settings
    return {
        "flow": flow.name,
        "enabled": flow.enabled,
        "connector": flow.connector,
        "purpose": flow.purpose.value,
        "processing": processing.to_content(flow.declare_processing(), status.gaps),
        "schedule": flow.schedule,
        "suspended": (
            {
                **json_forms.describe_cause(status.suspension.code, status.suspension.details),
                "since": status.suspension.since.isoformat(),
            }
            if status.suspension
            else None
        ),
        "balance": json_forms.describe_balance(status.balance),
        "replayed": json_forms.describe_balance(status.replayed),
        "notices": notices.to_contents(status.notices),
        "causes": [{**asdict(key), "count": count} for key, count in status.causes.items()],
        "last_run": describe_run(status.last_run),
        "last_arrival": _write_moment(status.last_arrival),
        "expected_every": int(flow.expected_every.total_seconds()) if flow.expected_every else None,
        "waits": _describe_wait(status.waits),
        "away": {side: since.isoformat() for side, since in status.away.items()},
        "shelf": [
            {"contract": one.contract, "records": one.records, "since": one.since.isoformat()} for one in status.shelf
        ],
        "waiting": _describe_waiting(status.waiting),
        "days": [
            {"day": one.day.isoformat(), "balance": json_forms.describe_balance(one.balance)} for one in status.days
        ],
        "parcels": [
            {
                "parcel": row.key,
                "outside": row.outside,
                "kind": row.kind,
                "state": row.state,
                "reason": row.code,
                "bytes": row.size,
                "batches": row.batches,
                "received_at": row.received_at.isoformat(),
                "closed_at": row.closed_at.isoformat() if row.closed_at else None,
                "not_before": row.not_before.isoformat() if row.not_before else None,
                "balance": json_forms.describe_balance(row.balance),
            }
            for row in status.parcels
        ],
    }


def format_all(status: WorkspaceStatus) -> str:
    """Write the state of all flows, for a terminal or for who reads no pages."""
    return "\n\n".join([format_run(status.last_run), *map(format_text, status.flows)])


def format_text(status: FlowStatus) -> str:
    """Write one flow: its state and balance since the beginning, its latest parcels, its causes."""
    flow = status.settings
    state = "" if flow.enabled else _("(disabled)")
    lines = [f"{flow.name} {state} {flow.schedule}".rstrip(), f"  {flow.connector} – {flow.purpose.value}"]
    lines.append("  " + processing.format_processing(flow.declare_processing()))
    lines += _iter_stops(status)
    lines += [f"  {words}" for words in iter_away(status)]
    lines += notices.iter_lines(status.notices)
    lines += processing.iter_lines(status.gaps)
    lines.append(f"  {labels.format_balance(status.balance)}")
    if status.replayed.received:
        again = labels.format_balance(status.replayed)
        lines.append("  " + _("back from quarantine, counted above before: {balance}").format(balance=again))
    lines += notices.iter_vanished_lines(status.balance)
    if status.waiting.count:
        lines.append("  " + format_waiting(status.waiting))
    lines += [f"  {words}" for words in _iter_shelf(status)]
    if status.parcels:
        headers = (_("parcel"), _("received at"), _("state"), _("batches"), _("rows"), _("set aside"), _("reason"))
        parcels = []
        shown = _choose_parcels(status.parcels)
        for row in shown:
            counts = map(format_count, (row.batches, row.balance.received, row.balance.aside))
            labelled = _(labels.PARCEL_STATES[row.state])
            parcels.append((shorten_key(row.key), format_moment(row.received_at), labelled, *counts, row.code))
        lines += [f"    {line}" for line in write_table(headers, parcels).splitlines()]
        for says, advice in dict.fromkeys(_explain_stop(row) for row in shown if row.code and row.state not in FINAL):
            lines += [f"  {says}", f"  → {advice}"]
    if status.causes:
        heads = (_("number"), _("outcome"), _("contract"), _("member"), _("column"), _("field"), _("reason"))
        causes = [
            (
                format_count(count),
                _(labels.FATES[key.fate]),
                key.contract,
                show_name(key.member),
                show_name(key.column),
                key.field,
                key.code,
            )
            for key, count in list(status.causes.items())[:CAUSES]
        ]
        lines += ["", *(f"    {line}" for line in write_table(heads, causes).splitlines())]
    return "\n".join(lines)
