"""click's commands and options, with sentences translated when they are shown, not when they are declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from gettext import gettext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

Examples = Sequence[tuple[str, str]]
"""What to type, and what it does (marked with `N_`)."""

WORDS_OF_CLICK = (N_("required"),)
"""Words that click translates although it never names them to the extractor."""


class _TranslatedText:
    """A descriptor that keeps an English sentence of the catalogue and returns it in the reader's language."""

    # commands are declared at import, before anybody knows the language: so it is looked up at each access
    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, _kind: type) -> str | None:
        message = vars(owner).get(self._name)
        return _(message) if message else message

    def __set__(self, owner: Any, message: str | None) -> None:
        vars(owner)[self._name] = message


class Option(click.Option):
    """An option; `help` and `metavar` are marked with `N_`."""

    help = _TranslatedText()
    metavar = _TranslatedText()


class Argument(click.Argument):
    """An argument; `help` and `metavar` are marked with `N_`."""

    help = _TranslatedText()
    metavar = _TranslatedText()


class File(click.Path):
    """The path of a file, named in the current language."""

    def __init__(self, *, exists: bool = False) -> None:
        super().__init__(exists=exists, dir_okay=False, path_type=Path)

    # click fixes the name when the type is made, at import, before the settings have chosen the language
    @property
    def name(self) -> str:
        """Return what kind of path it is, for error messages."""
        return gettext("file")

    @name.setter
    def name(self, _chosen: str) -> None:
        """Ignore the name that click chooses."""


class Formatter(click.HelpFormatter):
    """Writes headings with the colon of the reader's language."""

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        words = _("{heading}:").format(heading=heading)
        self.write(f"{'':>{self.current_indent}}{words}\n")


class Context(click.Context):
    """The context of a command, with our formatter."""

    # click has no other way to give a formatter to all commands
    formatter_class = Formatter


class Command(click.Command):
    """A command with examples; `help` is marked with `N_`."""

    context_class = Context
    help = _TranslatedText()
    options_metavar = _TranslatedText()

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", N_("[OPTIONS]"))
        super().__init__(*args, **kwargs)
        self.examples = examples

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option in the current language."""
        option = super().get_help_option(ctx)
        if option is not None:
            # click caches the option with the text of the language in which it was made first
            option.help = gettext("Show this message and exit.")
        return option

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples last: what to type, then what it does."""
        with formatter.section(_("Examples")):
            for line, effect in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{ctx.find_root().info_name} {line}\n")
                with formatter.indentation(), formatter.indentation():
                    formatter.write_text(_(effect))


class Group(Command, click.Group):
    """A command with commands of its own."""

    command_class = Command
    subcommand_metavar = _TranslatedText()  # type: ignore[assignment]  # given by the constructor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("subcommand_metavar", N_("COMMAND [ARGUMENTS]..."))
        super().__init__(*args, **kwargs)


class LazyGroup(Group):
    """A group that knows its commands by name and imports the module of one when it is called.

    `lines` holds the one line of help of each command, in the order in which people meet them; `locate` returns the
    module that defines a command, under the name `command`.
    """

    def __init__(self, *args: Any, lines: Mapping[str, str], locate: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = lines
        self._locate = locate

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """List the commands in the order in which people meet them."""
        return list(self._lines)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import the module of a command."""
        if name not in self._lines:
            return None
        found: click.Command = import_module(self._locate(name)).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command by name. Raises NoSuchCommand with the names that look like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # click looks for similar names among the commands it holds: none before they are imported
            raise click.NoSuchCommand(error.command_name, possibilities=self._lines, ctx=ctx) from None

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, line in self._lines.items()])


command = partial(click.command, cls=Command)


def group(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Group]:
    """Declare a group, as `click.group` does."""
    return click.group(name, cls=Group, **attributes)


option = partial(click.option, cls=Option)
argument = partial(click.argument, cls=Argument)
