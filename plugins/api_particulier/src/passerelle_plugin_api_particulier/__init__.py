"""API Particulier: recorded answers of public bodies about a person, one per line, read as entitlements and persons."""

from __future__ import annotations

from calendar import monthrange
from functools import partial
from typing import TYPE_CHECKING, Any

from passerelle import Connector, Json, OutOfScope, Supplier, Table, Where, hookimpl
from passerelle import convert as to

if TYPE_CHECKING:
    from collections.abc import Mapping

_SYSTEM = "api-particulier"
# The API answers `{"data": …, "links": …, "meta": …}` since version 3; version 2 answered the data alone.
_DATA = "reponse.data."
_DAY = ("%Y-%m-%d",)


def _make_kind(code: str, label: str) -> to.Constant:
    return to.Constant({"code": code, "system": _SYSTEM, "label": label, "original": None})


def _is_about(operation: str) -> tuple[Where, ...]:
    return (Where("operation", (operation,)),)


def _make_ref(*more: str) -> to.Ref:
    # An answer has no number of its own: who was asked about, and what was asked, name the right.
    return to.Ref(("personne", "operation", *more), system=_SYSTEM, entity="entitlement", whole=True)


_PERSON = to.Ref("personne", system=_SYSTEM, entity="person")

_HOLDS = f"{_DATA}est_beneficiaire"
_SINCE = f"{_DATA}date_debut_droit"


def _parse_yes(row: to.Row, *, column: str) -> Any:
    """Read yes as open and no as explicitly none. Anything else is not an answer about a right."""
    # «No» comes as `false` with nulls beside it (staging data of SIADE, `200_non_beneficiaire`): an answer, not a hole.
    known = {"true": "open", "false": to.NONE}
    return known.get(row[column] or "", to.Fault("translate.word.unknown", column, {"expected": "true / false"}))


def _parse_start(row: to.Row) -> Any:
    """Read the day; explicitly none where the answer is no."""
    day = to.Date(_SINCE, formats=_DAY).parse(row)
    return to.NONE if day is None and row[_HOLDS] == "false" else day


def _describe_benefit(operation: str, code: str, label: str, detail: Mapping[str, to.Converter] | None = None) -> Table:
    """Describe a benefit of which the answer says whether the person has it."""
    more = dict(detail or {})
    return Table(
        contract="entitlement/1",
        where=_is_about(operation),
        fields={
            "ref": _make_ref(),
            "person_ref": _PERSON,
            "type": _make_kind(code, label),
            "status": to.PerRecord(_HOLDS, parse=partial(_parse_yes, column=_HOLDS)),
            "start_on": to.PerRecord((_SINCE, _HOLDS), parse=_parse_start),
            **more,
        },
        # In JSON lines each record has columns of its own: what one operation answers, another does not have.
        optional=(_HOLDS, _SINCE, *(column for converter in more.values() for column in converter.columns)),
    )


def _parse_month(row: to.Row, *, year: str, month: str, last: bool) -> Any:
    """Return the first or last day of a month written in two cells."""
    if row[year] is None and row[month] is None:
        return None
    # Months are numbers of JSON: 9 and 09 are the same one.
    written = f"{row[year] or ''}-{(row[month] or '').zfill(2)}-01"
    first = to.Date(year, formats=_DAY).parse({year: written})
    if not isinstance(first, str) or not last:
        return first
    return f"{first[:8]}{monthrange(int(first[:4]), int(first[5:7]))[1]:02d}"


def _describe_family_quotient(
    operation: str, names: Mapping[str, str], household: str, calculated: tuple[str, ...]
) -> Table:
    year, month = names["year"], names["month"]
    first, last = (partial(_parse_month, year=year, month=month, last=last) for last in (False, True))
    return Table(
        contract="entitlement/1",
        # without its value the answer says nothing about a quotient
        where=(*_is_about(operation), Where.holds(names["value"])),
        fields={
            # A quotient holds for its month: the next one is another right, not a new state of this one.
            "ref": _make_ref(year, month),
            "person_ref": _PERSON,
            "type": _make_kind("QF", "Quotient familial"),
            "status": to.Constant("open"),
            "start_on": to.PerRecord((year, month), parse=first),
            "end_on": to.PerRecord((year, month), parse=last),
            "amount": to.Amount(names["value"], decimal="."),
            "payer": to.Text(names["payer"]),
        },
        # Other members of the household are other persons: carried, and no records are made of them.
        carried=(*(f"{household}{name}" for name in ("allocataires", "enfants", "adresse.*")), *calculated),
        optional=tuple(names.values()),
    )


