"""`passerelle rehearse`: what a run would send, as a difference with the last one; nothing is sent or written."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from passerelle.engine.audit.revealing import audit_act, name_purposes, require_why
from passerelle.engine.rehearsal.rehearsing import rehearse
from passerelle.engine.runs.run_state import find_flows_state
from passerelle.engine.runs.running import select_flows
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.faces.cli.progress import watch_flows
from passerelle.faces.report import rehearsal
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@translated_click.command(
    "rehearse",
    help=N_(
        "Take what waits down the same path as a run, with the same settings, and say what would be sent: new records, "
        "changed ones and in which fields, unchanged ones, and what would be set aside and why. The source keeps its "
        "files, the destination is not called, the journal is not written. An API source is not asked either, unless "
        "--read-api says so. The answer holds no value."
    ),
    examples=(
        ("rehearse", N_("every flow that is enabled")),
        ("rehearse visites --format json", N_("one flow, for a program")),
        (
            'rehearse visites --reveal --why "recette avant mise en service" --output visites.ndjson',
            N_("the records themselves, into a file; the reason is written into the audit trail"),
        ),
    ),
)
@translated_click.argument(
    "flows",
    nargs=-1,
    metavar=N_("[FLOW]..."),
    help=N_("Flows to rehearse; all that are enabled."),
    shell_complete=complete_flow,
)
@translated_click.option("--read-api", is_flag=True, help=N_("Ask API sources too; nothing is acknowledged."))
@translated_click.option(
    "--reveal", is_flag=True, help=N_("Write the records with their values to the file of --output.")
)
@translated_click.option("--why", default="", metavar=N_("SENTENCE"), help=N_("Why values must be seen."))
@translated_click.option(
    "--output",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("The file for --reveal; a new one, for you alone."),
)
@answer_format
@pass_invocation
def command(
    invocation: Invocation, *, flows: tuple[str, ...], read_api: bool, reveal: bool, why: str, output: Path | None
) -> Exit:
    """Rehearse flows one after the other."""
    settings = invocation.read_settings()
    names = select_flows(settings, flows)
    with _open_reveal(invocation, names, why, output, reveal=reveal) as see, watch_flows() as progress:
        rehearsals = rehearse(settings, names, read_api=read_api, progress=progress, on_record=see)
    code = Exit(find_flows_state([made.outcome for made in rehearsals]))
    content = {"flows": list(map(rehearsal.to_content, rehearsals)), "exit": code.value}
    invocation.answer(
        "rehearse",
        content,
        lambda: "\n\n".join(map(rehearsal.format_text, rehearsals)) or _("No flow to rehearse."),
    )
    return code


@contextmanager
def _open_reveal(
    invocation: Invocation, names: list[str], why: str, output: Path | None, *, reveal: bool
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Yield the callback that takes each record: nothing, or a file once the audit trail holds the reason."""
    if not reveal:
        yield lambda _line: None
        return
    require_why(why)
    if output is None:
        raise UsageError("usage.output.unnamed")
    with refuse_unreadable(output):
        try:
            stream = open_new(output)
        except FileExistsError:
            raise UsageError("usage.file.exists", file=output.name) from None
    with TextIOWrapper(stream, encoding="utf-8", newline="\n") as file:
        with invocation.open_workspace() as workspace:
            purpose = name_purposes(workspace, names)
            audit_act(workspace, "rehearse.reveal", " ".join(names), why=why, who=name_operator(), purpose=purpose)
        yield lambda line: print(json.dumps(line, ensure_ascii=False), file=file)
