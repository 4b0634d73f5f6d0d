"""`passerelle organisation`: who is part of an installation of several, and what is done to one as a whole."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "add": N_("Make the folder of an organisation: commented settings, key, folders. Replaces nothing."),
        "list": N_("List the organisations, and say what is wrong with the settings of each."),
        "shred": N_("Destroy the key of an organisation: nothing of it opens again."),
        "rotate-key": N_("Make a new key of the installation, which locks those of all organisations."),
    },
)
"""Each command below with its one line of help; its module is `organisation_` and its name."""


def locate_command(name: str) -> str:
    """Return the module that defines a command."""
    return f"passerelle.faces.cli.organisation_{name.replace('-', '_')}"


command = translated_click.LazyGroup(
    "organisation",
    lines=COMMANDS,
    locate=locate_command,
    help=N_("Organisations of an installation, each in a folder of its own, or in a journal that several share."),
    examples=(
        ("organisation add una-35", N_("make the folder of one")),
        ("organisation shred una-35 --why 'fin de son adhésion'", N_("the name is asked for again")),
        ("organisation rotate-key --why 'poste cédé hier'", N_("then copy the key file to all machines")),
    ),
)
