"""What a command is given: the settings, the open workspace, and how to answer."""

from __future__ import annotations

import getpass
import json
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from passerelle.faces.cli.display_language import speak
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.translated_click import File, option
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import escape_unseen
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import OWNER, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.plugins import Plugins

Command = TypeVar("Command", bound="Callable[..., Any]")


@dataclass(slots=True)
class Invocation:
    """One call of the program. Heavy parts are imported when a command asks for them, so that help stays quick."""

    path: Path = Path("passerelle.toml")
    language_asked: bool = False
    form: str = "text"
    """`text` for people, `json` for programs."""
    organisations: tuple[str, ...] = ()
    """The organisations that were named, of an installation of several."""
    _settings: Settings | None = field(default=None, repr=False)

    def read_settings(self) -> Settings:
        """Read the settings once, and speak the language they ask for unless the caller asked for another.

        Raises UsageError where they are of several organisations, and not exactly one was named.
        """
        from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  kept out of start-up

        if self._settings is None:
            self._choose_organisation()
            self._settings = load_settings(self.path)
            self._speak_like(self._settings.language)
        return self._settings

    def find_installation(self) -> Installation | None:
        """Return the installation whose organisations a command goes through; None when it is about one alone.

        That is so with settings of one organisation, and where one organisation of several was named. Raises UsageError
        when organisations were named and the settings know none.
        """
        from passerelle.engine.settings.installation_settings import (  # noqa: PLC0415  kept out of start-up
            read_installation,
        )

        installation = read_installation(self.path)
        if installation is None and self.organisations:
            raise UsageError("usage.organisation.alone")
        if installation is None or len(set(self.organisations)) == 1:
            return None
        self._speak_like(installation.shared.language)
        return installation

    def read_installation(self) -> Installation:
        """Read the settings of an installation. Raises UsageError `usage.installation.none` when they are none."""
        from passerelle.engine.settings.installation_settings import (  # noqa: PLC0415  kept out of start-up
            read_installation,
        )

        installation = read_installation(self.path)
        if installation is None:
            raise UsageError("usage.organisation.alone" if self.organisations else "usage.installation.none")
        self._speak_like(installation.shared.language)
        return installation

    def choose_named(self, name: str) -> None:
        """Go to the settings of the organisation of that name in a shared journal, where these are of several."""
        from passerelle.engine.settings.installation_settings import (  # noqa: PLC0415  kept out of start-up
            read_installation,
        )

        installation = read_installation(self.path)
        if installation is not None and not self.organisations:
            from passerelle.engine.organisations.members import find_member  # noqa: PLC0415  most have one alone

            self.organisations = (find_member(installation, name),)

    def _choose_organisation(self) -> None:
        """Go to the settings of the one organisation that was named, where these are of several."""
        from passerelle.engine.settings.installation_settings import (  # noqa: PLC0415  kept out of start-up
            read_installation,
        )

        installation = read_installation(self.path)
        if installation is not None:
            from passerelle.engine.organisations.members import choose_member  # noqa: PLC0415  most have one alone

            member = choose_member(installation, self.organisations)
            if member.mistake is not None:
                raise member.mistake
            self.path, self.organisations = member.path, ()
        elif self.organisations:
            raise UsageError("usage.organisation.alone")

    def _speak_like(self, language: str | None) -> None:
        if language and not self.language_asked:
            speak(language)

    @property
    def has_settings(self) -> bool:
        """Whether the settings were read."""
        return self._settings is not None

    def load_plugins(self) -> Plugins:
        """Load the plugins that the settings allow; all that are installed where there are no settings."""
        from passerelle.engine.workspace.assembly import load_workspace_plugins  # noqa: PLC0415  kept out of start-up
        from passerelle.extension.loading import load_plugins  # noqa: PLC0415  kept out of start-up

        # `check`, `plugins` and `score` work in an empty folder: settings are not asked of who tries a file
        return load_workspace_plugins(self.read_settings()) if self.path.exists() else load_plugins()

    def open_workspace(self) -> AbstractContextManager[Workspace]:
        """Open the workspace of the settings: journal, depot, quarantine, plugins."""
        from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  kept out of start-up

        return open_workspace(self.read_settings())

    def answer(self, command: str, content: Mapping[str, Any], text: Callable[[], str]) -> None:
        """Write the answer on standard output: `content` as versioned JSON, or `text` for people."""
        if self.form == "json":
            show(format_document(command, content))
        else:
            show(text())


def format_document(command: str, content: Mapping[str, Any]) -> str:
    """Write an answer as versioned JSON."""
    return escape_unseen(json.dumps({"schema": f"passerelle.{command}/1", **content}, ensure_ascii=False, indent=2))


def write_answer(output: Path | None, answer: str, rights: int = OWNER) -> None:
    """Show an answer, or write it to a file with some rights. Raises UsageError when it cannot be written."""
    if output is None:
        show(answer)
        return
    with refuse_unreadable(output):
        write_whole(output, answer + "\n", rights)


def name_operator() -> str:
    """Return who is acting, for the audit trail: the account of the system."""
    try:
        return getpass.getuser()
    # a container may run under a number that no account has; KeyError until Python 3.12, OSError from 3.13 on
    except (OSError, KeyError, ImportError):
        return "?"


def _choose_form(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    # kept before the command runs: its errors are then answered as JSON as well
    ctx.ensure_object(Invocation).form = value
    return value


def _choose_organisations(ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    invocation = ctx.ensure_object(Invocation)
    invocation.organisations += names
    return names


pass_invocation = click.make_pass_decorator(Invocation)
organisation_option = option(
    "--organisation",
    multiple=True,
    expose_value=False,
    callback=_choose_organisations,
    metavar=N_("NAME"),
    help=N_("Only this organisation, of an installation of several; may be repeated."),
)
answer_format = option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    expose_value=False,
    callback=_choose_form,
    help=N_("Answer as text for people, or as JSON for programs."),
)
why_kept = option("--why", default="", metavar=N_("SENTENCE"), help=N_("Why; kept in the audit trail."))

_form = option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help=N_("Text for people, JSON for programs, HTML for a page that stands alone."),
)
_output = option(
    "--output",
    type=File(),
    metavar=N_("FILE"),
    help=N_("Write the answer there instead of showing it."),
)


def add_page_options(command: Command) -> Command:
    """Add the options that say how a report is written and where to: the arguments `form` and `output`."""
    return _form(_output(command))
