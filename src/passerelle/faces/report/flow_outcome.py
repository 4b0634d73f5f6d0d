"""How a flow of a run ended, as people and programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.engine.runs.away_watch import can_end_by_itself
from passerelle.faces import json_forms
from passerelle.faces.report import notices, processing
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.runs.worker import FlowOutcome
    from passerelle.engine.settings.processing_check import ProcessingGap


def to_content(outcome: FlowOutcome, gaps: Sequence[ProcessingGap] = ()) -> dict[str, Any]:
    """Return one flow of `passerelle.run/1`."""
    return {
        "flow": outcome.flow,
        "balance": json_forms.describe_balance(outcome.balance),
        "parcels": {"settled": outcome.settled, "parked": outcome.parked, "waiting": outcome.waiting},
        "faults": outcome.faults,
        "waiting_until": outcome.waiting_until.isoformat() if outcome.waiting_until else None,
        "questions": [json_forms.describe_cause(error.code, error.words) for error in outcome.questions],
        "suspended": json_forms.describe_optional(outcome.suspended, outcome.suspended_details),
        "suspended_since": outcome.suspended_since.isoformat() if outcome.suspended_since else None,
        "trouble": json_forms.describe_optional(outcome.trouble, outcome.trouble_details),
        "failed": json_forms.describe_optional(outcome.failed, outcome.find_details(outcome.failed)),
        "notices": notices.to_contents(outcome.notices),
        "processing": [json_forms.describe_cause(gap.code, gap.details) for gap in gaps],
    }


def format_text(outcome: FlowOutcome, gaps: Sequence[ProcessingGap] = ()) -> str:
    """Write one flow of a run: its balance, what waits or stopped it, and what to type next."""
    lines = [outcome.flow, f"  {labels.format_balance(outcome.balance)}"]
    if outcome.balance.withheld_values:
        words = _("values that may not go, not delivered: {count}")
        lines.append("  " + words.format(count=format_count(outcome.balance.withheld_values)))
    lines += notices.iter_vanished_lines(outcome.balance)
    if outcome.parked:
        lines.append("  " + _("parcels parked: {count}").format(count=format_count(outcome.parked)))
    # several parcels may lack the same: each question is put once
    for says, advice in dict.fromkeys(explain(error.code, error.words) for error in outcome.questions):
        lines += [f"  {says}", f"  → {advice}"]
    if outcome.faults:
        words = _("of these, by a fault of Passerelle itself: {count}")
        lines.append("  " + words.format(count=format_count(outcome.faults)))
        lines.append("  → " + _("Then: {command}").format(command=f"passerelle status {outcome.flow}"))
    if outcome.waiting:
        lines.append("  " + _format_waiting(outcome))
    if outcome.suspended:
        lines.append("  " + _("Suspended since {since}.").format(since=format_moment(outcome.suspended_since)))
    for code in filter(None, (outcome.suspended, outcome.trouble, outcome.failed)):
        says, advice = explain(code, outcome.find_details(code))
        lines += [f"  {says}", f"  → {advice}"]
    lines += notices.iter_lines(outcome.notices)
    lines += processing.iter_lines(gaps)
    if outcome.suspended and not can_end_by_itself(outcome.suspended):
        lines.append("  → " + _("Then: {command}").format(command=f"passerelle flow resume {outcome.flow}"))
    # what is withheld waits for consent, not for a correction: no reason to send people to the quarantine
    if outcome.balance.aside > outcome.balance.fates.get(Fate.WITHHELD, 0):
        lines.append("  → passerelle quarantine list --flow " + outcome.flow)
    return "\n".join(lines)


def _format_waiting(outcome: FlowOutcome) -> str:
    """Write what waits: parcels until a moment, or the flow itself for a side that is away."""
    if outcome.waiting_until is None:
        return _("waits for the other side, until the next run")
    until = format_moment(outcome.waiting_until)
    return _("parcels waiting: {count} (until {until})").format(count=outcome.waiting, until=until)
