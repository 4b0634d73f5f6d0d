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
from passerelle.vocabulary.formatting import escape_unseen
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import OWNER, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

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
    _settings: Settings | None = field(default=None, repr=False)

    def read_settings(self) -> Settings:
        """Read the settings once, and speak the language they ask for unless the caller asked for another."""
        from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  kept out of start-up

        if self._settings is None:
            self._settings = load_settings(self.path)
            if self._settings.language and not self.language_asked:
                speak(self._settings.language)
        return self._settings

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


pass_invocation = click.make_pass_decorator(Invocation)
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
