"""`passerelle init`: prepare a folder with commented settings, a key and the folders they name."""

from __future__ import annotations

from importlib.resources import files

from passerelle.engine.starting.workspace_making import make_workspace
from passerelle.engine.workspace.assembly import begin_journal
from passerelle.engine.workspace.journal_place import JOURNAL
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, name_operator, pass_invocation
from passerelle.vocabulary.language import N_, _, get_current


def read_template() -> bytes:
    """Read the commented settings that a workspace begins with, in the reader's language."""
    return files("passerelle.faces.cli").joinpath("templates", f"passerelle.{get_current()}.toml").read_bytes()


@translated_click.command(
    "init",
    help=N_("Write commented settings, create the key that seals the quarantine, and the folders. Replaces nothing."),
    examples=(
        ("init", N_("in the current folder")),
        ("--settings /srv/passerelle/passerelle.toml init", N_("elsewhere")),
        ("init --systemd", N_("units that run every night, for the settings of this folder")),
        ("init --cron --print", N_("lines for a crontab, only shown")),
        ("init --fresh", N_("a new journal, when the old one is lost and no backup holds it")),
    ),
)
@translated_click.option("--fresh", is_flag=True, help=N_("Only begin a new journal where the old one is lost."))
@translated_click.option(
    "--systemd", "kind", flag_value="systemd", help=N_("Write a service and a timer of systemd for these settings.")
)
@translated_click.option("--cron", "kind", flag_value="cron", help=N_("Write lines for a crontab."))
@translated_click.option(
    "--windows-task", "kind", flag_value="windows-task", help=N_("Write a task for the scheduler of Windows.")
)
@translated_click.option(
    "--print", "only_shows", is_flag=True, help=N_("Show what would be written, and write nothing.")
)
@answer_format
@pass_invocation
def command(invocation: Invocation, kind: str | None, *, fresh: bool, only_shows: bool) -> Exit:
    """Prepare the folder of the settings file, begin a new journal in it, or write what starts the program."""
    if kind is not None:
        from passerelle.faces.cli.units import answer_units  # noqa: PLC0415  most calls write no units

        answer_units(invocation, kind, only_shows=only_shows)
        return Exit.SETTLED
    if fresh:
        begin_journal(invocation.read_settings(), who=name_operator())
        words = _("A new journal is begun: every file that comes is delivered as new.")
        invocation.answer("init", {"made": [JOURNAL]}, lambda: words)
        return Exit.SETTLED
    with refuse_unreadable(invocation.path):
        done = make_workspace(invocation.path, read_template())
    path = done.settings.path
    next_step = _("Written: {file}. Describe a flow in it, then: passerelle doctor").format(file=path.name)
    warning = _("Keep a copy of the key «{file}» in a safe place: without it nothing that is sealed here opens again.")
    text = f"{next_step}\n{warning.format(file=done.settings.key_file.name)}"
    invocation.answer("init", {"made": list(done.made)}, lambda: text)
    return Exit.SETTLED
