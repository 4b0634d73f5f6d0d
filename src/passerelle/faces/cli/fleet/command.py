"""`passerelle fleet`: work on several machines, each flow at its turn."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.faces.cli import translated_click
from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "work": N_("Be one of the workers, until a signal comes."),
        "status": N_("Count the flows that are due, the turns in hand and the workers."),
        "sweep": N_("Ring for every flow that is due and for which nobody rings."),
        "move": N_("Carry a journal into one that is shared, or back into a file."),
        "carry": N_("Carry received files into an object store, into a folder, or elsewhere."),
    },
)
"""Each command below with its one line of help; its module has its name and is imported when it is used."""


command = translated_click.LazyGroup(
    "fleet",
    lines=COMMANDS,
    locate="passerelle.faces.cli.fleet.{}".format,
    help=N_(
        "Several machines work on the same flows: each takes the turn of a flow, a slice of it, then that of the next. "
        "The journal, on PostgreSQL, says what is done; a worker that dies or freezes loses its turn and nothing else."
    ),
    examples=(
        ("fleet work --turns 4", N_("a worker with four turns at the same time")),
        ("fleet status --format json", N_("how they are, for a program")),
        (
            "fleet move --from etat --to env:PASSERELLE_JOURNAL --organisation una-35 --key installation.cle",
            N_("from a file into a shared journal"),
        ),
    ),
)
