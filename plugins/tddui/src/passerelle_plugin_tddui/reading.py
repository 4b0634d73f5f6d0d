"""Reading of TDDUI resources, in a transaction Bundle or one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import Json, OutOfScope, Where

from . import care, decisions, people, plans
from .words import ALIASES, INS, IPP, KEYS, LEFT_OUT, USES, list_item_names

if TYPE_CHECKING:
    from passerelle import Table

_DESCRIBED = (
    people.patient,
    people.organisation,
    people.practitioner,
    people.relative,
    care.stay,
    care.event,
    care.assessment,
    plans.need,
    plans.goal,
    plans.action,
    care.document,
    people.consent,
    decisions.request,
    decisions.decision,
)
_KINDS = (
    *("Patient", "Organization", "Practitioner", "Encounter", "QuestionnaireResponse"),
    *("ServiceRequest", "Goal", "Task", "DocumentReference", "RelatedPerson", "Consent", "Basic"),
)

_BASES = tuple(f"basedOn.{place}" for place in range(3))
_OF_SEVERAL_TYPES = (
    *("subject", "for", "participant.0.individual", "author", "author.0", "source", "expressedBy"),
    *_BASES,
)
"""References whose target may be of several types; the others lead to one."""
_SAME_PERSON = (*_BASES, "input.objectif.valueReference", "partOf.0", "focus")
"""What a task refers to that is about the same person."""

_PLACES = tuple(f"identifier.{place}" for place in range(4))

BUNDLES_READ = ("transaction", "batch", "collection")
"""Types of Bundle that carry a case file; `searchset`, `history`… are a server's answers."""
_NO_CONTRACT = "ressource du profil TDDUI sans contrat ; ce qui s'y rapporte est lu"
UNREAD = {
    **dict.fromkeys(
        ("PractitionerRole", "CarePlan", "Location", "NutritionOrder", "Bundle"),
        _NO_CONTRACT,
    ),
    "../id": "identifiant technique du Bundle",
    "../meta": "profil et version du Bundle",
    "../meta.*": "profil et version du Bundle",
    "../identifier": "numéro de l'envoi",
    "../timestamp": "date de l'envoi",
    "../total": "nombre de ressources du Bundle",
}


def tables(at: str) -> tuple[Table, ...]:
    """Return the tables of all resources that are read; `at` is the path from an entry to its resource."""
    return tuple(describe(at) for describe in _DESCRIBED)


def out_of_scope(at: str) -> tuple[OutOfScope, ...]:
    """Return the resources that are left out on purpose."""
    others = OutOfScope(
        fr="ressource sans contrat : rôle, projet, lieu, repas, présence… ; ce qui s'y rapporte est lu",
        en="a resource without contract: role, plan, place, meal, presence…; what refers to it is read",
        where=(Where(f"{at}resourceType", _KINDS, negated=True),),
    )
    basic = OutOfScope(
        fr="ressource Basic qui n'est pas une décision",
        en="a Basic resource that is no decision",
        where=(
            Where.equals(f"{at}resourceType", "Basic"),
            Where.other_than(f"{at}code.coding.0.code", "DECISION"),
        ),
        optional=(f"{at}code.coding.0.code",),
    )
    return others, basic, *(_leave_out(f"{at}identifier.{KEYS[kind]}.value", *_WHY[kind]) for kind in LEFT_OUT)


_JOURNEY = (
    "transport d'un évènement : aucun contrat ne décrit les trajets",
    "the journey of an event: no contract describes journeys",
)
_WHY = {
    "journey": _JOURNEY,
    "ride": _JOURNEY,
    "review": (
        "bilan d'un projet personnalisé : aucun contrat ne décrit les bilans",
        "the review of a support plan: no contract describes reviews",
    ),
}


def _leave_out(column: str, fr: str, en: str) -> OutOfScope:
    return OutOfScope(fr=fr, en=en, where=(Where.holds(column),), optional=(column,))


def dialect(lists: dict[str, str], at: str, kind: dict[str, str | tuple[str, ...]]) -> Json:
    """Return the JSON dialect: items of a list become columns named after a member of theirs (system, url, use)."""
    coded = ("type", "type.0.coding", "type.coding", "category", "category.0.coding", "code.coding")
    spread = (
        *coded,
        *(f"name.{use}.{part}" for use in ("official", "usual", "0") for part in ("given", "prefix")),
        *(f"address.{use}.line" for use in (*USES, "0")),
        *("participant", "location", "hospitalization.admitSource.coding"),
        *(
            "hospitalization.dischargeDisposition.coding",
            "qualification",
            "qualification.0.code.coding",
            "basedOn",
            "partOf",
        ),
        *("addresses", "target", "reasonCode", "content", "author", "relationship", "relationship.0.coding"),
        *(f"identifier.{INS}{nth}.type.coding" for nth in ("", "#2")),
        *decisions.SPREAD,
    )
    keys = (f"{at}identifier.{system}.value" for system in KEYS.values())
    return Json(
        lists=lists,
        kind=kind,
        types=f"{at}resourceType",
        named=list_item_names(at),
        aliases={f"{at}{path}": words for path, words in ALIASES.items()},
        spread=tuple(f"{at}{path}" for path in spread),
        # The guide allows three ways to refer within a Bundle: `urn:uuid`, the whole fullUrl, `Type/id`.
        addresses=((("fullUrl",),) if at else ()) + ((f"{at}resourceType", f"{at}id"),),
        # Identifiers of the guide first: whoever receives a resource gives it a technical id of their own.
        lasting=(
            *keys,
            *(f"{at}{path}.value" for path in (f"identifier.{IPP}", *_PLACES, "identifier", "masterIdentifier")),
        ),
        targets=tuple(f"{at}{path}.reference" for path in _OF_SEVERAL_TYPES),
        # who takes part is a practitioner, in a role
        stands_for={"PractitionerRole": f"{at}practitioner.reference"},
        # the examples of the guide name no person in a task: its plan does, or what else it is based on
        through={
            f"{at}for.reference": (
                tuple(f"{at}{path}.{end}" for path in _SAME_PERSON for end in ("reference", "identifier.value")),
                tuple(f"{at}subject.{end}" for end in ("identifier.value", "reference")),
            ),
            # a decision is about a request, which is a person's
            f"{at}person.reference": ((f"{at}subject.reference",), (f"{at}subject.reference",)),
        },
    )
