"""`passerelle notice`: for each flow, a notice for persons and one for professionals and the works council."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.showing import show
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.plain_page import PlainPage
    from passerelle.faces.report.information_parts import NoticeSources


@translated_click.command(
    "notice",
    help=N_(
        "Write for each flow a notice for the persons (GDPR articles 13 and 14) and one for professionals and the "
        "works council, in plain words, to print: what goes, to whom, why, for how long, how to say no. From the "
        "settings alone; what they do not say is left to complete, and counted. No record is read."
    ),
    examples=(
        ("notice", N_("both notices of every flow, in this folder")),
        ("notice visites --output notices", N_("those of one flow, in another folder")),
    ),
)
@translated_click.argument(
    "flows", nargs=-1, metavar=N_("[FLOW]..."), help=N_("All flows when none is named."), shell_complete=complete_flow
)
@translated_click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar=N_("FOLDER"),
    help=N_("Where to write; the current folder if not said."),
)
@answer_format
@pass_invocation
def command(invocation: Invocation, flows: tuple[str, ...], output: Path) -> Exit:
    """Write the notices."""
    written: list[dict[str, Any]] = []
    for flow, reader, page in _iter_notices(invocation, flows):
        path = output / f"notice-{reader}-{flow}.html"
        _write(path, page)
        written.append({"flow": flow, "for": reader, "file": path.name, "to_complete": page.count_blanks()})
    invocation.answer("notice", {"notices": written}, lambda: _format_written(written))
    if blanks := sum(one["to_complete"] for one in written):
        words = translate_plural(
            "{count} place is to be completed: state it in the settings, under [controller] and processing.",
            "{count} places are to be completed: state them in the settings, under [controller] and processing.",
            blanks,
        )
        show(words.format(count=format_count(blanks)), err=True)
    return Exit.SETTLED


def _iter_notices(invocation: Invocation, names: tuple[str, ...]) -> Iterator[tuple[str, str, PlainPage]]:
    """Yield flow, reader and page of each notice. Raises UsageError for an unknown flow."""
    from passerelle.faces.report import information_for_persons as persons  # noqa: PLC0415  kept out of start-up
    from passerelle.faces.report import information_for_professionals as work  # noqa: PLC0415  kept out of start-up

    for sources in _list_sources(invocation, names):
        yield sources.flow.name, "personnes", persons.write_notice_for_persons(sources)
        yield sources.flow.name, "professionnels", work.write_notice_for_professionals(sources)


def _list_sources(invocation: Invocation, names: tuple[str, ...]) -> list[NoticeSources]:
    from passerelle.faces.report.information_parts import NoticeSources  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.register.recording import draft_register  # noqa: PLC0415  kept out of start-up

    settings = invocation.read_settings()
    wanted = [settings.get_flow(name).name for name in names] or list(settings.flows)
    register = draft_register(settings, invocation.load_plugins())
    return [
        NoticeSources(
            flow=settings.flows[activity.flow],
            activity=activity,
            controller=settings.controller,
            retention_days=settings.retention_days,
        )
        for activity in register.activities
        if activity.flow in wanted
    ]


def _write(path: Path, page: PlainPage) -> None:
    from passerelle.documents.plain_page import write_plain_page  # noqa: PLC0415  kept out of start-up

    with refuse_unreadable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, write_plain_page(page), ANYBODY)


def _format_written(written: list[dict[str, Any]]) -> str:
    if not written:
        return _("The settings describe no flow: there is nothing to tell anybody.")
    return "\n".join(
        format_labelled(
            one["file"],
            translate_plural("{count} place to complete", "{count} places to complete", one["to_complete"]).format(
                count=format_count(one["to_complete"])
            ),
        )
        for one in written
    )
