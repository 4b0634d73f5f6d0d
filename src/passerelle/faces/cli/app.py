"""The command line as a whole: its commands, the options they share, and how failures end."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import allocators, cycles
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, organisation_option
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.translated_click import File, LazyGroup, Option, option
from passerelle.vocabulary.errors import PasserelleError, is_fault
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.outlets import count_foreign, replace_streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.log import Format

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": N_("Prepare a folder: commented settings, key, folders."),
        "doctor": N_("Check versions, rights, clock, database and reachability."),
        "check": N_("Say what a file is worth, without delivering anything."),
        "rehearse": N_("Show what a run would send; nothing is sent or written."),
        "run": N_("Take everything that waits across, then end."),
        "work": N_("Work for several organisations, each flow in its turn."),
        "organisation": N_("Add, list and close the organisations of an installation."),
        "serve": N_("Open the workbench in the browser of this machine."),
        "account": N_("Say who may sign in to the workbench."),
        "token": N_("Say which programs may use the live API, and what for."),
        "subscription": N_("Say which programs are told that something changed."),
        "watch": N_("Stay awake, and run what is due and what arrived."),
        "fleet": N_("Work on several machines, each flow at its turn."),
        "listen": N_("Take the messages that suppliers push."),
        "notify": N_("Tell people what began and what is over."),
        "status": N_("Show flows, parcels and their balances."),
        "shelf": N_("Show what is kept for those who read the API; fill or empty it."),
        "quarantine": N_("Look at records set aside, correct and replay them."),
        "consent": N_("Record what persons answered."),
        "person": N_("Find a person or a professional, what is known of them; erase it."),
        "audit": N_("List and verify who revealed, destroyed or decided what."),
        "key": N_("Say where the keys are; make a new master key."),
        "backup": N_("Write everything but the keys into one file, while runs go on."),
        "restore": N_("Put a backup back where no state is, or rehearse that."),
        "flow": N_("Let a suspended flow go on; try a parcel again, or drop it."),
        "plugins": N_("List and show what plugins provide."),
        "contracts": N_("List and show the contracts."),
        "tender": N_("Write a tender specification that can be measured."),
        "score": N_("Measure a bidder's sample against a tender, or compare scores."),
        "coverage": N_("Say which fields of the contracts a supplier fills and takes back."),
        "switch": N_("Change supplier: know before, move, prove after."),
        "register": N_("Draft the record of processing and the map of data flows."),
        "notice": N_("Write what persons and professionals have to be told of each flow."),
        "exit-pack": N_("Take everything along: one archive that any other software can read."),
        "completion": N_("Print the completion script of a shell."),
    },
)
"""Each command with its one line of help; its module is imported when it is used."""
FOLDERS = frozenset({"consent", "contracts", "fleet", "person", "plugins", "quarantine", "score", "switch", "tender"})
"""Commands with a folder of their own, in its module `command`."""


def locate_command(name: str) -> str:
    """Return the module that defines a command."""
    module = f"{name}.command" if name in FOLDERS else name.replace("-", "_")
    return f"passerelle.faces.cli.{module}"


@click.group(
    cls=LazyGroup,
    lines=COMMANDS,
    locate=locate_command,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_(
        "Wire social-care software together: read suppliers' exports and APIs, translate them to neutral contracts, "
        "deliver them, and account for every row."
    ),
    examples=(
        ("init", N_("prepare this folder")),
        ("check export.csv --connector compani-interventions", N_("try a file")),
        ("run", N_("run every flow once")),
    ),
)
@option(
    "--settings",
    "-s",
    "path",
    type=File(),
    default=Path("passerelle.toml"),
    show_default=True,
    envvar="PASSERELLE_SETTINGS",
    show_envvar=True,
    metavar=N_("FILE"),
    help=N_("The settings."),
)
@organisation_option
@option(
    "--lang",
    type=click.Choice(["fr", "en"]),
    expose_value=False,
    help=N_("The language of what is shown; by default that of the settings, then of the session."),
)
@option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help=N_("How the log on standard error is written; by default text on a terminal, JSON elsewhere."),
)
@click.version_option(
    package_name="passerelle-social",
    cls=Option,
    prog_name="passerelle",
    message="%(prog)s %(version)s",
    help=N_("Show the version and exit."),
)
@click.pass_obj
def program(invocation: Invocation, path: Path, log_format: Format | None) -> None:
    """Take the options that every command shares."""
    from passerelle.engine.log import configure  # noqa: PLC0415  kept out of start-up

    # here and not in `main`: by now click has imported the command, with all that stays in memory for good
    cycles.work()
    allocators.work()
    invocation.path = path
    configure(form=log_format)


def run(arguments: Sequence[str], *, language_asked: bool = False) -> int:
    """Run one command and return its exit code. Nothing is raised: every failure is shown in the reader's language."""
    invocation = Invocation(language_asked=language_asked)
    with replace_streams():
        code = _run_command(arguments, invocation)
        if dropped := count_foreign():
            from passerelle.engine.log import log  # noqa: PLC0415  kept out of start-up

            log("foreign_words_dropped", count=dropped)
    return code


def _run_command(arguments: Sequence[str], invocation: Invocation) -> int:
    try:
        code = program.main(list(arguments), prog_name="passerelle", standalone_mode=False, obj=invocation)
    except click.ClickException as failure:
        said = StringIO()
        failure.show(said)  # what was typed is in it
        show(said.getvalue(), err=True, nl=False)
        return Exit.USAGE
    except click.Abort:
        show(_("Stopped. Nothing is lost: run the same command again."), err=True)
        return Exit.STOPPED
    # BaseException: a panic of a native library is no Exception, and Python would end with code 1, and its words
    except BaseException as error:  # the last place where a fault of ours can be told without its words
        from passerelle.faces.cli import failures  # noqa: PLC0415  kept out of start-up

        if isinstance(error, PasserelleError):
            return failures.report_error(error, invocation)
        if not is_fault(error):
            raise
        return failures.report_fault(error)
    return code if isinstance(code, int) else Exit.SETTLED
