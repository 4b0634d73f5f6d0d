"""`passerelle quarantine`: look at records set aside, correct and replay them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from passerelle.engine.log import log
from passerelle.engine.replaying import replay
from passerelle.faces.cli import quarantine_sheet, translated
from passerelle.faces.cli import quarantine_words as words_of
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.revealing import record, reveal
from passerelle.stores.quarantine import State
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import N_, plural
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from passerelle.engine.assembly import House
    from passerelle.stores.quarantine import QuarantineRow


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items a command is about: those with these numbers, or all that answer to the words."""

    ids: tuple[int, ...] = ()
    flow: str = ""
    fate: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was chosen at all."""
        return not (self.ids or self.flow or self.fate or self.reason)

    def rows(self, house: House, *, state: str = State.WAITING) -> list[QuarantineRow]:
        """List the items. Raises UsageError when there is none."""
        found = house.quarantine.list(flow=self.flow, fate=self.fate, reason=self.reason, state=state)
        chosen = [row for row in found if not self.ids or row.id in self.ids]
        if not chosen:
            raise UsageError("usage.items.none")
        return chosen


def _narrowing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which items it is about."""
    fates = [Fate.UNREADABLE, Fate.REJECTED, Fate.WITHHELD, Fate.REFUSED, Fate.UNKNOWN]
    for decorate in (
        translated.option("--flow", default="", metavar=N_("FLOW"), help=N_("Only this flow.")),
        translated.option("--fate", type=click.Choice([fate.value for fate in fates]), help=N_("Only this outcome.")),
        translated.option("--reason", default="", metavar="CODE", help=N_("Only this reason code.")),
    ):
        function = decorate(function)
    return function


_numbers = translated.argument(
    "ids", nargs=-1, type=click.IntRange(min=1), metavar=N_("[NUMBER]..."), help=N_("Numbers of items.")
)
_why = translated.option("--why", default="", metavar=N_("SENTENCE"), help=N_("Why; kept in the audit trail."))
_reveal = translated.option("--reveal", is_flag=True, help=N_("Show the values, with --why."))