_GRANT = f"{_DATA}statut_boursier."
_GRANT_LEVEL = f"{_DATA}echelon_bourse.echelon"
_GRANT_START = f"{_DATA}periode_versement_bourse.date_rentree"
_STRUCK_ON = f"{_GRANT}date_radiation"
_GRANT_WORDS = (f"{_GRANT}est_boursier", f"{_GRANT}est_radie")


def _parse_grant_status(row: to.Row) -> Any:
    """Read a student's grant: held, struck off, or explicitly none."""
    is_holder, struck = (row[name] for name in _GRANT_WORDS)
    # First: who was struck off is no holder any more, and still has a level and a period (staging data, `200_radie`).
    if struck == "true":
        return "closed"
    return {"true": "open", "false": to.NONE}.get(is_holder or "")


_GRANTS = Table(
    contract="entitlement/1",
    where=_is_about("cnous/etudiant_boursier"),
    fields={
        "ref": _make_ref(),
        "person_ref": _PERSON,
        "type": _make_kind("BOURSE", "Bourse sur critères sociaux"),
        "category": to.Code(_GRANT_LEVEL, system="cnous-echelons"),
        "status": to.PerRecord(_GRANT_WORDS, parse=_parse_grant_status),
        "start_on": to.Date(_GRANT_START, formats=_DAY),
        "closed_on": to.Date(_STRUCK_ON, formats=_DAY),
        "payer": to.Constant("CNOUS"),
    },
    carried=(
        *(f"{_DATA}{name}" for name in ("email", "etablissement_etudes.*", "identite.*", "periode_versement_bourse.*")),
        f"{_DATA}echelon_bourse.*",
    ),
    optional=(*_GRANT_WORDS, _GRANT_LEVEL, _GRANT_START, _STRUCK_ON),
)

_ADDRESS = to.AddressOf(
    lines=tuple(
        f"{_DATA}adresse.{name}"
        for name in (
            "ligne_complement_destinataire",
            "ligne_complement_adresse",
            "ligne_voie",
            "ligne_complement_distribution",
        )
    ),
    postcode=f"{_DATA}adresse.code_postal",
    city=f"{_DATA}adresse.localite",
    commune=f"{_DATA}adresse.code_cog_insee_commune",
)


def _parse_address(row: to.Row) -> Any:
    """Read the address; the town's cell repeats the postcode."""
    address = _ADDRESS.parse(row)
    if isinstance(address, dict) and address["city"]:
        address["city"] = address["city"].removeprefix(f"{address['postcode']} ")
    return address


_SEXES = {"Masculin": "M", "Féminin": "F", "M": "M", "F": "F"}
"""Staging data hold both forms; the title as well («Mme», «MME»)."""

_JOB_SEEKER: dict[str, to.Converter | list[to.Converter]] = {
    "identifiers": [to.Identifier(f"{_DATA}identifiant", system="france_travail")],
    "birth_name": to.Text(f"{_DATA}identite.nom_naissance"),
    "usual_name": to.Text(f"{_DATA}identite.nom_usage"),
    "first_names": to.Text(f"{_DATA}identite.prenom"),
    # Title and sex are read apart: they contradict each other in the staging data («M.», «Féminin»).
    "title": to.Code(
        f"{_DATA}identite.civilite", table={"M.": "M", "Mme": "MME", "M": "M", "MME": "MME"}, system="titles"
    ),
    "sex": to.Code(f"{_DATA}identite.sexe", table=_SEXES, system="sexes"),
    "birth_date": to.PartialDate(f"{_DATA}identite.date_naissance", formats=_DAY),
    "telecoms": [
        to.Telecom(f"{_DATA}contact.telephone"),
        to.Telecom(f"{_DATA}contact.telephone2"),
        to.Telecom(f"{_DATA}contact.email", kind="email"),
    ],
    "addresses": [to.PerRecord(_ADDRESS.columns, parse=_parse_address)],
}

