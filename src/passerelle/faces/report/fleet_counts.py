"""The fleet in counts: as text, for programs, for a monitor. No name of a flow, a file or a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents.text_table import write_table
from passerelle.vocabulary.formatting import NOTHING, format_count, format_labelled, format_moment, show_name
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.stores.fleet_counts import FleetState


def to_content(state: FleetState) -> dict[str, object]:
    """Return the counts for programs."""
    return {
        "flows": state.flows,
        "due": state.due,
        "oldest_due": state.oldest_due.isoformat() if state.oldest_due else None,
        "in_hand": state.in_hand,
        "workers": state.workers,
        "stranded": state.stranded,
        "bells": {"waiting": state.waiting_bells, "failed": state.failed_bells},
    }


def format_state(state: FleetState) -> str:
    """Return the counts for people, one a line."""
    oldest = _("since {moment}").format(moment=format_moment(state.oldest_due)) if state.oldest_due else ""
    rows = (
        (_("flows"), str(state.flows)),
        (_("due"), f"{state.due} {oldest}".strip()),
        (_("turns in hand"), str(state.in_hand)),
        (_("workers"), str(state.workers)),
        (_("stranded"), str(state.stranded)),
        (_("bells that wait"), str(state.waiting_bells)),
        (_("bells that failed"), str(state.failed_bells)),
    )
    return "\n".join(format_labelled(label, value) for label, value in rows)


def format_states(total: FleetState, states: Mapping[str, FleetState]) -> str:
    """Return the counts of all together, then a line for each organisation, those that need somebody first."""
    ordered = sorted(states.items(), key=lambda each: (not each[1].needs_somebody, each[0]))
    heads = _("organisation"), _("workers"), _("flows"), _("due"), _("since"), _("turns in hand")
    rows = [
        (
            show_name(name),
            format_count(state.workers),
            format_count(state.flows),
            format_count(state.due),
            format_moment(state.oldest_due) if state.oldest_due else NOTHING,
            *map(format_count, (state.in_hand, state.stranded, state.failed_bells)),
        )
        for name, state in ordered
    ]
    return "\n".join([format_state(total), "", write_table((*heads, _("stranded"), _("bells that failed")), rows)])


def write_series(states: Mapping[str, FleetState]) -> str:
    """Write the counts for a Prometheus monitor, in English alone as its other figures."""
    from passerelle.faces.report.monitor_series import format_sample  # noqa: PLC0415  only monitors

    lines = []
    for name, says, find in _SERIES:
        samples = [(own, figure) for own, state in states.items() if (figure := find(state)) is not None]
        if samples:
            lines += [f"# HELP {name} {says}", f"# TYPE {name} gauge"]
            lines += [format_sample(name, {"organisation": own}, figure) for own, figure in samples]
    return "\n".join(lines)


def _note_due(state: FleetState) -> float | None:
    return state.oldest_due.timestamp() if state.oldest_due else None


_SERIES: tuple[tuple[str, str, Callable[[FleetState], float | None]], ...] = (
    ("passerelle_fleet_workers", "Workers that serve the organisation.", lambda state: state.workers),
    ("passerelle_fleet_flows", "Flows that workers know.", lambda state: state.flows),
    ("passerelle_fleet_due_flows", "Flows that have something to do and wait for a turn.", lambda state: state.due),
    (
        "passerelle_fleet_due_since_timestamp_seconds",
        "Since when the one of them waits that has waited longest.",
        _note_due,
    ),
    ("passerelle_fleet_turns_in_hand", "Turns that workers have in hand.", lambda state: state.in_hand),
    ("passerelle_fleet_stranded_flows", "Flows that are late and nobody rings for.", lambda state: state.stranded),
    ("passerelle_fleet_waiting_bells", "Bells that wait for a worker.", lambda state: state.waiting_bells),
    ("passerelle_fleet_failed_bells", "Turns that failed, of the last seven days.", lambda state: state.failed_bells),
)
