"""click's commands and options, with words that are translated when they are shown, not when they are declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from gettext import gettext
from pathlib import Path
from typing import Any

import click

from passerelle.vocabulary.language import N_, _

Examples = Sequence[tuple[str, str]]
"""What to type, and what it does (marked with `N_`)."""

WORDS_OF_CLICK = (N_("required"),)
"""Words that click translates although it never names them to the extractor."""


class _Later:
    """An attribute that keeps an English sentence of the catalogue and gives it in the reader's language."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, _kind: type) -> str | None:
        message = vars(owner).get(self._name)
        return _(message) if message else message

    def __set__(self, owner: Any, message: str | None) -> None:
        vars(owner)[self._name] = message


class Option(click.Option):
    """An option; `help` and `metavar` are marked with `N_`."""

    help = _Later()
    metavar = _Later()


class Argument(click.Argument):
    """An argument; `help` and `metavar` are marked with `N_`."""

    help = _Later()
    metavar = _Later()


class File(click.Path):
    """The path of a file; named in the language of now: click chooses the name when the type is made."""

    def __init__(self, *, exists: bool = False) -> None:
        super().__init__(exists=exists, dir_okay=False, path_type=Path)

    @property
    def name(self) -> str:
        """Say what kind of path it is, for error messages."""
        return gettext("file")

    @name.setter
    def name(self, _chosen: str) -> None:
        """Leave aside what click chooses."""


class Formatter(click.HelpFormatter):
    """Writes headings with the colon of the reader's language."""

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        words = _("{heading}:").format(heading=heading)
        self.write(f"{'':>{self.current_indent}}{words}\n")


class Context(click.Context):
    """The context of a command, with our formatter."""

    formatter_class = Formatter


class Command(click.Command):
    """A command with examples; `help` is marked with `N_`."""

    context_class = Context
    help = _Later()
    options_metavar = _Later()

    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", N_("[OPTIONS]"))
        super().__init__(*args, **kwargs)
        self.examples = examples

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give the help option, in the language of now: click keeps the one it makes first."""
        option = super().get_help_option(ctx)
        if option is not None:
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
    subcommand_metavar = _Later()  # type: ignore[assignment]  # given by the constructor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("subcommand_metavar", N_("COMMAND [ARGUMENTS]..."))
        super().__init__(*args, **kwargs)


command = partial(click.command, cls=Command)


def group(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Group]:
    """Declare a group, as `click.group` does."""
    return click.group(name, cls=Group, **attributes)


option = partial(click.option, cls=Option)
argument = partial(click.argument, cls=Argument)
