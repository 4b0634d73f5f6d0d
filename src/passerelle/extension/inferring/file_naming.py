"""What the name of a file may say of all its rows: an agency, beside a month. One name alone proves nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from passerelle.extension.inferring.name_likeness import load_lexicon, to_plain, to_stem

if TYPE_CHECKING:
    from collections.abc import Collection

_MONTH = re.compile(r"(?<![0-9])(?:20[0-9]{2}(?P<mark>[-_.]?)(?:0[1-9]|1[0-2]))(?![0-9])")
_TOKEN = re.compile(r"[^_\s.]+")
_LABELS = ("agence", "antenne", "site", "secteur", "etablissement", "etab", "ets", "ccas", "saad")
"""What stands before the name of a place."""
_LABELLED = re.compile(rf"(?i)(?<![^\W_])(?:{'|'.join(_LABELS)})(?:[-_ ]|(?=[0-9]))(?P<place>[^\W_][^_.]*)")
_PLAIN = frozenset(
    {
        "export",
        "extraction",
        "extract",
        "liste",
        "list",
        "fichier",
        "donnee",
        "data",
        "final",
        "copie",
        "csv",
        "du",
        "de",
    }
    | set(_LABELS)
    | {"mensuel", "mensuelle", "hebdo", "quotidien", "v1", "v2", "complet", "tous", "toutes", "detail", "global"}
)
AGENCY, MONTH = "Agence", "Mois"
PLACE = "organisation_ref"
"""The field that says of which place a record is."""


@dataclass(frozen=True, slots=True)
class PlaceNaming:
    """A shape for the names of such files, and the column that its rows get."""

    shape: str = ""
    sure: bool = False
    """Whether the name itself says that it is a place: «agence-nord»."""


def guess_naming(name: str, about: Collection[str]) -> PlaceNaming:
    """Return the shape of a name in which a place stands; empty when none seems to.

    `about` are words of the contract: «visites» is what the rows are, and no place.
    """
    path = PurePath(name)
    stem, ending = path.stem, path.suffix
    month = _MONTH.search(stem)
    labelled = _LABELLED.search(stem)
    if labelled and not _MONTH.match(labelled["place"]):
        start, end = labelled.span("place")
        place = _MONTH.split(stem[start:end])[0].rstrip("-_ .")
        return (
            PlaceNaming(_write_shape(stem, ending, (start, start + len(place))), sure=True) if place else PlaceNaming()
        )
    if not month:
        return PlaceNaming()
    known = _PLAIN | {to_stem(word) for phrase in about for word in to_plain(phrase).split()}
    strangers = [
        one.span()
        for one in _TOKEN.finditer(stem)
        if not (month.start() < one.end() and one.start() < month.end()) and _is_strange(one[0], known)
    ]
    return PlaceNaming(_write_shape(stem, ending, strangers[0])) if len(strangers) == 1 else PlaceNaming()


def _is_strange(token: str, known: Collection[str]) -> bool:
    words = to_plain(token).split()
    return bool(words) and not any(to_stem(word) in known or word in known or word.isdecimal() for word in words)


def _write_shape(stem: str, ending: str, place: tuple[int, int]) -> str:
    """Write the name with the place, and the month, as parts."""
    parts = [(*place, f"{{{AGENCY}}}")]
    if (month := _MONTH.search(stem)) and not (month.start() < place[1] and place[0] < month.end()):
        parts.append((*month.span(), f"{{{MONTH}:{len(month[0])}}}"))
    for start, end, part in sorted(parts, reverse=True):
        stem = f"{stem[:start]}{part}{stem[end:]}"
    return f"{stem}{ending}"


def list_about(family: str) -> tuple[str, ...]:
    """Return the words that a file of a contract may be called by."""
    return load_lexicon().about.get(family, ())