_NAMED_BY = (f"{_DATA}identifiant", *(f"{_DATA}identite.{name}" for name in ("nom_naissance", "nom_usage", "prenom")))

_JOB_SEEKERS = Table(
    contract="person/1",
    # an answer without data says nothing about a person: no record without any field
    where=(*_is_about("france_travail/statut"), Where.holds(*_NAMED_BY)),
    fields={"ref": _PERSON, **_JOB_SEEKER},
    carried=(f"{_DATA}adresse.ligne_nom", f"{_DATA}inscription.*"),
    optional=tuple(
        column
        for field in _JOB_SEEKER.values()
        for converter in (field if isinstance(field, list) else [field])
        for column in converter.columns
    ),
)

_CHILD_STATUS = f"{_DATA}status"


def _parse_child_status(row: to.Row) -> Any:
    """Read whose right it is: the person who is paid, and the child who opens the right, both hold it."""
    known = {"allocataire": "open", "ouvrant_droit": "open", "non_beneficiaire": to.NONE}
    fault = to.Fault("translate.word.unknown", _CHILD_STATUS, {"expected": " / ".join(known)})
    return known.get(row[_CHILD_STATUS] or "", fault)


def _parse_child_part(row: to.Row) -> Any:
    """Return which of the two the person is; nothing where there is no right."""
    said = row[_CHILD_STATUS]
    code = {"allocataire": "holder", "ouvrant_droit": "child"}.get(said or "")
    return code and {"code": code, "system": "api-particulier-aeeh", "label": None, "original": said}


def _parse_child_start(row: to.Row) -> Any:
    """Read the day; explicitly none where the answer is no."""
    day = to.Date(_SINCE, formats=_DAY).parse(row)
    return to.NONE if day is None and row[_CHILD_STATUS] == "non_beneficiaire" else day


_DISABLED_CHILDREN = Table(
    contract="entitlement/1",
    where=_is_about("cnav/allocation_enfant_handicape"),
    fields={
        "ref": _make_ref(),
        "person_ref": _PERSON,
        "type": _make_kind("AEEH", "Allocation d'éducation de l'enfant handicapé"),
        "category": to.PerRecord(_CHILD_STATUS, parse=_parse_child_part),
        "status": to.PerRecord(_CHILD_STATUS, parse=_parse_child_status),
        "start_on": to.PerRecord((_SINCE, _CHILD_STATUS), parse=_parse_child_start),
    },
    optional=(_CHILD_STATUS, _SINCE),
)

_PUPIL, _PUPIL_LEVEL = f"{_DATA}est_boursier", f"{_DATA}echelon_bourse"
_SCHOOL_YEAR = f"{_DATA}annee_scolaire"


def _parse_school_year(row: to.Row, *, last: bool) -> Any:
    """Return the first or last day of a school year, written `2025-2026` or by its first year alone."""
    text = row[_SCHOOL_YEAR]
    if text is None:
        return None
    first = text.partition("-")[0]
    if not (len(first) == len("2025") and first.isascii() and first.isdigit()):
        return to.Fault("translate.date.malformed", _SCHOOL_YEAR, {"expected": "2025-2026"})
    return f"{int(first) + 1}-08-31" if last else f"{first}-09-01"


_PUPILS = Table(
    contract="entitlement/1",
    where=_is_about("men/scolarites"),
    fields={
        # A school grant holds for its year: the next one is another right, not a new state of this one.
        "ref": _make_ref(_SCHOOL_YEAR),
        "person_ref": _PERSON,
        "type": _make_kind("BOURSE_SCOLAIRE", "Bourse de collège ou de lycée"),
        "category": to.Code(_PUPIL_LEVEL, system="men-echelons"),
        "status": to.PerRecord(_PUPIL, parse=partial(_parse_yes, column=_PUPIL)),
        "start_on": to.PerRecord(_SCHOOL_YEAR, parse=partial(_parse_school_year, last=False)),
        "end_on": to.PerRecord(_SCHOOL_YEAR, parse=partial(_parse_school_year, last=True)),
        "payer": to.Constant("Éducation nationale"),
    },
    carried=(
        *(f"{_DATA}{name}.*" for name in ("identite", "module_elementaire_formation", "statut_eleve", "etablissement")),
        f"{_DATA}est_scolarise",
    ),
    optional=(_PUPIL, _PUPIL_LEVEL, _SCHOOL_YEAR),
)

