"""`passerelle status`: flows, parcels and their balances."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.engine.workspace_status import read_status
from passerelle.faces import json_forms
from passerelle.faces.cli import translated
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.workspace_status import FlowStatus
    from passerelle.stores.books import ParcelRow, RunRow
    from passerelle.stores.settlement import ReasonKey

PARCELS = 10
"""How many parcels of a flow are shown, the latest last."""
CAUSES = 20
"""How many causes of a flow are shown, the most frequent first."""


@translated.command(
    "status",
    help=N_("Show each flow with its state, its books since the beginning, and its latest parcels."),
    examples=(
        ("status", N_("every flow")),
        ("status visites --format json", N_("one flow, for a program")),
    ),
)
@translated.argument(
    "flows", nargs=-1, metavar=N_("[FLOW]..."), help=N_("Flows to show; all of them."), shell_complete=complete_flow
)
@answer_format
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...]) -> Exit:
    """Show the state of flows."""
    names = [invocation.settings().get_flow(name).name for name in flows]
    with invocation.house() as workspace:
        status = read_status(workspace, names)
    run = status.last_run
    invocation.answer(
        "status",
        {"last_run": _run_to_content(run), "flows": [_to_content(flow) for flow in status.flows]},
        lambda: "\n\n".join([_format_run(run), *map(_format_text, status.flows)]),
    )
    return Exit.SUSPENDED if status.has_suspended else Exit.SETTLED


def _run_to_content(run: RunRow | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "run": run.id,
        "flows": list(run.flows),
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "outcome": run.outcome,
    }


def _format_run(run: RunRow | None) -> str:
    if run is None:
        return _("No run yet.")
    started = format_moment(run.started_at)
    if run.ended_at is None:
        return _("Last run: number {run}, begun {started}, not ended or cut off.").format(run=run.id, started=started)
    words = _("Last run: number {run}, begun {started}, ended {ended}.")
    return words.format(run=run.id, started=started, ended=format_moment(run.ended_at))


def _to_content(status: FlowStatus) -> dict[str, Any]:
    flow = status.settings
    return {
        "flow": flow.name,
        "enabled": flow.enabled,
        "connector": flow.connector,
        "purpose": flow.purpose.value,
        "schedule": flow.schedule,
        "suspended": json_forms.cause(status.suspended, {}) if status.suspended else None,
        "balance": json_forms.balance(status.balance),
        "causes": [{**asdict(key), "count": count} for key, count in status.causes.items()],
        "parcels": [_parcel_to_content(row) for row in status.parcels],
    }


def _parcel_to_content(row: ParcelRow) -> dict[str, Any]:
    return {
        "parcel": row.digest,
        "kind": row.kind,
        "state": row.state,
        "reason": row.code,
        "bytes": row.size,
        "batches": row.batches,
        "received_at": row.received_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "not_before": row.not_before.isoformat() if row.not_before else None,
        "balance": json_forms.balance(row.balance),
    }


def _format_text(status: FlowStatus) -> str:
    flow = status.settings
    state = "" if flow.enabled else _("(disabled)")
    lines = [f"{flow.name} {state} {flow.schedule}".rstrip(), f"  {flow.connector} – {flow.purpose.value}"]
    if status.suspended:
        says, advice = explain(status.suspended, {})
        lines += ["  " + _("Suspended: {reason}").format(reason=says), f"  → {advice}"]
    lines.append(f"  {labels.sum_of(status.balance)}")
    if status.parcels:
        lines += [f"    {line}" for line in _format_table(status.parcels[-PARCELS:]).splitlines()]
    if status.causes:
        lines += ["", *(f"    {line}" for line in _format_causes(status.causes).splitlines())]
    return "\n".join(lines)


def _format_causes(causes: Mapping[ReasonKey, int]) -> str:
    """Format what was set aside or doubtful since the beginning, the most frequent first."""
    headers = (_("number"), _("outcome"), _("member"), _("column"), _("field"), _("reason"))
    listed = list(causes.items())[:CAUSES]
    return write_table(
        headers,
        (
            (format_count(count), _(labels.FATES[key.fate]), key.member, key.column, key.field, key.code)
            for key, count in listed
        ),
    )


def _format_table(rows: Sequence[ParcelRow]) -> str:
    headers = (_("parcel"), _("received at"), _("state"), _("batches"), _("rows"), _("set aside"), _("reason"))
    return write_table(headers, (_format_cells(row) for row in rows))


def _format_cells(row: ParcelRow) -> tuple[str, ...]:
    figures_of = (row.batches, row.balance.received, row.balance.aside)
    state = _(labels.PARCEL_STATES[row.state])
    return (row.digest[:12], format_moment(row.received_at), state, *map(format_count, figures_of), row.code)
