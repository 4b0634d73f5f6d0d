"""Decisions and requests as FHIR resources: the profiles for them in the guide of TDDUI, in a Bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Connector, Json, OutOfScope, Where
from passerelle import convert as to

from .fhir_parts import (
    BESOIN,
    CODED,
    DECISION,
    DECISION_PARTS,
    DETAIL,
    DETAIL_PARTS,
    EXTENSION,
    NUMBERS,
    RIGHT,
    RIGHT_PARTS,
    WRAPPING,
    name_resource,
    read_amount,
    read_coding,
    read_day,
    read_flag,
    read_grounds,
    read_number,
    refer_to_person,
)
from .fhir_people import describe_person, describe_relative
from .words import NATURES, STATUSES, describe_table, word_of

if TYPE_CHECKING:
    from passerelle import Table

_AT = "resource."
_CARRIED = (
    *(f"{_AT}{name}" for name in ("meta.*", "extension.*", "identifier.*", "code.*", "subject.*", "intent", "status")),
    *(f"{_AT}{name}" for name in ("category.*", "occurrencePeriod.*", "person.reference")),
)
"""Elements without a contract field. One that is not listed is carried as well, and reported."""
_TYPE_CODE = f"{DECISION}.typeDecision.valueCodeableConcept.coding.0.code"


def _describe(contract: str, kind: str, fields: dict[str, Any], *where: Where) -> Table:
    return describe_table(
        contract,
        fields,
        where=(Where.equals(f"{_AT}resourceType", kind), *where),
        carried=_CARRIED,
        waived=WRAPPING,
    )


def _describe_decisions() -> Table:
    """Describe decisions: what a right is, since when, until when, and why."""
    fields: dict[str, Any] = {
        "ref": name_resource("IDDECISION", "entitlement"),
        "person_ref": refer_to_person(),
        "type": read_coding(f"{RIGHT}.typeDroitPrestation"),
        "category": read_coding(f"{RIGHT}.categorieDroitPrestation"),
        "nature": to.Code(
            f"{RIGHT}.natureDroitPrestation.valueCodeableConcept.coding.0.code",
            table=NATURES,
            system="entitlement-natures",
        ),
        "status": word_of(_TYPE_CODE, STATUSES),
        "start_on": read_day(f"{RIGHT}.dateOuverture"),
        "end_on": read_day(f"{RIGHT}.dateEcheance"),
        "closed_on": read_day(f"{DECISION}.dateEffetCloture"),
        "holder_number": read_number("NUMALLOC"),
        "rate": to.Number(f"{RIGHT}.taux.valueQuantity.value", decimal="."),
        "amount": read_amount(f"{DETAIL}.montantAttribue"),
        "frequency": to.Code(f"{DETAIL}.frequence.valueQuantity.code", system="frequencies"),
        "decision_number": read_number("IDDECISION"),
        "decision_type": to.Code(_TYPE_CODE, system="decision-types"),
        "decided_on": read_day(f"{DECISION}.dateDecision"),
        "motivation": read_grounds(),
        "global_support_plan": read_flag(f"{RIGHT}.existencePAG"),
        "orientation": read_coding(f"{DETAIL}.precisionOrientation"),
        "reception_time": read_coding(f"{DETAIL}.temporaliteAccueil"),
        "comment": to.FirstOf(
            *(to.Text(f"{path}.commentaire.valueString", max_length=20000) for path in (RIGHT, DECISION))
        ),
    }
    codes = Where.equals(f"{_AT}code.coding.0.code", "DECISION")
    return _describe("entitlement/1", "Basic", fields, codes)


_STATUSES = {"draft": "incomplete", "active": "in_review", "on-hold": "adjourned", "revoked": "withdrawn"}


def _read_state() -> to.PerRecord:
    """Read where a request stands; one that was answered is no longer examined, and its decision says how it ended."""
    status, answered = f"{_AT}status", f"{_AT}occurrencePeriod.end"

    def parse(row: to.Row) -> Any:
        said = _STATUSES.get(row[status] or "")
        return None if said == "in_review" and row[answered] else said

    return to.PerRecord((status, answered), parse=parse)


def _describe_requests() -> Table:
    """Describe requests to the MDPH. Nothing says what is asked? Then it is, by its profile, an orientation."""
    fields: dict[str, Any] = {
        "ref": name_resource("DEMANDE_ORIENTATION", "aid_request"),
        "person_ref": refer_to_person(),
        "type": to.FirstOf(
            read_coding(f"{_AT}category.0", member=""), to.Constant({"original": "Demande d'orientation"})
        ),
        "reason": read_coding(f"{_AT}code", member=""),
        "status": _read_state(),
        "opened_on": to.FirstOf(read_day(f"{_AT}occurrencePeriod.start", ""), read_day(f"{_AT}authoredOn", "")),
        "decided_on": read_day(f"{_AT}occurrencePeriod.end", ""),
    }
    return _describe("aid_request/1", "ServiceRequest", fields, _no_need())


_OTHERS = (
    *("Organization", "Practitioner", "PractitionerRole", "Encounter", "CarePlan", "Goal", "Consent", "Location"),
    *("QuestionnaireResponse", "Observation", "Schedule", "Slot", "NutritionOrder", "Bundle", "OperationOutcome"),
)
_NEEDS = tuple(f"{_AT}identifier.{place}.system" for place in (0, 1))


def _no_need() -> Where:
    return Where(_NEEDS[0], (BESOIN,), negated=True, also=_NEEDS[1:])


def _list_out_of_scope() -> tuple[OutOfScope, ...]:
    kind = f"{_AT}resourceType"
    return (
        OutOfScope(
            fr="réponse d'un établissement à une notification (Task) : elle ne dit pas de qui il s'agit",
            en="an establishment's answer to a notification (Task): it does not tell who it is about",
            where=(Where.equals(kind, "Task"),),
        ),
        OutOfScope(
            fr="document joint : la décision qu'il contient se lit avec `mdph-cda`",
            en="an attached document: the decision in it is read by `mdph-cda`",
            where=(Where.equals(kind, "DocumentReference"),),
        ),
        OutOfScope(
            fr="besoin d'un projet personnalisé, et non une demande à la MDPH",
            en="a need of a support plan, and no request to the MDPH",
            where=(
                Where.equals(kind, "ServiceRequest"),
                Where(_NEEDS[0], (BESOIN,), also=_NEEDS[1:]),
            ),
            optional=_NEEDS,
        ),
        OutOfScope(
            fr="ressource qui n'est ni une décision, ni une demande, ni une personne",
            en="a resource that is no decision, no request and no person",
            where=(
                Where.other_than(
                    kind, "Basic", "ServiceRequest", "Patient", "RelatedPerson", "Task", "DocumentReference"
                ),
            ),
        ),
        OutOfScope(
            fr="ressource Basic d'une autre sorte",
            en="a Basic resource of another sort",
            where=(
                Where.equals(kind, "Basic"),
                Where.other_than(f"{_AT}code.coding.0.code", "DECISION"),
            ),
            optional=(f"{_AT}code.coding.0.code",),
        ),
    )


def _list_names() -> dict[str, tuple[str, ...]]:
    """Return, by path, what names the items of lists: the type of a number, the use of a name."""
    return {
        f"{_AT}identifier": ("type.coding.0.code", *NUMBERS),
        f"{_AT}name": ("use", "official", "usual"),
        f"{_AT}telecom": ("system", "phone", "email", "fax"),
        f"{_AT}extension": ("url", EXTENSION),
        DECISION: ("url", *DECISION_PARTS),
        RIGHT: ("url", *RIGHT_PARTS),
        DETAIL: ("url", *DETAIL_PARTS),
    }


_SPREAD = (
    *("code.coding", "category", "category.0.coding", "address", "address.0.line", "relationship", "basedOn"),
    *(f"relationship.{place}.coding" for place in range(3)),
    *(f"name.{use}.{part}" for use in ("official", "usual", "0") for part in ("given", "prefix")),
)

BUNDLES = Connector(
    id="mdph-fhir",
    title="MDPH : décisions et demandes en FHIR (profils TDDUI 2.3 et 2.4)",
    dialect=Json(
        lists={"entry": ""},
        kind={"resourceType": "Bundle", "type": ("transaction", "batch", "collection", "searchset")},
        types=f"{_AT}resourceType",
        named=_list_names(),
        spread=(*(f"{_AT}{path}" for path in _SPREAD), *(f"{path}.valueCodeableConcept.coding" for path in CODED)),
        addresses=(("fullUrl",), (f"{_AT}resourceType", f"{_AT}id")),
        # An MDPH numbers its own: a number is nobody's without its system.
        lasting=tuple(f"{_AT}identifier.{kind}.system|{_AT}identifier.{kind}.value" for kind in NUMBERS),
        targets=(f"{_AT}subject.reference", f"{_AT}patient.reference"),
        # A decision is about a request, which is a person's.
        through={f"{_AT}person.reference": ((f"{_AT}subject.reference",), (f"{_AT}subject.reference",))},
    ),
    unread={
        **dict.fromkeys(_OTHERS, "ressource d'une autre sorte, que `tddui-fhir` lit"),
        "../id": "identifiant technique du Bundle",
        "../meta": "profil et version du Bundle",
        "../meta.*": "profil et version du Bundle",
        "../identifier": "numéro de l'envoi",
        "../timestamp": "date de l'envoi",
        "../total": "nombre de ressources du Bundle",
        "../link": "adresse de la recherche",
    },
    tables=(describe_person(), describe_relative(), _describe_requests(), _describe_decisions()),
    out_of_scope=_list_out_of_scope(),
)
