"""The files of professionals, structures and orientation officers."""

from __future__ import annotations

from passerelle import Table, Where
from passerelle import convert as to

SYSTEM = "carnet-de-bord"
EMAIL = "email"
_MAIL = "Courriel*"


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
            "ref": refer_to_professional(_MAIL),
            "last_name": to.Text("Nom*"),
            "first_name": to.Text("Prénom*"),
            "role": to.Code("Fonction"),
            "telecoms": [to.Telecom("Téléphone"), to.Telecom(_MAIL, kind=EMAIL)],
        },
    ),
)

ORIENTATION = (
    Table(
        contract="professional/1",
        fields={
            "ref": refer_to_professional(_MAIL),
            "last_name": to.Text("Nom"),
            "first_name": to.Text("Prénom"),
            "role": to.Constant(
                {"code": "orientation", "system": f"{SYSTEM}/roles", "label": "Chargé d'orientation", "original": None}
            ),
            "telecoms": [to.Telecom("Téléphones"), to.Telecom(_MAIL, kind=EMAIL)],
        },
    ),
)

_STRUCTURE: dict[str, to.Converter | list[to.Converter]] = {
    # The template file lists a structure once for each person in charge: by its name it stays one record.
    "ref": refer_to_organisation("Nom"),
    "name": to.Text("Nom"),
    "identifiers": [to.Identifier("Siret", system="siret")],
    "telecoms": [
        to.Telecom("Téléphones"),
        to.Telecom("Courriel", kind=EMAIL),
        to.Telecom("Site web", kind="url"),
    ],
    "addresses": [to.AddressOf(lines=("Adresse", "Adresse (complément)"), postcode="Code postal", city="Ville")],
    "comment": to.Text("Description"),
}

_HEAD_MAIL = "Courriel responsable"
_HEAD: dict[str, to.Converter | list[to.Converter]] = {
    "ref": refer_to_professional(_HEAD_MAIL),
    "last_name": to.Text("Nom responsable"),
    "first_name": to.Text("Prénom responsable"),
    "role": to.Code("Fonction responsable"),
    "organisation_ref": refer_to_organisation("Nom"),
    "telecoms": [to.Telecom("Téléphones responsable"), to.Telecom(_HEAD_MAIL, kind=EMAIL)],
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
_WITHOUT_HEAD, _WITH_HEAD = Where(_HEAD_MAIL, ("",)), Where(_HEAD_MAIL, ("",), negated=True)

STRUCTURES = (
    Table(
        contract="organisation/1",
        where=(_WITH_HEAD,),
        fields=_STRUCTURE,
        waived=dict.fromkeys((*_OF_HEAD, _HEAD_MAIL), "the person in charge is a record of their own"),
    ),
    Table(contract="organisation/1", where=(_WITHOUT_HEAD,), fields=_STRUCTURE, carried=_OF_HEAD),
    Table(
        contract="professional/1",
        where=(_WITH_HEAD,),
        fields=_HEAD,
        waived=dict.fromkeys(_OF_STRUCTURE, "the structure is a record of its own"),
    ),
)
"""A person in charge without an e-mail address has no key: their columns are carried with the structure."""
