"""A département's export like IODAS's: one row per beneficiary of RSA, their follow-up and their appointment."""

from __future__ import annotations

from passerelle import Connector, Csv, Supplier, Table, Where, Xlsx, hookimpl
from passerelle import convert as to

from .towns import ADDRESS, TOWN

_SYSTEM = "iodas-like"

_DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
"""Days as the CSV writes them, then as true dates of a worksheet are read."""
_MOMENTS = ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M")

_TITLES = {"M.": "M", "M": "M", "Monsieur": "M", "Mme": "MME", "Madame": "MME"}
_CASE_STATUS = {"En cours": "open", "Suspendu": "suspended", "Sorti": "closed"}
_APPOINTMENT_STATUS = {
    "Prévu": "planned",
    "Honoré": "attended",
    "Excusé": "excused",
    "Non honoré": "missed",
    "Annulé": "cancelled",
}
_INTERACTION_STATUS = {
    "Prévu": "todo",
    "Honoré": "done",
    # An interaction that did not take place is cancelled, whoever did not come.
    **dict.fromkeys(("Annulé", "Excusé", "Non honoré"), "cancelled"),
}
_PLACES = {"Bureau": "on_site_planned", "Domicile": "home", "Téléphone": "phone", "Visio": "video"}


def _refer_to(entity: str) -> to.Ref:
    return to.Ref("ID Iodas", system=_SYSTEM, entity=entity)


_NUMBER, _DAY, _TIME, _PLACE, _STATE = "N° RDV", "Date RDV", "Heure RDV", "Lieu RDV", "Statut RDV"
_REFERENT = to.Ref("Code référent", system=_SYSTEM, entity="professional")

_PERSON: dict[str, to.Converter | list[to.Converter]] = {
    "ref": _refer_to("person"),
    "identifiers": [to.Identifier("N° CAF", system="caf"), to.Identifier("NIR", system="nir")],
    "title": to.Code("Civilité", table=_TITLES, system="titles"),
    "usual_name": to.Text("Nom bénéficiaire"),
    "first_names": to.Text("Prénom bénéficiaire"),
    "birth_date": to.PartialDate("Date de Naissance", formats=_DAYS),
    "telecoms": [to.Telecom("N° Téléphones"), to.Telecom("Adresses Mails", kind="email")],
    "addresses": ADDRESS,
}
_CASE: dict[str, to.Converter] = {
    "ref": _refer_to("case"),
    "person_ref": _refer_to("person"),
    "professional_ref": _REFERENT,
    "organisation_ref": to.Ref("Structure", system=_SYSTEM, entity="organisation"),
    "status": to.Word("Statut dossier", table=_CASE_STATUS),
    "opened_on": to.Date("Date d'orientation", formats=_DAYS),
    "closed_on": to.Date("Date sortie", formats=_DAYS),
    "closing_reason": to.Code("Motif sortie"),
}
_MEETING: dict[str, to.Converter] = {
    "person_ref": _refer_to("person"),
    "case_ref": _refer_to("case"),
    "professional_ref": _REFERENT,
}
_APPOINTMENT: dict[str, to.Converter] = {
    **_MEETING,
    "ref": to.Ref(_NUMBER, system=_SYSTEM, entity="appointment"),
    "starts_at": to.LocalDateTime((_DAY, _TIME), formats=_MOMENTS, zone="Europe/Paris"),
    "status": to.Word(_STATE, table=_APPOINTMENT_STATUS),
    "mode": to.Code(_PLACE, table=_PLACES, system="channels"),
}
_INTERACTION: dict[str, to.Converter] = {
    **_MEETING,
    "ref": to.Ref(_NUMBER, system=_SYSTEM, entity="interaction"),
    "occurred_on": to.Date(_DAY, formats=_DAYS),
    "channel": to.Code(_PLACE, table=_PLACES, system="channels"),
    "status": to.Word(_STATE, table=_INTERACTION_STATUS),
}

