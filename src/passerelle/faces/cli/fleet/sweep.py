"""`passerelle fleet sweep`: ring for every flow that is due and for which nobody rings."""

from __future__ import annotations

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.fleet.queue_library import refuse_missing_library
from passerelle.faces.cli.fleet.served import open_served
from passerelle.faces.cli.invocation import Invocation, answer_format, organisation_option, pass_invocation
from passerelle.vocabulary.language import N_, _, translate_plural


@translated_click.command(
    "sweep",
    help=N_(
        "Do by hand what each worker does every minute: take away the bells of dead workers and what is no bell, then "
        "ring for every flow that is due and for which nobody rings. Harmless at any moment."
    ),
    examples=(("fleet sweep", N_("after somebody emptied the queue, or to see at once that nothing is stranded")),),
)
@organisation_option
@answer_format
@pass_invocation
def command(invocation: Invocation) -> Exit:
    """Sweep once."""
    with refuse_missing_library():
        from passerelle.engine.turns.sweeping import sweep  # noqa: PLC0415  kept out of start-up
        from passerelle.fleet.fleet_state import open_turnstile  # noqa: PLC0415  see above

        with open_served(invocation) as (engine, workspaces, rules):
            turnstile, bells = open_turnstile(engine, rules, serves=lambda: workspaces.openings)
            report = sweep(turnstile, bells, rules.per_organisation)
    content = {"rung": len(report.rung), "cleared": report.cleared}

    def describe() -> str:
        rung = translate_plural("Rung for {count} flow.", "Rung for {count} flows.", len(report.rung))
        cleared = _("Bells taken away: {count}.").format(count=report.cleared)
        return f"{rung.format(count=len(report.rung))} {cleared}"

    invocation.answer("fleet.sweep", content, describe)
    return Exit.SETTLED