@translated.group(
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
@_narrowing
@translated.option("--each", is_flag=True, help=N_("List each item."))
@translated.option(
    "--state",
    type=click.Choice([state.value for state in State]),
    default=State.WAITING.value,
    show_default=True,
    help=N_("Only items in this state."),
)
@answer_format
@pass_invocation
def list_items(invocation: Invocation, *, flow: str, fate: str | None, reason: str, each: bool, state: str) -> Exit:
    """List causes or items."""
    with invocation.house() as house:
        if each:
            rows = house.quarantine.list(flow=flow, fate=fate or "", reason=reason, state=state)
            invocation.answer(
                "quarantine.list",
                {"items": [words_of.item_content(row) for row in rows]},
                lambda: words_of.item_table(rows),
            )
        else:
            causes = [
                cause
                for cause in house.quarantine.causes(flow=flow, state=state)
                if fate in (None, cause.fate) and reason in ("", cause.reason)
            ]
            contents = [words_of.cause_content(cause) for cause in causes]
            invocation.answer("quarantine.causes", {"causes": contents}, lambda: words_of.cause_text(causes))
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
@_why
@answer_format
@pass_invocation
def show(invocation: Invocation, *, ids: tuple[int, ...], reveal: bool, why: str) -> Exit:
    """Show items."""
    with invocation.house() as house:
        rows = Choice(ids).rows(house, state="")
        payloads = _opened(house, rows, why) if reveal else {}
        contents = [words_of.item_content(row, payloads) for row in rows]
        invocation.answer(
            "quarantine.show",
            {"items": contents},
            lambda: "\n\n".join(words_of.item_text(row, payloads) for row in rows),
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
@_narrowing
@translated.option(
    "--output",
    type=translated.File(),
    required=True,
    metavar=N_("FILE"),
    help=N_("The workbook (.xlsx) to write."),
)
@_reveal
@_why
@answer_format
@pass_invocation
def export(  # noqa: PLR0913  one parameter for each option
    invocation: Invocation, *, flow: str, fate: str | None, reason: str, output: Path, reveal: bool, why: str
) -> Exit:
    """Export items."""
    with invocation.house() as house:
        rows = Choice((), flow, fate or "", reason).rows(house)
        quarantine_sheet.write(output, rows, _opened(house, rows, why) if reveal else {})
        words = plural("{count} record written to {file}.", "{count} records written to {file}.", len(rows))
        told = words.format(count=format_count(len(rows)), file=output.name)
        invocation.answer("quarantine.export", {"count": len(rows), "values": reveal}, lambda: told)
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
@_narrowing
@translated.option(
    "--from",
    "sheet",
    type=translated.File(exists=True),
    metavar=N_("FILE"),
    help=N_("The corrected workbook."),
)
@answer_format
@pass_invocation
def replay_items(
    invocation: Invocation, *, ids: tuple[int, ...], flow: str, fate: str | None, reason: str, sheet: Path | None
) -> Exit:
    """Replay items."""
    given = quarantine_sheet.read(sheet) if sheet else {}
    choice = Choice(ids or tuple(given), flow, fate or "", reason)
    _refuse_everything(choice)
    with invocation.house() as house:
        rows = choice.rows(house)
        corrections = _corrections(house, given, rows)
        counts = {
            name: replay(house, name, [row.id for row in some], corrections) for name, some in _by_flow(rows).items()
        }
    invocation.answer("quarantine.replay", {"registered": counts}, lambda: words_of.replay_text(counts))
    return Exit.SETTLED


@command.command(
    "discard",
    help=N_("Destroy records for good. Why is recorded; the counts stay in the books."),
    examples=(('quarantine discard 12 13 --why "…"', N_("two items")),),
)
@_numbers
@_narrowing
@_why
@answer_format
@pass_invocation
def discard(
    invocation: Invocation, *, ids: tuple[int, ...], flow: str, fate: str | None, reason: str, why: str
) -> Exit:
    """Discard items."""
    choice = Choice(ids, flow, fate or "", reason)
    _refuse_everything(choice)
    with invocation.house() as house:
        chosen = [row.id for row in choice.rows(house)]
        record(house, "quarantine.discard", chosen, why)
        count = house.quarantine.mark(chosen, State.DISCARDED, house.clock.now())
        log("quarantine_discarded", count=count)
    words = plural("{count} record destroyed.", "{count} records destroyed.", count)
    invocation.answer("quarantine.discard", {"count": count}, lambda: words.format(count=format_count(count)))
    return Exit.SETTLED


def _refuse_everything(choice: Choice) -> None:
    """Let nobody replay or destroy the whole quarantine by forgetting a word."""
    if choice.is_empty:
        raise UsageError("usage.items.none")


def _opened(house: House, rows: Sequence[QuarantineRow], why: str) -> dict[int, bytes]:
    return reveal(house, (row.id for row in rows), why)


def _by_flow(rows: Sequence[QuarantineRow]) -> Mapping[str, list[QuarantineRow]]:
    flows: defaultdict[str, list[QuarantineRow]] = defaultdict(list)
    for row in rows:
        flows[row.flow].append(row)
    return flows


def _corrections(
    house: House, given: Mapping[int, Mapping[str, str]], rows: Sequence[QuarantineRow]
) -> dict[int, dict[str, str]]:
    """Keep what a person changed. An empty cell where the supplier's is absent or empty changes nothing."""
    before = house.quarantine.open(row.id for row in rows if row.id in given)
    return {item: _changed(given[item], json.loads(payload).get("cells", {})) for item, payload in before.items()}


def _changed(given: Mapping[str, str], before: Mapping[str, str | None]) -> dict[str, str]:
    if not before and not any(given.values()):
        return {}
    return {name: text for name, text in given.items() if not before or text != (before.get(name) or "")}
