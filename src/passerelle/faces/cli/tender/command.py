"""`passerelle tender`: write a cahier des charges that can be measured."""

from __future__ import annotations

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.tender.build import build
from passerelle.faces.cli.tender.new import new
from passerelle.vocabulary.language import N_


@translated_click.group(
    "tender",
    help=N_("Write a tender specification from the contracts: numbered requirements that a sample can be held to."),
    examples=(
        ("tender new consultation --trade saad --yes", N_("begin from what a trade usually asks for")),
        ("tender build consultation", N_("write document, grid and bidder's kit")),
    ),
)
def command() -> None:
    """Hold the commands below."""


command.add_command(new)
command.add_command(build)
