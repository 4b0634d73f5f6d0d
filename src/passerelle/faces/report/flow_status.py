"""The state of a workspace, flow by flow, as people and programs read it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.faces import json_forms
from passerelle.faces.report import notices
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import _
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.engine.workspace_status import FlowStatus
    from passerelle.stores.books import ParcelRow, RunRow

PARCELS = 10
"""How many parcels of a flow are shown, the latest last."""
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
    }


def format_run(run: RunRow | None) -> str:
    """Write when the last run began and ended."""
    if run is None:
        return _("No run yet.")
    started = format_moment(run.started_at)
    if run.ended_at is None:
        return _("Last run: number {run}, begun {started}, not ended or cut off.").format(run=run.id, started=started)
    words = _("Last run: number {run}, begun {started}, ended {ended}.")
    return words.format(run=run.id, started=started, ended=format_moment(run.ended_at))


def _explain_parked(row: ParcelRow) -> tuple[str, str]:
    """Return why a parcel is parked, and what to do."""
    return explain(row.code, json.loads(row.details))


def to_content(status: FlowStatus) -> dict[str, Any]:
    """Return one flow of `passerelle.status/1`."""
    flow = status.settings
    return {
        "flow": flow.name,
        "enabled": flow.enabled,
        "connector": flow.connector,
        "purpose": flow.purpose.value,
        "schedule": flow.schedule,
        "suspended": json_forms.describe_code(status.suspended),
        "balance": json_forms.describe_balance(status.balance),
        "notices": notices.to_contents(status.notices),
        "causes": [{**asdict(key), "count": count} for key, count in status.causes.items()],
        "parcels": [
            {
                "parcel": row.key,
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


def format_text(status: FlowStatus) -> str:
    """Write one flow: its state and balance since the beginning, its latest parcels, its causes."""
    flow = status.settings
    state = "" if flow.enabled else _("(disabled)")
    lines = [f"{flow.name} {state} {flow.schedule}".rstrip(), f"  {flow.connector} – {flow.purpose.value}"]
    if status.suspended:
        says, advice = explain(status.suspended, {})
        lines += ["  " + _("Suspended: {reason}").format(reason=says), f"  → {advice}"]
    lines += notices.iter_lines(status.notices)
    lines.append(f"  {labels.format_balance(status.balance)}")
    lines += notices.iter_vanished_lines(status.balance)
    if status.parcels:
        headers = (_("parcel"), _("received at"), _("state"), _("batches"), _("rows"), _("set aside"), _("reason"))
        parcels = []
        for row in status.parcels[-PARCELS:]:
            counts = map(format_count, (row.batches, row.balance.received, row.balance.aside))
            labelled = _(labels.PARCEL_STATES[row.state])
            parcels.append((shorten_key(row.key), format_moment(row.received_at), labelled, *counts, row.code))
        lines += [f"    {line}" for line in write_table(headers, parcels).splitlines()]
        for says, advice in dict.fromkeys(_explain_parked(row) for row in status.parcels[-PARCELS:] if row.details):
            lines += [f"  {says}", f"  → {advice}"]
    if status.causes:
        heads = (_("number"), _("outcome"), _("member"), _("column"), _("field"), _("reason"))
        causes = [
            (format_count(count), _(labels.FATES[key.fate]), key.member, key.column, key.field, key.code)
            for key, count in list(status.causes.items())[:CAUSES]
        ]
        lines += ["", *(f"    {line}" for line in write_table(heads, causes).splitlines())]
    return "\n".join(lines)
