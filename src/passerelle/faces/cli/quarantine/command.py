"""`passerelle quarantine`: look at records set aside, correct and replay them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from passerelle.engine.audit.revealing import reveal_items
from passerelle.engine.quarantine.quarantine_acts import (
    QuarantineSelection,
    choose_items,
    discard_items,
    list_causes,
    list_items,
    replay_items,
)
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation, why_kept
from passerelle.faces.cli.quarantine import item_texts
from passerelle.faces.cli.quarantine import sheet as workbook
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, translate_plural
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.quarantine_rows import QuarantineRow


def _add_selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select quarantined items to a command."""
    fates = [Fate.UNREADABLE, Fate.REJECTED, Fate.WITHHELD, Fate.REFUSED, Fate.UNKNOWN]
    for decorate in (
        translated_click.option("--flow", default="", metavar=N_("FLOW"), help=N_("Only this flow.")),
        translated_click.option(
            "--fate", type=click.Choice([fate.value for fate in fates]), help=N_("Only this outcome.")
        ),
        translated_click.option("--reason", default="", metavar="CODE", help=N_("Only this reason code.")),
    ):
        function = decorate(function)
    return function


_numbers = translated_click.argument(
    "ids", nargs=-1, type=click.IntRange(min=1), metavar=N_("[NUMBER]..."), help=N_("Numbers of items.")
)
_reveal = translated_click.option("--reveal", is_flag=True, help=N_("Show the values, with --why."))


@translated_click.group(
    "quarantine",
    help=N_("Records that were set aside wait here, sealed, until they are replayed, discarded, or expire."),
    examples=(("quarantine list", N_("what waits, by cause")),),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "list",
    help=N_("Count what waits by cause, or list each item. No value is shown."),
    examples=(
        ("quarantine list", N_("by cause, the most frequent first")),
        ("quarantine list --each --flow visites", N_("item by item")),
    ),
)
@_add_selection_options
@translated_click.option("--each", is_flag=True, help=N_("List each item."))
@translated_click.option(
    "--state",
    type=click.Choice([state.value for state in QuarantineState]),
    default=QuarantineState.WAITING.value,
    show_default=True,
    help=N_("Only items in this state."),
)
@answer_format
@pass_invocation
def list_set_aside(invocation: Invocation, *, flow: str, fate: str | None, reason: str, each: bool, state: str) -> Exit:
    """List causes or items."""
    selection = QuarantineSelection((), flow, fate or "", reason)
    with invocation.open_workspace() as workspace:
        if each:
            rows = list_items(workspace, selection, state=state)
            invocation.answer(
                "quarantine.list",
                {"items": [item_texts.describe_item(row) for row in rows]},
                lambda: item_texts.format_items(rows),
            )
        else:
            causes = list_causes(workspace, selection, state=state)
            contents = [item_texts.describe_quarantine_cause(cause) for cause in causes]
            invocation.answer("quarantine.causes", {"causes": contents}, lambda: item_texts.format_causes(causes))
    return Exit.SETTLED


@command.command(
    "show",
    help=N_("Show items: place, reason, advice; the values only with --reveal and --why."),
    examples=(
        ("quarantine show 12", N_("without values")),
        ('quarantine show 12 --reveal --why "…"', N_("with the values, which is recorded")),
    ),
)
@_numbers
@_reveal
@why_kept
@answer_format
@pass_invocation
def show(invocation: Invocation, *, ids: tuple[int, ...], reveal: bool, why: str) -> Exit:
    """Show items."""
    with invocation.open_workspace() as workspace:
        rows = choose_items(workspace, QuarantineSelection(ids), state="")
        payloads = _reveal_values(workspace, rows, why) if reveal else None
        contents = [item_texts.describe_item(row, payloads) for row in rows]
        invocation.answer(
            "quarantine.show",
            {"items": contents},
            lambda: "\n\n".join(item_texts.format_item(row, payloads) for row in rows),
        )
    return Exit.SETTLED


