"""`passerelle person`: find somebody, say what is known of them, erase it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "find": N_("Make the reference from the supplier's own id, or from a row in quarantine."),
        "show": N_("Say what is known of somebody: flows, counts, answers; no value."),
        "seen": N_("Say who read records of somebody through the live API, when and what for."),
        "export": N_("Answer a request for access: a page in plain words, or data."),
        "erase": N_("Erase all that is held of persons, at recipients and in older copies too."),
    },
)
"""Each command below with its one line of help; its module has its name and is imported when it is used."""


command = translated_click.LazyGroup(
    "person",
    lines=COMMANDS,
    locate="passerelle.faces.cli.person.{}".format,
    help=N_("One person or professional: their reference, what is known of them here, and its erasure."),
    examples=(
        ('person find 66f0b1d2 --why "…"', N_("the references that this id makes")),
        ("person show compani:person:66f0b1d2", N_("flows, counts and answers")),
        ("person erase - --why 'asked in writing' < references.txt", N_("everybody in the file")),
    ),
)