_QUOTIENT = f"{_DATA}quotient_familial."
_V3 = {
    "year": f"{_QUOTIENT}annee",
    "month": f"{_QUOTIENT}mois",
    "value": f"{_QUOTIENT}valeur",
    "payer": f"{_QUOTIENT}fournisseur",
}
# Version 2 answers the same facts in camelCase, without the envelope.
_V2 = {
    "year": "reponse.annee",
    "month": "reponse.mois",
    "value": "reponse.quotientFamilial",
    "payer": "reponse.regime",
}

_RAISED = to.Code(
    f"{_DATA}avec_majoration", table={"true": "majored", "false": "ordinary"}, system="api-particulier-rsa"
)
_RAISED_BONUS = to.Code(
    f"{_DATA}avec_majoration", table={"true": "majored", "false": "ordinary"}, system="api-particulier-prime"
)
_SHARED_COST = to.Code(
    f"{_DATA}avec_participation", table={"true": "contribution", "false": "free"}, system="api-particulier-css"
)

# Since version 3 `errors` is a list of objects; version 2 answered `{"error": …, "reason": …, "message": …}`; gateways
# before the API answer as RFC 9457 has it: `{"type": …, "title": …, "detail": …}`.
_ERROR_WORDS = tuple(
    f"reponse.{name}"
    for name in (
        *("errors.0.code", "errors.0.title", "errors.0.detail", "errors.0.message", "errors.0"),
        *("error", "reason", "message", "title", "detail"),
    )
)
_ERRORS = OutOfScope(
    fr="API Particulier n'a pas répondu sur la personne (dossier absent, organisme indisponible, demande refusée)",
    en="API Particulier did not answer about the person (no such file, body not available, request refused)",
    where=(Where.holds(*_ERROR_WORDS),),
    optional=_ERROR_WORDS,
    is_error=True,
)
"""An error says nothing about a right: neither that there is none, nor that there is one."""

ANSWERS = Connector(
    id="api-particulier-answers",
    title="API Particulier : réponses enregistrées (JSON, une par ligne)",
    dialect=Json(lines=True, spread=("reponse.errors",)),
    tables=(
        _describe_family_quotient(
            "cnav/quotient_familial", _V3, _DATA, (f"{_QUOTIENT}annee_calcul", f"{_QUOTIENT}mois_calcul")
        ),
        _describe_family_quotient("v2/cnav/quotient_familial", _V2, "reponse.", ()),
        _describe_benefit("cnav/revenu_solidarite_active", "RSA", "Revenu de solidarité active", {"category": _RAISED}),
        _describe_benefit("cnav/prime_activite", "PRIME_ACTIVITE", "Prime d'activité", {"category": _RAISED_BONUS}),
        _describe_benefit("cnav/allocation_soutien_familial", "ASF", "Allocation de soutien familial"),
        _describe_benefit("cnav/allocation_adulte_handicape", "AAH", "Allocation aux adultes handicapés"),
        _describe_benefit(
            "cnav/complementaire_sante_solidaire",
            "CSS",
            "Complémentaire santé solidaire",
            {"category": _SHARED_COST},
        ),
        _DISABLED_CHILDREN,
        _GRANTS,
        _PUPILS,
        _JOB_SEEKERS,
    ),
    out_of_scope=(_ERRORS,),
    unread=dict.fromkeys(
        ("reponse.errors.*", "reponse.data", "reponse.type", "reponse.status", "reponse.instance"),
        "détail de l'erreur de l'API, ou réponse vide : il n'y a pas de donnée",
    ),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(
            id=_SYSTEM,
            title="API Particulier",
            website="https://particulier.api.gouv.fr",
            connectors=(ANSWERS,),
        )
    ]