_CARRIED = ("Rôle", "Référent", "Date CER", "Réorientations")
_DERIVED = {"Délai RDV": "compté du jour d'orientation au jour du rendez-vous"}
_ALL = (
    *("ID Iodas", "N° CAF", "NIR", "Civilité", "Nom bénéficiaire", "Prénom bénéficiaire", "Date de Naissance"),
    *("N° Téléphones", "Adresses Mails", "Adresse", "CP Ville", "Rôle", "Référent", "Code référent", "Structure"),
    *("Statut dossier", "Date d'orientation", "Date sortie", "Motif sortie", "Date CER", "Réorientations"),
    *(_NUMBER, _DAY, _TIME, _PLACE, _STATE, "Délai RDV"),
)
_ELSEWHERE = "chaque ligne donne une personne, un dossier et un rendez-vous : cette colonne est dans un autre"


def _waive_others(read: set[str]) -> dict[str, str]:
    return {**{column: _ELSEWHERE for column in _ALL if column not in read}, **_DERIVED}


_OF_CASE = {column for converter in _CASE.values() for column in converter.columns}
_ABOUT_MEETING = (_DAY, _TIME, _PLACE, _STATE)
_OF_MEETING = {"ID Iodas", "Code référent", _NUMBER, *_ABOUT_MEETING}
_OF_PERSON = set(_ALL) - _OF_CASE - _OF_MEETING - set(_CARRIED) | {"ID Iodas"}

_EMPTY = ("", "NULL")
_MET, _NOT_MET = Where(_NUMBER, _EMPTY, negated=True), Where(_NUMBER, _EMPTY)
# An appointment needs a moment: without an hour, the meeting is an interaction of its day.
_TIMED, _UNTIMED = Where(_TIME, _EMPTY, negated=True), Where(_TIME, _EMPTY)

_TABLES = (
    Table(contract="person/1", fields=_PERSON, waived=_waive_others(_OF_PERSON)),
    Table(
        contract="case/1",
        where=(_MET,),
        fields=_CASE,
        carried=_CARRIED,
        waived=_waive_others({*_OF_CASE, *_CARRIED}),
    ),
    Table(
        contract="case/1",
        where=(_NOT_MET,),
        fields=_CASE,
        carried=(*_CARRIED, *_ABOUT_MEETING),
        waived=_waive_others({*_OF_CASE, *_CARRIED, *_ABOUT_MEETING}),
    ),
    Table(contract="appointment/1", where=(_MET, _TIMED), fields=_APPOINTMENT, waived=_waive_others(_OF_MEETING)),
    Table(contract="interaction/1", where=(_MET, _UNTIMED), fields=_INTERACTION, waived=_waive_others(_OF_MEETING)),
)
"""A meeting without a number has no key: its columns are carried with the case."""

_DIALECTS: dict[str, tuple[str, Csv | Xlsx]] = {"csv": ("CSV", Csv(delimiter=";")), "xlsx": ("classeur", Xlsx())}

CONNECTORS = tuple(
    Connector(
        id=f"{_SYSTEM}-{kind}",
        title=f"Export départemental RSA (type IODAS), {name}",
        dialect=dialect,
        tables=_TABLES,
        nulls=_EMPTY,
    )
    for kind, (name, dialect) in _DIALECTS.items()
)


# The columns of the file of beneficiaries that rdv-insertion publishes among its tests (`fichier_usager…csv`, MIT).
USERS = Connector(
    id=f"{_SYSTEM}-users",
    title="Export départemental des bénéficiaires (disposition publiée par rdv-insertion), CSV",
    dialect=Csv(delimiter=";"),
    nulls=_EMPTY,
    tables=(
        Table(
            contract="person/1",
            fields={
                "ref": _refer_to("person"),
                "identifiers": [to.Identifier("N° CAF", system="caf")],
                "title": to.Code("Civilité", table=_TITLES, system="titles"),
                "usual_name": to.Text("Nom bénéficiaire"),
                "first_names": to.Text("Prénom bénéficiaire"),
                "birth_date": to.PartialDate("Date de Naissance", formats=_DAYS),
                "telecoms": [to.Telecom("N° Téléphones"), to.Telecom("Adresses Mails", kind="email")],
                "addresses": TOWN,
            },
            carried=("Référent", "Role"),
            # some départements leave the title out
            optional=("Civilité",),
        ),
    ),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    title = "Export départemental RSA (type IODAS)"
    return [Supplier(id=_SYSTEM, title=title, connectors=(*CONNECTORS, USERS))]
