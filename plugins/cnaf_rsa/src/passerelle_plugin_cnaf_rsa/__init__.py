"""CNAF: the RSA flow sent to the départements, household by household; read as persons, entitlements, organisations."""

from __future__ import annotations

from typing import Any

from passerelle import Connector, Supplier, Table, Where, Xml, hookimpl
from passerelle import convert as to

_SYSTEM = "cnaf-rsa"
_DAY = ("%Y-%m-%d",)

_HOUSEHOLD = "/Racine/InfosFoyerRSA"
_PERSON_PATH = f"{_HOUSEHOLD}/Personne"
_BENEFIT_PATH = f"{_PERSON_PATH}/Prestations"
_ORGANISATION_PATH = f"{_HOUSEHOLD}/IdentificationRSA/Organisme"

# Codes of the schema vrsb0801.xsd.
_TITLES = {"MME": "MME", "MR": "M"}
_SITUATIONS = {
    "CEL": "single",
    "CON": "couple",
    "DIV": "divorced",
    "MAR": "married",
    "PAC": "married",
    "SEF": "separated",
    "SEL": "separated",
    "VEU": "widowed",
}
_STATES = {
    "0": "requested",
    "1": "refused",
    "2": "open",
    "3": "suspended",
    "4": "suspended",
    "5": "closed",
    "6": "closed",
}
"""ETATDOSRSA: 1, 3, 4 and 5 as the schema documents them; 0 requested, 2 open and payable, 6 closed earlier."""


def _name_person(person: str, household: str) -> tuple[str, str, str]:
    """Return the key of a person: household file, day of birth, first name. A NIR must not be part of a reference."""
    return f"{household}IdentificationRSA/Organisme/MATRICULE", f"{person}DTNAI", f"{person}PRENOM"


_KEY = _name_person("Identification/", "../")
_STREET = tuple(
    f"../DonneesAdministratives/Adresse/AdresseDetailleeFrance/{name}" for name in ("NUMVOIE", "LIBTYPEVOIE", "NOMVOIE")
)
_COMPLEMENTS = tuple(
    f"../DonneesAdministratives/Adresse/AdresseDetailleeFrance/{name}" for name in ("COMPLIDEADR", "COMPLADR")
)
_PLACE, _POSTCODE, _TOWN, _COMMUNE = (
    f"../DonneesAdministratives/Adresse/AdresseDetailleeFrance/{name}"
    for name in ("LIEUDIST", "CODEPOS", "NOMCOM", "NUMCOM")
)
_ADDRESS = to.AddressOf(
    # NF Z10-011: complements stand above the street, the place-name below it.
    lines=(*_COMPLEMENTS, _STREET[0], _PLACE),
    postcode=_POSTCODE,
    city=_TOWN,
    commune=_COMMUNE,
    use="home",
)


def _parse_address(row: to.Row) -> Any:
    """Read an address whose street is written in three cells."""
    street = to.Joined(_STREET).parse(row)
    return street if isinstance(street, to.Fault) else _ADDRESS.parse({**row, _STREET[0]: street})


_SITUATION = "../DonneesAdministratives/SituationFamille/SITFAM"
_JOB_SEEKER = "DossierPoleEmploi/IDASSEDIC"

_PERSON = Table(
    contract="person/1",
    member="persons",
    fields={
        "ref": to.Ref(_KEY, system=_SYSTEM, entity="person", whole=True),
        "identifiers": [
            # Thirteen digits: the flow carries the NIR without its key.
            to.Identifier("Identification/NIR", system="nir"),
            to.Identifier(_KEY[0], system="caf"),
            to.Identifier(_JOB_SEEKER, system="france_travail"),
        ],
        "birth_name": to.Text("Identification/NOMNAI"),
        "usual_name": to.Text("Identification/NOM"),
        "first_names": to.Text("Identification/PRENOM"),
        "title": to.Code("Identification/QUAL", table=_TITLES, system="titles"),
        "sex": to.Code("Identification/SEXE", table={"1": "M", "2": "F"}, system="sexes"),
        "birth_date": to.PartialDate("Identification/DTNAI", formats=_DAY),
        "birth_place": to.Text("Identification/NOMCOMNAI"),
        "family_situation": to.Code(_SITUATION, table=_SITUATIONS, system="family-situations"),
        "addresses": [to.PerRecord((*_ADDRESS.columns, *_STREET[1:]), parse=_parse_address)],
    },
    carried=(
        *("Activite/*", "DossierCAF/*", "Identification/*", "MontantCalculDroitRSAPersonne/*", "Prestations/*"),
        *("Ressources/*", "../IdentificationRSA/*", "../DonneesAdministratives/*", "../PrestationRSA/*"),
    ),
    optional=(
        *("Identification/NIR", "Identification/NOMCOMNAI", "Identification/NOMNAI", _JOB_SEEKER, _SITUATION),
        *_ADDRESS.columns,
        *_STREET,
    ),
)