@command.command(
    "export",
    help=N_(
        "Write a spreadsheet that can be sent to a supplier: place, reason, advice, who can act. With --reveal it "
        "also holds the values, one column for each of the supplier's, to be corrected and handed back to replay."
    ),
    examples=(
        ("quarantine export --flow visites --output visites.xlsx", N_("without values")),
        (
            'quarantine export --flow visites --output visites.xlsx --reveal --why "…"',
            N_("with the values, which is recorded"),
        ),
    ),
)
@_add_selection_options
@translated_click.option(
    "--output",
    type=translated_click.File(),
    required=True,
    metavar=N_("FILE"),
    help=N_("The workbook (.xlsx) to write."),
)
@_reveal
@why_kept
@answer_format
@pass_invocation
def export(  # noqa: PLR0913  one parameter for each option
    invocation: Invocation, *, flow: str, fate: str | None, reason: str, output: Path, reveal: bool, why: str
) -> Exit:
    """Export items."""
    with invocation.open_workspace() as workspace:
        rows = choose_items(workspace, QuarantineSelection((), flow, fate or "", reason))
        workbook.write(output, rows, _reveal_values(workspace, rows, why) if reveal else {})
        words = translate_plural("{count} record written to {file}.", "{count} records written to {file}.", len(rows))
        text = words.format(count=format_count(len(rows)), file=output.name)
        invocation.answer("quarantine.export", {"count": len(rows), "values": reveal}, lambda: text)
    return Exit.SETTLED


@command.command(
    "replay",
    help=N_(
        "Send records through the same path again, as they are (the connector was corrected, consent was given) or "
        "as corrected in a sheet that «quarantine export --reveal» wrote. The next run takes them across."
    ),
    examples=(
        ("quarantine replay --flow visites --reason validate.field.missing", N_("all of one cause")),
        ("quarantine replay --from visites.xlsx", N_("as corrected in the sheet")),
    ),
)
@_numbers
@_add_selection_options
@translated_click.option(
    "--from",
    "sheet",
    type=translated_click.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The corrected workbook."),
)
@answer_format
@pass_invocation
def replay(
    invocation: Invocation, *, ids: tuple[int, ...], flow: str, fate: str | None, reason: str, sheet: Path | None
) -> Exit:
    """Replay items."""
    cells = workbook.read(sheet) if sheet else {}
    selection = QuarantineSelection(ids or tuple(cells), flow, fate or "", reason)
    # Before the workspace is opened: a word that was forgotten must not mean everything that waits.
    selection.require_choice()
    with invocation.open_workspace() as workspace:
        counts = replay_items(workspace, selection, cells)
    invocation.answer("quarantine.replay", {"registered": counts}, lambda: item_texts.format_replay(counts))
    return Exit.SETTLED


@command.command(
    "discard",
    help=N_("Destroy records for good. Why is recorded; the counts stay in the books."),
    examples=(('quarantine discard 12 13 --why "…"', N_("two items")),),
)
@_numbers
@_add_selection_options
@why_kept
@answer_format
@pass_invocation
def discard(
    invocation: Invocation, *, ids: tuple[int, ...], flow: str, fate: str | None, reason: str, why: str
) -> Exit:
    """Discard items."""
    selection = QuarantineSelection(ids, flow, fate or "", reason)
    # The same here, where it could not be undone.
    selection.require_choice()
    with invocation.open_workspace() as workspace:
        count = discard_items(workspace, selection, why=why, who=name_operator())
    words = translate_plural("{count} record destroyed.", "{count} records destroyed.", count)
    invocation.answer("quarantine.discard", {"count": count}, lambda: words.format(count=format_count(count)))
    return Exit.SETTLED


def _reveal_values(workspace: Workspace, rows: Sequence[QuarantineRow], why: str) -> dict[int, bytes]:
    ids, flows = (row.id for row in rows), (row.flow for row in rows)
    return reveal_items(workspace, ids, why=why, who=name_operator(), flows=flows)
