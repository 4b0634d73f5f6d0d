"""`passerelle organisation list`: who is part of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from passerelle.faces.cli.exits import Exit


@translated_click.command(
    "list",
    help=N_("List the organisations, and say what is wrong with the settings of each."),
    examples=(("organisation list", N_("all of them")),),
)
@answer_format
@pass_invocation
def command(invocation: Invocation) -> Exit:
    """List the organisations."""
    from passerelle.faces.cli.over_all import list_all  # noqa: PLC0415  help does without it

    return list_all(invocation, invocation.read_installation())
