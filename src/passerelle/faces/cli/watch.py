"""`passerelle watch`: stay awake, and run what is due and what arrived."""

from __future__ import annotations

import signal
from threading import Event
from typing import TYPE_CHECKING

import click

from passerelle.engine.incidents.alerting import tell
from passerelle.engine.runs.running import run_flows, select_flows
from passerelle.engine.starting.work_watch import WorkWatch, find_asleep
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.telling import tell_what_stops
from passerelle.vocabulary.errors import FatalError, TransientError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.labels import format_balance
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


@translated_click.command(
    "watch",
    help=N_(
        "Stay awake: run a flow when its schedule says so, when a file arrived in its folder, or when what waited may "
        "be tried again. A signal (SIGTERM, Ctrl-C) ends it after the run that goes on; a second one at once."
    ),
    examples=(
        ("watch", N_("every flow that is enabled")),
        ("watch visites --every 10", N_("one flow, looked at every ten seconds")),
    ),
)
@translated_click.argument(
    "flows",
    nargs=-1,
    metavar=N_("[FLOW]..."),
    help=N_("Flows to run; all that are enabled."),
    shell_complete=complete_flow,
)
@translated_click.option(
    "--every",
    type=click.IntRange(1, 3_600),
    default=60,
    show_default=True,
    metavar="N",
    help=N_("Seconds between two looks."),
)
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], every: int) -> Exit:
    """Look again and again until a signal comes."""
    end = make_end_event()
    names, watch = select_flows(invocation.read_settings(), flows), WorkWatch()
    with tell_what_stops(invocation):
        with invocation.open_workspace() as workspace:
            for name in find_asleep(workspace, names):
                show(format_labelled(name, _("without «schedule», an API is never asked here.")))
        show(_("Watching. Ctrl-C ends it."))
        while not end.is_set():
            _look(invocation, watch, names)
            end.wait(every)
    return Exit.SETTLED


def make_end_event() -> Event:
    """Return an event that the first signal sets; the second one ends the process as usual."""
    end = Event()

    def note(number: int, _frame: FrameType | None) -> None:
        end.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return end


def _look(invocation: Invocation, watch: WorkWatch, names: Sequence[str]) -> None:
    """Run what has something to do; what passes by itself is looked at again the next time."""
    try:
        with invocation.open_workspace() as workspace:
            work = watch.find_work(workspace, names)
            if not work:
                return
            report = run_flows(workspace, work)
            if workspace.settings.notify.channels:
                tell(workspace, report)
    except TransientError:
        return
    except FatalError as error:
        if not error.will_pass:
            raise
        return
    for outcome in report.outcomes:
        show(format_labelled(outcome.flow, format_balance(outcome.balance)))
