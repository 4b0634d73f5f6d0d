"""A social-service export like GAIA's: persons, case files, interviews, needs, actions, referrals, in six tables."""

from __future__ import annotations

from passerelle import Connector, Csv, Supplier, Table, Where, Xlsx, hookimpl
from passerelle import convert as to

from . import words

_SYSTEM = "gaia-social"

_DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
"""Days as the CSV writes them, then as true dates of a worksheet are read."""
_MOMENTS = ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M")
# What a database client writes for nothing.
_NULLS = ("", "NULL")


def _make_ref(column: str, entity: str) -> to.Ref:
    return to.Ref(column, system=_SYSTEM, entity=entity)


def _read_code(column: str, labels: dict[str, str], name: str) -> to.Code:
    """Read a code of a list of the supplier's own, and add its label."""
    return to.Code(column, system=f"{_SYSTEM}/{name}", labels=labels)


_IN_CASE: dict[str, to.Converter] = {
    "person_ref": _make_ref("ID_PERS", "person"),
    "case_ref": _make_ref("NUM_DOSSIER", "case"),
}
_UPDATED = {"DT_MAJ": "date de dernière écriture de la ligne : elle dit l'export, non la personne"}
_WRITTEN = to.LocalDateTime("DT_MAJ", formats=_DAYS, missing="later", twice="earlier")

PERSONS = Table(
    contract="person/1",
    member="personnes",
    fields={
        "ref": _make_ref("ID_PERS", "person"),
        "identifiers": [to.Identifier("NIR", system="nir"), to.Identifier("NUM_CAF", system="caf")],
        "title": to.Code("CIV", table=words.TITLES, system="titles"),
        "birth_name": to.Text("NOM_NAISS"),
        "usual_name": to.Text("NOM_USAGE"),
        "first_names": to.Text("PRENOMS"),
        "birth_date": to.PartialDate("DT_NAISS", formats=_DAYS),
        "sex": to.Code("SEXE", table=words.SEXES, system="sexes"),
        "status": to.Word("ETAT", table=words.PERSON_STATUS),
        "family_situation": to.Code("SIT_FAM", table=words.FAMILY_SITUATIONS, system="family-situations"),
        "occupation_status": to.Code("SIT_PRO", table=words.OCCUPATIONS, system="occupation-status"),
        "minor_children": to.Number("NB_ENF", integer=True),
        "disabled_worker": to.YesNo("RQTH", yes=("O",), no=("N",)),
        "telecoms": [to.Telecom("TEL", kind="phone"), to.Telecom("MEL", kind="email")],
        "addresses": [to.AddressOf(lines=("ADR1", "ADR2"), postcode="CP", city="VILLE")],
    },
    waived=_UPDATED,
)

CASES = Table(
    contract="case/1",
    member="dossiers",
    fields={
        "ref": _make_ref("NUM_DOSSIER", "case"),
        "person_ref": _make_ref("ID_PERS", "person"),
        "professional_ref": _make_ref("AGENT", "professional"),
        "organisation_ref": _make_ref("UNITE", "organisation"),
        "file_number": to.Text("NUM_DOSSIER", max_length=64),
        "status": to.Word("STATUT", table=words.CASE_STATUS),
        "opened_on": to.Date("DT_OUV", formats=_DAYS),
        "closed_on": to.Date("DT_CLO", formats=_DAYS),
        "closing_reason": _read_code("MOTIF_CLO", words.CLOSING_LABELS, "closing-reasons"),
        "programme": to.Code("AXE", table=words.PROGRAMMES, system="health-social-service-axes"),
        "risk": to.Code("RISQUE", table=words.RISKS, system="insured-risks"),
        "origin": to.Code("ORIGINE", table=words.ORIGINS, system="referral-origins"),
        "summary": to.Text("SYNTHESE", max_length=20000),
    },
    waived=_UPDATED,
)

_INTERVIEW: dict[str, to.Converter | list[to.Converter]] = {
    **_IN_CASE,
    "ref": _make_ref("NUM_ENT", "interaction"),
    "professional_ref": _make_ref("AGENT", "professional"),
    "occurred_on": to.Date("DT_ENT", formats=_DAYS),
    "duration": to.Duration("DUREE"),
    "channel": to.Code("MODE", table=words.CHANNELS, system="channels"),
    "motives": [_read_code("MOTIF", words.MOTIVE_LABELS, "motives")],
    "status": to.Word("ETAT", table=words.INTERACTION_STATUS),
    "outcome": _read_code("SUITE", words.OUTCOME_LABELS, "outcomes"),
    "place": to.Text("LIEU"),
    "first_contact": to.YesNo("PREMIER", yes=("O",), no=("N",)),
    "synthesis": to.Text("NOTE", max_length=20000),
    # Apart from the synthesis: the purpose of a flow decides on each by itself.
    "private_synthesis": to.Text("NOTE_PRIVEE", max_length=20000),
}

