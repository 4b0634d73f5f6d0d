"""The files of professionals, structures and orientation officers."""

from __future__ import annotations

from passerelle import Table, Where
from passerelle import convert as to

SYSTEM = "carnet-de-bord"
EMAIL = "email"
CUTS = (",", "/", ";")
"""What separates several numbers of a cell: the application cuts at commas, people write slashes as well."""
_MAIL = "Courriel*"


# References stand last in the tables: their columns hold a name or an address, and what a record says of these goes
# before its reference, which is another software's when records are moved here.


def refer_to_organisation(column: str) -> to.Ref:
    """Return the reference of a structure: its name, as the files have no other key and beneficiaries refer by it."""
    return to.Ref(column, system=SYSTEM, entity="organisation")


def refer_to_professional(column: str) -> to.Ref:
    """Return the reference of a professional: their e-mail address, the key of the files."""
    return to.Ref(column, system=SYSTEM, entity="professional")


PROFESSIONALS = (
    Table(
        contract="professional/1",
        fields={
            "last_name": to.Text("Nom*"),
            "first_name": to.Text("Prénom*"),
            "role": to.Code("Fonction"),
            "telecoms": [to.Telecom("Téléphone", separators=CUTS), to.Telecom(_MAIL, kind=EMAIL, separators=CUTS)],
            "ref": refer_to_professional(_MAIL),
        },
        optional=("Fonction", "Téléphone"),
    ),
)

ORIENTATION = (
    Table(
        contract="professional/1",
        fields={
            "last_name": to.Text("Nom"),
            "first_name": to.Text("Prénom"),
            "role": to.Constant(
                {"code": "orientation", "system": f"{SYSTEM}/roles", "label": "Chargé d'orientation", "original": None}
            ),
            "telecoms": [to.Telecom("Téléphones", separators=CUTS), to.Telecom(_MAIL, kind=EMAIL, separators=CUTS)],
            "ref": refer_to_professional(_MAIL),
        },
        optional=("Nom", "Prénom", "Téléphones"),
    ),
)

_STRUCTURE: dict[str, to.Converter | list[to.Converter]] = {
    "name": to.Text("Nom"),
    "identifiers": [to.Identifier("Siret", system="siret")],
    "telecoms": [
        to.Telecom("Téléphones", separators=CUTS),
        to.Telecom("Courriel", kind=EMAIL, separators=CUTS),
        to.Telecom("Site web", kind="url"),
    ],
    "addresses": [to.AddressOf(lines=("Adresse", "Adresse (complément)"), postcode="Code postal", city="Ville")],
    "comment": to.Text("Description"),
    # The template file lists a structure once for each person in charge: by its name it stays one record.
    "ref": refer_to_organisation("Nom"),
}

_HEAD_MAIL = "Courriel responsable"
_HEAD: dict[str, to.Converter | list[to.Converter]] = {
    "last_name": to.Text("Nom responsable"),
    "first_name": to.Text("Prénom responsable"),
    "role": to.Code("Fonction responsable"),
    "organisation_ref": refer_to_organisation("Nom"),
    "telecoms": [
        to.Telecom("Téléphones responsable", separators=CUTS),
        to.Telecom(_HEAD_MAIL, kind=EMAIL, separators=CUTS),
    ],
    "ref": refer_to_professional(_HEAD_MAIL),
}
_OF_HEAD = (
    "Prénom responsable",
    "Nom responsable",
    "Fonction responsable",
    "Téléphones responsable",
)
_OF_STRUCTURE = (
    *("Description", "Téléphones", "Adresse", "Adresse (complément)", "Code postal"),
    *("Ville", "Site web", "Courriel", "Siret"),
)
_OPTIONAL = (*_OF_STRUCTURE, *_OF_HEAD, _HEAD_MAIL)
"""Columns that a file may leave out: of a structure the name alone tells it from others."""
_WITHOUT_HEAD, _WITH_HEAD = Where.empty(_HEAD_MAIL), Where.holds(_HEAD_MAIL)

STRUCTURES = (
    Table(
        contract="organisation/1",
        where=(_WITH_HEAD,),
        fields=_STRUCTURE,
        waived=dict.fromkeys((*_OF_HEAD, _HEAD_MAIL), "la personne responsable est un enregistrement à part"),
        optional=_OPTIONAL,
    ),
    Table(contract="organisation/1", where=(_WITHOUT_HEAD,), fields=_STRUCTURE, carried=_OF_HEAD, optional=_OPTIONAL),
    Table(
        contract="professional/1",
        where=(_WITH_HEAD,),
        fields=_HEAD,
        waived=dict.fromkeys(_OF_STRUCTURE, "la structure est un enregistrement à part"),
        optional=_OPTIONAL,
    ),
)
"""A person in charge without an e-mail address has no key: their columns are carried with the structure."""
