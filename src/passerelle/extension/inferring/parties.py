"""Find the columns that speak of somebody else than the contract is about: they never fill its subject's own fields.

The telephone of a referent or a helper is personal data of that person: given to the beneficiary, it would be kept,
sent and disclosed as the beneficiary's. When nothing says whose it is, a person must.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from passerelle.extension.inferring.name_likeness import has_stem, list_variants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.slots import ColumnSlot

_OWN = {
    "person": ("usager",),
    "related_contact": ("contact", "aidant", "proche", "urgence", "tuteur", "prévenir", "contacter", "entourage"),
    "professional": ("salarié",),
    "organisation": ("structure",),
}
"""The subject of a contract, by its family."""
_OTHERS = [
    "référent",
    "responsable",
    "directeur",
    "infirmier",
    "kiné",
    "curateur",
    "mandataire",
    "conjoint",
    "époux",
    "épouse",
    "fille",
    "fils",
    "parent",
    "enfant",
    "voisin",
    "prescripteur",
    "correspondant",
    "représentant",
    "délégué",
    "notaire",
    "hôpital",
    "pharmacie",
    "médecin",
    "traitant",
    "employeur",
    "financeur",
    "fournisseur",
    "père",
    "mère",
    "frère",
    "soeur",
    "famille",
    "service",
    "bailleur",
    "propriétaire",
]
_EXCEPT = ("situation", "nombre", "lien", "lieu", "charge", "familiale", "composition")
"""Words that make a column speak of the subject although a party is named: «nombre d'enfants»."""
_OF_SUBJECT = frozenset(
    {
        "telecoms",
        "addresses",
        "identifiers",
        "birth_name",
        "usual_name",
        "first_names",
        "used_first_name",
        "title",
        "sex",
    }
    | {"birth_date", "birth_place", "last_name", "first_name", "name", "legal_name"}
)
_CONTACT = ("phone", "email")
_NAMES = frozenset({"nom", "prenom"})


@cache
def _stem_all(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem for word in words for stem in list_variants(word)[0])


def is_of_subject(slot: ColumnSlot, family: str) -> bool:
    """Whether a slot holds what only the subject of a contract may fill: its names, numbers, addresses."""
    return slot.field in _OF_SUBJECT and family in _OWN


def find_foreign(columns: Mapping[str, Evidence], family: str) -> frozenset[str]:
    """Return the columns that speak of another party than the subject, or stand bare where another is spoken of."""
    if family not in _OWN:
        return frozenset()
    own = _stem_all(_OWN[family])
    named = {column: _find_parties(column) for column in columns}
    # «Personne à prévenir» is somebody else; a contact is called by whose contact it is as well.
    foreign = {
        column
        for column, parties in named.items()
        if (parties and not parties & own if family == "related_contact" else parties - own)
    }
    bare = [column for column in columns if not named[column] and is_contact(column, columns[column])]
    plain = {column for column in columns if named[column] and column not in foreign}
    if others := _find_bare_names(named, plain):
        # The bare names are somebody else's: whose the bare contacts are, only a person knows.
        return frozenset(foreign) | others | frozenset(bare)
    return frozenset(foreign) | {one for one in bare if _is_among(one, list(columns), bare, foreign, plain)}


def is_personal(column: str, seen: Evidence) -> bool:
    """Whether a column names or reaches somebody."""
    return has_stem(column, _NAMES) or is_contact(column, seen)


def _find_bare_names(named: Mapping[str, frozenset[str]], own: set[str]) -> frozenset[str]:
    """Return the bare names that a column of the subject says again: «Nom» beside «Nom usager» is somebody else's."""
    said = {frozenset(list_variants(column)[0]) - named[column] for column in own}
    bare = {column: frozenset(list_variants(column)[0]) for column, parties in named.items() if not parties}
    return frozenset(column for column, words in bare.items() if words <= _NAMES and words in said)


def _find_parties(column: str) -> frozenset[str]:
    words = frozenset(list_variants(column)[0])
    if words & _stem_all(_EXCEPT) - _stem_all(("nom famille",)) or _stem_all(("nom famille",)) <= words:
        return frozenset()
    return words & (_stem_all(tuple(_OTHERS)) | _stem_all(tuple(word for own in _OWN.values() for word in own)))


def is_contact(column: str, seen: Evidence) -> bool:
    """Whether a column holds telephones or addresses of mail, by its name or its cells."""
    words = {word for variant in list_variants(column) for word in variant}
    spoken = bool(words & {"telephon", "mobil", "email", "fax"})
    return spoken or (any(seen.share(kind) > 0.6 for kind in _CONTACT) and "numero" not in words)


def _is_among(column: str, columns: list[str], bare: list[str], foreign: set[str], own: set[str]) -> bool:
    """Whether the column before it (or, at the head of the file, behind it) that is no contact is another party's."""
    place = columns.index(column)
    before = [name for name in columns[:place] if name not in bare]
    behind = [name for name in columns[place + 1 :] if name not in bare]
    near = before[-1] if before else next(iter(behind), "")
    # A file that names two parties column by column leaves a bare contact to neither of them.
    return near in foreign or bool(foreign and own and not before)
