"""`passerelle plugins record`: read a live account once, and save what may be kept of it, scrubbed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@translated_click.command(
    "record",
    help=N_(
        "Read the account of a flow once, through its connector, and save the exchanges for tests that need no "
        "account. Names, numbers, telephones, addresses, identifiers, dates and texts are replaced by invented ones "
        "before anything is written, the same by the same; tokens are never kept. What stays: the words that the "
        "connector declares, and the figures of paging. Read the file before you share it."
    ),
    examples=(
        ("plugins record grc-contacts --flow contacts --output grc-contacts.json", N_("one reading, scrubbed")),
        (
            "plugins record ogust-services --flow visites --output ogust-services.json --keep status",
            N_("the words of the member «status» stay"),
        ),
    ),
)
@translated_click.argument("connector", metavar=N_("CONNECTOR"), help=N_("Its id, as «plugins show» gives it."))
@translated_click.option(
    "--flow",
    required=True,
    metavar=N_("FLOW"),
    help=N_("The flow whose source and settings are used; it is not run."),
    shell_complete=complete_flow,
)
@translated_click.option(
    "--output",
    required=True,
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("The file to write; a new one."),
)
@translated_click.option(
    "--keep",
    multiple=True,
    metavar=N_("MEMBER"),
    help=N_("A member whose words are nobody's and steer the connector; may be given several times."),
)
@answer_format
@pass_invocation
def record(invocation: Invocation, connector: str, flow: str, output: Path, keep: Sequence[str]) -> Exit:
    """Record one flow's API. No journal is opened, nothing is delivered."""
    from passerelle.engine.clock import SystemClock  # noqa: PLC0415  not needed to list plugins
    from passerelle.testing import exchanges, recording  # noqa: PLC0415  the same
    from passerelle.testing.scrubbing import Scrubber  # noqa: PLC0415  the same

    # before the account is read: a reading may cost the supplier's quota, and cannot be taken back
    if output.exists():
        raise UsageError("usage.file.exists", file=output.name)
    _supplier, described, info = invocation.load_plugins().find_connector(connector)
    settings = invocation.read_settings().get_flow(flow)
    if settings.connector != connector or settings.source.kind != "api":
        raise UsageError("usage.recording.other", flow=flow, connector=connector)
    scrubber = Scrubber(described, tuple(keep))
    made = recording.record(settings.source, described, info, SystemClock(), scrubber)
    text = exchanges.format_exchanges(made)
    with refuse_unreadable(output):
        try:
            # a new file: somebody may have made one while the account was read
            write_new(output, text)
        except FileExistsError:
            raise UsageError("usage.file.exists", file=output.name) from None
    count = len(made.exchanges)
    words = translate_plural("{count} exchange saved in {file}", "{count} exchanges saved in {file}", count)
    advice = _("Read it before you share it, then keep it as tests/exchanges/{connector}.json.")
    lines = (
        words.format(count=count, file=output.name),
        "  " + _("words that stayed as they were: {words}").format(words=", ".join(sorted(scrubber.kept)) or "–"),
        "  → " + advice.format(connector=made.connector),
    )
    content = {"connector": connector, "exchanges": count, "kept": sorted(scrubber.kept)}
    invocation.answer("plugins.record", content, lambda: "\n".join(lines))
    return Exit.SETTLED
