"""`passerelle switch`: know before, move, compare, prove."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.faces.cli import translated
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "plan": N_("Say what the new software would hold, and what must be decided."),
        "compare": N_("Compare both softwares and name every difference."),
        "run": N_("Move what is new or changed to the new software."),
        "prove": N_("Write a signed dossier of what was moved and compared."),
        "verify": N_("Check a dossier, and the exports that it speaks of."),
        "keygen": N_("Make a key to sign dossiers with."),
        "rollback": N_("Take a move back, as far as the new software lets us."),
    },
)
"""Each command below with its one line of help; its module has its name and is imported when it is used."""


class SwitchGroup(translated.Group):
    """Knows its commands by name and imports each one when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """List the commands in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import the module of a command."""
        if name not in COMMANDS:
            return None
        found: click.Command = import_module(f"passerelle.faces.cli.switch.{name}").command
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(words)) for name, words in COMMANDS.items()])


command = SwitchGroup(
    "switch",
    help=N_(
        "Change of supplier: both softwares are read back to the same contracts, so that what would be lost is known "
        "before, and what was lost is named after. «switch.toml», beside the settings, says what each side holds."
    ),
    examples=(
        ("switch plan --from compani --to generic-telegestion", N_("by the two descriptions alone")),
        ("switch plan bascule --worksheet decisions.xlsx", N_("weighed by the exports, with what must be decided")),
        ("switch compare bascule", N_("what differs, once everything is moved")),
    ),
)