_OWNER = _name_person("../Identification/", "../../")
_FILE = "../../IdentificationRSA/"
_STATE = "../../PrestationRSA/SituationDossierRSA/"
_SUSPENDED = (f"{_STATE}SuspensionDroit/MOTISUSDRORSA", f"{_STATE}SuspensionVersement/MOTISUSVERSRSA")
_ENDED = (f"{_STATE}FinDroit/MOTICLORSA", f"{_STATE}FinDroit/DTCLORSA")
_REFUSED = f"{_STATE}Refus/DTREFURSA"

_BENEFIT: dict[str, to.Converter] = {
    "ref": to.Ref((*_OWNER, "NATPREST"), system=_SYSTEM, entity="entitlement", whole=True),
    "person_ref": to.Ref(_OWNER, system=_SYSTEM, entity="person", whole=True),
    "type": to.Code("NATPREST", system="cnaf-natprest", labels={"RSA": "Revenu de solidarité active"}),
    "holder_number": to.Text(f"{_FILE}Organisme/MATRICULE"),
    "payer": to.Joined((f"{_FILE}Organisme/FONORG", f"{_FILE}Organisme/NUMORG")),
}
_BENEFIT_CARRIED = ("ROLEPERS", "TOPCHAPERS", f"{_FILE}*", "../../PrestationRSA/*")

_BENEFITS = (
    Table(
        contract="entitlement/1",
        member="entitlements",
        where=(Where("NATPREST", ("RSA",)),),
        fields={
            **_BENEFIT,
            "status": to.Word(f"{_STATE}EtatDossierRSA/ETATDOSRSA", table=_STATES),
            # A suspended right goes before a suspended payment: two elements, of which one field tells the reason.
            "suspension_reason": to.FirstOf(
                to.Code(_SUSPENDED[0], system="cnaf-motisusdrorsa"),
                to.Code(_SUSPENDED[1], system="cnaf-motisusversrsa"),
            ),
            "closing_reason": to.Code(_ENDED[0], system="cnaf-moticlorsa"),
            "closed_on": to.Date(_ENDED[1], formats=_DAY),
            "decided_on": to.Date(_REFUSED, formats=_DAY),
            "decision_number": to.Text(f"{_FILE}DemandeRSA/NUMDEMRSA"),
        },
        carried=_BENEFIT_CARRIED,
        optional=(*_SUSPENDED, *_ENDED, _REFUSED),
    ),
    Table(
        contract="entitlement/1",
        member="entitlements",
        where=(Where("NATPREST", ("RSA",), negated=True),),
        fields={**_BENEFIT, "type": to.Code("NATPREST", system="cnaf-natprest")},
        carried=_BENEFIT_CARRIED,
    ),
)

_ORGANISATION = Table(
    contract="organisation/1",
    member="organisations",
    fields={
        "ref": to.Ref(("FONORG", "NUMORG"), system=_SYSTEM, entity="organisation", whole=True),
        "name": to.Joined(("FONORG", "NUMORG")),
        # Codes are padded with spaces in the flow (`CG `); cells come stripped, so that they are found.
        "kind": to.Code("FONORG", table={"CAF": "family_fund"}, system="organisation-kinds"),
    },
    waived={"MATRICULE": "numéro du dossier d'un foyer : il est lu avec les personnes de ce foyer"},
)

FLOW = Connector(
    id="cnaf-rsa-flux",
    title="CNAF : flux RSA (XML)",
    dialect=Xml(
        rows={_PERSON_PATH: "persons", _BENEFIT_PATH: "entitlements", _ORGANISATION_PATH: "organisations"},
        above={
            _PERSON_PATH: ("..", "../IdentificationRSA/Organisme"),
            _BENEFIT_PATH: (
                *("../Identification/DTNAI", "../Identification/PRENOM"),
                *("../../IdentificationRSA/Organisme", "../../IdentificationRSA/DemandeRSA", "../../PrestationRSA"),
            ),
        },
        # vrsb0801.xsd has no target namespace.
        namespaces=("",),
    ),
    unread={
        "/Racine/IdentificationFlux": "en-tête du flux : application et date de référence",
        "/Racine/TransmissionFlux": "pied du flux : nombre de foyers transmis",
    },
    tables=(_PERSON, *_BENEFITS, _ORGANISATION),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [Supplier(id=_SYSTEM, title="CNAF, flux RSA", website="https://www.caf.fr", connectors=(FLOW,))]