_OCCURRED_AT = to.LocalDateTime(
    ("DT_ENT", "HEURE"), formats=_MOMENTS, zone="Europe/Paris", missing="refuse", twice="refuse"
)

INTERVIEWS = (
    Table(
        contract="interaction/1",
        member="entretiens",
        where=(Where("HEURE", _NULLS),),
        fields=_INTERVIEW,
        waived=_UPDATED,
    ),
    Table(
        contract="interaction/1",
        member="entretiens",
        where=(Where("HEURE", _NULLS, negated=True),),
        fields={**_INTERVIEW, "occurred_at": _OCCURRED_AT},
        waived=_UPDATED,
    ),
)
"""An interview always has a day; only one with an hour has a moment too."""

NEEDS = Table(
    contract="need/1",
    member="besoins",
    fields={
        **_IN_CASE,
        "ref": _make_ref("NUM_BESOIN", "need"),
        "theme": to.Code("THEME", table=words.THEMES, system="social-themes"),
        "description": to.Text("LIBELLE", max_length=20000),
        "priority": _read_code("PRIORITE", words.PRIORITY_LABELS, "priorities"),
        "identified_on": to.Date("DT_BESOIN", formats=_DAYS),
        "status": to.Word("ETAT", table=words.PROGRESS),
    },
    waived=_UPDATED,
)

_ACTION: dict[str, to.Converter] = {
    **_IN_CASE,
    "need_ref": _make_ref("NUM_BESOIN", "need"),
    "professional_ref": _make_ref("AGENT", "professional"),
    "status": to.Word("ETAT", table=words.PROGRESS),
}

ACTIONS = Table(
    contract="action/1",
    member="actions",
    fields={
        **_ACTION,
        "ref": _make_ref("NUM_ACTION", "action"),
        "nature": to.Constant("action"),
        "type": _read_code("TYPE", words.ACTION_LABELS, "actions"),
        "title": to.Text("LIBELLE"),
        "start_on": to.Date("DT_DEB", formats=_DAYS),
        "end_on": to.Date("DT_FIN", formats=_DAYS),
        "due_on": to.Date("DT_ECH", formats=_DAYS),
        "comment": to.Text("NOTE", max_length=20000),
    },
    waived=_UPDATED,
)

REFERRALS = Table(
    contract="action/1",
    member="orientations",
    fields={
        **_ACTION,
        "ref": _make_ref("NUM_ORIENT", "referral"),
        "nature": to.Constant("referral"),
        "type": _read_code("TYPE", words.REFERRAL_LABELS, "referrals"),
        "organisation_name": to.Text("ORGANISME"),
        "start_on": to.Date("DT_ORIENT", formats=_DAYS),
        "result": _read_code("RESULTAT", words.RESULT_LABELS, "results"),
    },
    waived=_UPDATED,
)

_TABLES = (PERSONS, CASES, *INTERVIEWS, NEEDS, ACTIONS, REFERRALS)
_MEMBERS = tuple(dict.fromkeys(table.member for table in _TABLES))

CSV = Connector(
    id="gaia-social-csv",
    title="Service social (type GAIA) : export zippé de fichiers CSV",
    dialect=Csv(delimiter=";", encoding="cp1252", members={f"{name}*.csv": name for name in _MEMBERS}),
    tables=_TABLES,
    nulls=_NULLS,
    ordered_by=_WRITTEN,
)

WORKBOOK = Connector(
    id="gaia-social-xlsx",
    title="Service social (type GAIA) : export en classeur",
    dialect=Xlsx(sheets={name.capitalize(): name for name in _MEMBERS}),
    tables=_TABLES,
    nulls=_NULLS,
    ordered_by=_WRITTEN,
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    title = "Service social de l'Assurance Maladie (type GAIA)"
    return [Supplier(id=_SYSTEM, title=title, connectors=(CSV, WORKBOOK))]
