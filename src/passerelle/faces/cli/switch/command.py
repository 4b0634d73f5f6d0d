"""`passerelle switch`: know before, move, compare, prove."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


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


command = translated_click.LazyGroup(
    "switch",
    lines=COMMANDS,
    locate="passerelle.faces.cli.switch.{}".format,
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
