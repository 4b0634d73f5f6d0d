"""Needs and means compared across four professional cultures, as in Cordia: four tables, in CSV or in a workbook."""

from __future__ import annotations

from passerelle import Connector, Csv, Supplier, Table, Xlsx, hookimpl
from passerelle import convert as to

from . import words

_SYSTEM = "cordia-like"

_DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
"""Days as the CSV writes them, then as true dates of a worksheet are read."""


def _make_ref(column: str, entity: str) -> to.Ref:
    return to.Ref(column, system=_SYSTEM, entity=entity)


def _read_code(column: str, labels: dict[str, str], name: str) -> to.Code:
    """Read a code of a list of the layout's own, and add its label."""
    return to.Code(column, system=f"{_SYSTEM}/{name}", labels=labels)


def _read_culture() -> to.Code:
    return _read_code("CULTURE", words.CULTURES, "cultures")


_PERSON_REF = _make_ref("ID_PERSONNE", "person")

PERSONS = Table(
    contract="person/1",
    member="personnes",
    fields={
        "ref": _PERSON_REF,
        "usual_name": to.Text("NOM"),
        "first_names": to.Text("PRENOMS"),
        "birth_date": to.PartialDate("NAISSANCE", formats=_DAYS),
        "sex": to.Code("SEXE", table=words.SEXES, system="sexes"),
        "telecoms": [to.Telecom("TELEPHONE"), to.Telecom("COURRIEL", kind="email")],
    },
)

CONSENTS = Table(
    contract="consent/1",
    member="accords",
    fields={
        "ref": _make_ref("ID_ACCORD", "consent"),
        "person_ref": _PERSON_REF,
        "decision": to.Word("DECISION", table=words.DECISIONS),
        "purpose": to.Word("FINALITE", table=words.PURPOSES),
        "scope": to.Code("OBJET"),
        "given_by": to.Code("DONNE_PAR", table=words.SPEAKERS, system="decision-makers"),
        "method": to.Code("FORME", table=words.METHODS, system="consent-methods"),
        "decided_on": to.Date("DATE_ACCORD", formats=_DAYS),
        "valid_until": to.Date("DATE_FIN", formats=_DAYS),
        "comment": to.Text("COMMENTAIRE", max_length=20000),
    },
)

NEEDS = Table(
    contract="need/1",
    member="besoins",
    fields={
        "ref": _make_ref("ID_BESOIN", "need"),
        "person_ref": _PERSON_REF,
        "type": _read_culture(),
        "theme": to.Code("THEME", table=words.THEMES, system="social-themes"),
        "description": to.Text("BESOIN", max_length=20000),
        "expressed_by": to.Code("EXPRIME_PAR", table=words.SPEAKERS, system="decision-makers"),
        "expectation": to.Text("ATTENTE", max_length=20000),
        "analysis": to.Text("ANALYSE", max_length=20000),
        "priority": _read_code("PRIORITE", words.PRIORITIES, "priorities"),
        "identified_on": to.Date("DATE_BESOIN", formats=_DAYS),
        "status": to.Word("ETAT", table=words.PROGRESS),
    },
)

CROSSINGS = Table(
    contract="action/1",
    member="croisements",
    fields={
        "ref": _make_ref("ID_CROISEMENT", "action"),
        "person_ref": _PERSON_REF,
        "need_ref": _make_ref("ID_BESOIN", "need"),
        "professional_ref": _make_ref("PORTEUR", "professional"),
        "nature": to.Constant("means"),
        "type": _read_culture(),
        "title": to.Text("MOYEN"),
        "description": to.Text("DETAIL", max_length=20000),
        "organisation_name": to.Text("ORGANISME"),
        "start_on": to.Date("DATE_DEBUT", formats=_DAYS),
        "end_on": to.Date("DATE_FIN", formats=_DAYS),
        "status": to.Word("ETAT", table=words.PROGRESS),
        "result": _read_code("EFFET", words.EFFECTS, "effects"),
        "person_opinion": to.Text("AVIS_PERSONNE", max_length=20000),
    },
)
"""One row per means that one culture brings to one need; a need may have many rows."""

_TABLES = (PERSONS, CONSENTS, NEEDS, CROSSINGS)
# A word, because an empty cell only says that nobody asked.
_NOTHING = ("NEANT",)

CSV = Connector(
    id="cordia-like-csv",
    title="Croisement des besoins et des moyens (type Cordia) : zip de fichiers CSV",
    dialect=Csv(delimiter=";", members={f"{table.member}*.csv": table.member for table in _TABLES}),
    tables=_TABLES,
    nothing=_NOTHING,
)

WORKBOOK = Connector(
    id="cordia-like-xlsx",
    title="Croisement des besoins et des moyens (type Cordia) : classeur",
    # Sheets are named as their CSV twins, with a capital.
    dialect=Xlsx(sheets={table.member.capitalize(): table.member for table in _TABLES}),
    tables=_TABLES,
    nothing=_NOTHING,
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    title = "Croisement des besoins et des moyens (type Cordia)"
    return [Supplier(id=_SYSTEM, title=title, connectors=(CSV, WORKBOOK))]
