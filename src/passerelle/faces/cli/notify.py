"""`passerelle notify`: tell people what began and what is over, or try the channels."""

from __future__ import annotations

from passerelle.engine.clock import SystemClock
from passerelle.engine.incidents.alerting import tell, tell_trial
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, organisation_option, pass_invocation
from passerelle.faces.cli.telling import tell_what_stops
from passerelle.vocabulary.errors import PasserelleError, UsageError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain


@translated_click.command(
    "notify",
    help=N_(
        "Tell whoever the settings name («notify») what began and what is over: «run» does so at its end; this also "
        "finds that no run took place. Each fault is told once, and its end once."
    ),
    examples=(
        ("notify", N_("from a timer, some hours after the runs")),
        ("notify --test", N_("send a trial message over every channel")),
    ),
)
@translated_click.option("--test", "is_trial", is_flag=True, help=N_("Send a trial message over every channel."))
@organisation_option
@answer_format
@pass_invocation
def command(invocation: Invocation, *, is_trial: bool) -> Exit:
    """Report what is to be told, or try the channels."""
    if installation := invocation.find_installation():
        from passerelle.faces.cli.over_all import tell_all  # noqa: PLC0415  most have one organisation

        return tell_all(invocation, installation, is_trial=is_trial)
    settings = invocation.read_settings()
    channels = settings.notify.channels
    if not channels:
        raise UsageError("usage.channel.none")
    if is_trial:
        failures = tell_trial(settings, SystemClock())
    else:
        with tell_what_stops(invocation), invocation.open_workspace() as workspace:
            failures = dict.fromkeys(channels) | {
                error.details.get("channel", ""): error for error in tell(workspace) if error is not None
            }
    contents = [{"channel": name, "failure": _describe(error)} for name, error in failures.items()]
    lines = [format_labelled(name, str(error) if error else _("told")) for name, error in failures.items()]
    invocation.answer("notify", {"channels": contents}, lambda: "\n".join(lines))
    return Exit.WAITING if any(failures.values()) else Exit.SETTLED


def _describe(error: PasserelleError | None) -> dict[str, str] | None:
    if error is None:
        return None
    says, advice = explain(error.code, error.words)
    return {"reason": error.code, "says": says, "advice": advice}
