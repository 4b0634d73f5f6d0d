"""`passerelle fleet status`: count the flows that are due, the turns in hand and the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.fleet.queue_library import refuse_missing_library
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.formatting import format_labelled, format_moment
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.fleet.fleet_state import FleetState


@translated_click.command(
    "status",
    help=N_(
        "Count flows, turns, bells and workers; no name of a flow. 1 when somebody should look: flows are stranded, "
        "turns failed, or something is due and nobody works."
    ),
    examples=(("fleet status", N_("for people")), ("fleet status --format json", N_("for a program"))),
)
@answer_format
@pass_invocation
def command(invocation: Invocation) -> Exit:
    """Count, and answer."""
    with refuse_missing_library():
        from passerelle.fleet.fleet_state import read_fleet_state  # noqa: PLC0415  kept out of start-up
        from passerelle.fleet.shared_flows import open_turns  # noqa: PLC0415  see above

        settings = invocation.read_settings()
        with open_turns(settings) as engine:
            state = read_fleet_state(engine, settings.fleet)
    invocation.answer("fleet.status", to_content(state), lambda: format_state(state))
    return Exit.ASIDE if state.needs_somebody else Exit.SETTLED


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
