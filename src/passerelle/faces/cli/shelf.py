"""`passerelle shelf`: what flows keep of what they delivered; fill a shelf, or empty it."""

from __future__ import annotations

from passerelle.documents.text_table import write_table
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.vocabulary.formatting import NOTHING, format_count, format_moment, format_number
from passerelle.vocabulary.language import N_, _

_flow = translated_click.argument(
    "flow", metavar=N_("FLOW"), help=N_("The flow whose shelf it is."), shell_complete=complete_flow
)


@translated_click.group(
    "shelf",
    help=N_(
        "What flows keep of what they delivered, for those who read it through the API. A flow has a shelf when its "
        "settings say for how many days."
    ),
    examples=(("shelf status", N_("how many records are on each shelf, and since when")),),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "status",
    help=N_("Show how many records are on each shelf, since when, for which purpose, and the space they take."),
    examples=(("shelf status --format json", N_("for a program")),),
)
@answer_format
@pass_invocation
def show_status(invocation: Invocation) -> Exit:
    """Show what is on the shelves."""
    with invocation.open_workspace() as workspace:
        states = workspace.shelf.list_states()
        flows = workspace.settings.flows
    days = {name: flow.shelf_days for name, flow in flows.items()}
    contents = [
        {
            "flow": one.flow,
            "contract": one.contract,
            "purpose": one.purpose,
            "records": one.records,
            "since": one.since.isoformat(),
            "days": days.get(one.flow),
            "segments": one.segments,
            "bytes": one.size,
        }
        for one in states
    ]
    rows = [
        (
            one.flow,
            one.contract,
            one.purpose,
            format_count(one.records),
            format_moment(one.since),
            format_count(kept) if (kept := days.get(one.flow)) else NOTHING,
            format_number(one.size / 1_000_000, 1),
        )
        for one in states
    ]
    heads = (_("flow"), _("contract"), _("purpose"), _("records"), _("since"), _("days"), _("megabytes"))
    text = write_table(heads, rows) if rows else _("Nothing is on a shelf.")
    invocation.answer("shelf.status", {"shelves": contents}, lambda: text)
    return Exit.SETTLED


@command.command(
    "fill",
    help=N_(
        "Put on the shelf of a flow what it delivered before it had one, as far as received files are kept. Nothing is "
        "delivered. Stopped half-way, the same command goes on."
    ),
    examples=(("shelf fill visites", N_("after a shelf was added to the settings of this flow")),),
)
@_flow
@answer_format
@pass_invocation
def fill(invocation: Invocation, flow: str) -> Exit:
    """Fill the shelf of a flow."""
    from passerelle.engine.runs.shelf_filling import fill_shelf  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        filled = fill_shelf(workspace, flow, who=name_operator())
    counts = {"records": filled.records, "files": filled.parcels, "gone": filled.gone}
    content = {
        "flow": filled.flow,
        **counts,
        "since": filled.since.isoformat() if filled.since else None,
    }
    words = _("Records put on the shelf: {records}. Files read: {files}; kept no more: {gone}.")
    told = words.format(**{name: format_count(count) for name, count in counts.items()})
    if filled.since is not None:
        told += " " + _("Everything since {since} is there.").format(since=format_moment(filled.since))
    invocation.answer("shelf.fill", content, lambda: told)
    return Exit.SETTLED


@command.command(
    "empty",
    help=N_("Take everything of a flow off its shelf and destroy its keys. Whoever reads it begins anew."),
    examples=(("shelf empty visites", N_("before it is filled again")),),
)
@_flow
@answer_format
@pass_invocation
def empty(invocation: Invocation, flow: str) -> Exit:
    """Empty the shelf of a flow."""
    from passerelle.engine.runs.shelf_filling import empty_shelf  # noqa: PLC0415  kept out of start-up

    with invocation.open_workspace() as workspace:
        count = empty_shelf(workspace, flow, who=name_operator())
    words = _("Records taken off the shelf: {count}.")
    invocation.answer("shelf.empty", {"flow": flow, "records": count}, lambda: words.format(count=format_count(count)))
    return Exit.SETTLED
