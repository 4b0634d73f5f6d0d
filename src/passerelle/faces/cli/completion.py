"""`passerelle completion`: the script that makes a shell propose commands, options and flows."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.vocabulary.language import N_

VARIABLE = "_PASSERELLE_COMPLETE"
"""How the script calls the program back; the name that click derives from `passerelle`."""


@translated_click.command(
    "completion",
    help=N_("Print the completion script of a shell, to be read by it at start-up."),
    examples=(("completion bash > ~/.local/share/bash-completion/completions/passerelle", N_("for bash")),),
)
@translated_click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help=N_("The shell."))
@click.pass_context
def command(ctx: click.Context, shell: str) -> Exit:
    """Print a completion script."""
    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(ctx.find_root().command, {}, "passerelle", VARIABLE).source())
    return Exit.SETTLED
