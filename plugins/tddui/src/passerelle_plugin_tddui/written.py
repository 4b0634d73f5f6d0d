"""Writing of records as TDDUI resources: one transaction Bundle per contract and batch."""

from __future__ import annotations

from functools import partial
from typing import Any

from passerelle import writing as w

from .care import ITEMS
from .completing import complete_record
from .words import (
    ADMISSION,
    BIRTH_NAMES,
    BIRTH_ORDER,
    BIRTH_PLACE,
    CISIS,
    COMMENT,
    DISCRIMINATOR,
    ENTRY_LABEL,
    EXIT_LABEL,
    INS,
    INS_DEMO,
    INS_TEST,
    INSEE,
    IPP,
    KEYS,
    LABEL,
    MOTIVE,
    NIA,
    NSS,
    NSS_NIA,
    PLANNED_END,
    PLANNED_START,
    RELIABILITY,
    REPORT,
    STRUCTURES,
)
from .written_parts import (
    ADDRESSES,
    FILE,
    NAME,
    TELECOMS,
    identify,
    make_cell,
    refer_to,
    write_coding,
    write_concept,
    write_extension,
    write_number,
)

_PLACE = f"extension.{BIRTH_PLACE}.valueAddress"

_PATIENT = {
    "extension": [
        {
            "url": RELIABILITY,
            "extension": [
                {
                    "url": "identityStatus",
                    "valueCoding": {
                        "system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445",
                        "code": make_cell(f"extension.{RELIABILITY}.extension.identityStatus.valueCoding.code"),
                    },
                }
            ],
        },
        {
            "url": BIRTH_PLACE,
            "valueAddress": {
                "extension": [
                    {
                        "url": INSEE,
                        "valueCoding": {
                            "system": "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM",
                            "code": make_cell(f"{_PLACE}.extension.{INSEE}.valueCoding.code"),
                        },
                    }
                ],
                "city": make_cell(f"{_PLACE}.city"),
                "country": make_cell(f"{_PLACE}.country"),
            },
        },
    ],
    "identifier": identify("person", *map(write_number, (INS, NIA, INS_TEST, INS_DEMO, NSS, NSS_NIA, IPP))),
    "name": [
        {
            "extension": [
                {"url": BIRTH_NAMES, "valueString": make_cell(f"name.official.extension.{BIRTH_NAMES}.valueString")}
            ],
            "use": "official",
            "family": make_cell("name.official.family"),
            "prefix": [make_cell("name.official.prefix.0")],
        },
        {"use": "usual", "family": make_cell("name.usual.family"), "given": [make_cell("name.usual.given.0")]},
    ],
    "telecom": TELECOMS,
    "gender": make_cell("gender"),
    "birthDate": make_cell("birthDate"),
    "_birthDate": {
        "extension": [
            {
                "url": BIRTH_ORDER,
                "valuePositiveInt": make_cell(f"_birthDate.extension.{BIRTH_ORDER}.valuePositiveInt", kind="number"),
            }
        ]
    },
    "deceasedDateTime": make_cell("deceasedDateTime"),
    "address": ADDRESSES,
    "managingOrganization": refer_to("managingOrganization", "Organization", "organisation"),
}
_ORGANIZATION = {
    "identifier": identify("organisation"),
    "type": [write_concept("type.0")],
    "name": make_cell("name"),
    "telecom": TELECOMS,
    "address": ADDRESSES,
    "partOf": refer_to("partOf", "Organization", "organisation"),
}
_PRACTITIONER = {
    "identifier": identify("professional"),
    "name": [
        {
            "family": make_cell("name.0.family"),
            "given": [make_cell("name.0.given.0")],
            "prefix": [make_cell("name.0.prefix.0")],
        }
    ],
    "telecom": TELECOMS,
    "qualification": [{"code": write_concept("qualification.0.code")}],
}
_PERIOD = {"start": make_cell("period.start"), "end": make_cell("period.end")}
_KIND = {"system": make_cell("class.system"), "code": make_cell("class.code")}
_STAY = {
    "extension": [
        *(write_extension(url, "valueDateTime") for url in (ADMISSION, PLANNED_START, PLANNED_END)),
        *(write_extension(url, "valueString") for url in (ENTRY_LABEL, EXIT_LABEL, COMMENT)),
    ],
    "identifier": identify("stay", FILE),
    "status": make_cell("status"),
    "class": _KIND,
    "subject": refer_to("subject", "Patient", "person"),
    "period": _PERIOD,
    "hospitalization": {
        "admitSource": {"coding": [write_coding("hospitalization.admitSource.coding.0")]},
        "dischargeDisposition": {"coding": [write_coding("hospitalization.dischargeDisposition.coding.0")]},
    },
    "serviceProvider": refer_to("serviceProvider", "Organization", "organisation"),
}
_EVENT = {
    "extension": [write_extension(url, "valueString") for url in (REPORT, COMMENT, LABEL, MOTIVE)],
    "identifier": identify("appointment"),
    "status": make_cell("status"),
    "class": _KIND,
    "type": [write_concept("type.0")],
    "subject": refer_to("subject", "Patient", "person"),
    "participant": [{"individual": refer_to("participant.0.individual", "Practitioner", "professional")}],
    "period": _PERIOD,
    "location": [{"location": {"display": make_cell("location.0.location.display")}}],
    "serviceProvider": refer_to("serviceProvider", "Organization", "organisation"),
}
_GRID = {
    # In R4 a QuestionnaireResponse has one identifier, not a list of them.
    "identifier": {"system": KEYS["assessment"], "value": NAME},
    "questionnaire": make_cell("questionnaire"),
    "status": make_cell("status", needed=True),
    "subject": refer_to("subject", "Patient", "person"),
    "authored": make_cell("authored"),
    "author": refer_to("author", "Practitioner", "professional"),
    "item": [
        {
            "linkId": "resultat-eval",
            "text": "Résultat évaluation",
            "answer": [
                {
                    "valueCoding": {
                        "system": CISIS,
                        "code": make_cell("item.0.answer.0.valueCoding.code"),
                        "display": make_cell("item.0.answer.0.valueCoding.display"),
                    }
                }
            ],
        },
        *(
            {
                "linkId": make_cell(f"item.{nth}.linkId"),
                "text": make_cell(f"item.{nth}.text"),
                "answer": [{"valueString": make_cell(f"item.{nth}.answer.0.valueString")}],
            }
            for nth in range(1, ITEMS + 1)
        ),
    ],
}
_PLAN = [
    {"type": "CarePlan", "identifier": {"system": KEYS["plan"], "value": make_cell("basedOn.0.identifier.value")}},
]
_NEED = {
    "identifier": identify("need"),
    "basedOn": _PLAN,
    "status": make_cell("status"),
    "intent": "plan",
    "code": {"coding": [write_coding("code.coding.0")], "text": make_cell("code.text")},
    "subject": refer_to("subject", "Patient", "person"),
    "authoredOn": make_cell("authoredOn"),
    "reasonCode": [{"text": make_cell("reasonCode.0.text")}],
    "note": [{"text": make_cell("note.0.text")}],
}


def _write_note(kind: str) -> dict[str, Any]:
    coding = {"system": "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-discriminator", "code": kind}
    return {
        "extension": [{"url": DISCRIMINATOR, "valueCodeableConcept": {"coding": [coding]}}],
        "text": make_cell(f"note.{kind}.text"),
    }


_GOAL = {
    "identifier": identify("goal"),
    "lifecycleStatus": make_cell("lifecycleStatus", needed=True),
    "category": [write_concept("category.0")],
    "description": {"text": make_cell("description.text", needed=True)},
    "subject": refer_to("subject", "Patient", "person"),
    "startDate": make_cell("startDate"),
    "target": [
        {
            # R4 (gol-1): a detail says of what it is the measure
            "measure": {"text": make_cell("target.0.measure.text")},
            "detailString": make_cell("target.0.detailString"),
            "dueDate": make_cell("target.0.dueDate"),
        }
    ],
    "expressedBy": refer_to("expressedBy", "Practitioner", "professional"),
    "addresses": [refer_to("addresses.0", "ServiceRequest", "need")],
    "note": [
        _write_note(kind)
        for kind in ("titreObjectif", "avisUsagerObjectif", "strategieMiseEnOeuvreObjectif", "commentaireAttente")
    ],
}


def _write_input(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": {"coding": [{"code": kind}]}, **value}


_ACTION = {
    "identifier": identify("action"),
    "basedOn": _PLAN,
    "status": make_cell("status", needed=True),
    "intent": "plan",
    "code": {"coding": [write_coding("code.coding.0")]},
    "description": make_cell("description"),
    "for": refer_to("for", "Patient", "person"),
    "executionPeriod": {name: make_cell(f"executionPeriod.{name}") for name in ("start", "end")},
    "owner": {"display": make_cell("owner.display")},
    "input": [
        _write_input("titre", valueString=make_cell("input.titre.valueString")),
        _write_input("objectif", valueReference=refer_to("input.objectif.valueReference", "Goal", "goal")),
    ],
}
_DOCUMENT = {
    # The guide has no identifier system for documents: R4 names them by this one.
    "masterIdentifier": {"value": NAME},
    "status": "current",
    "type": {"coding": [write_coding("type.coding.0")], "text": make_cell("type.text")},
    "subject": refer_to("subject", "Patient", "person"),
    "date": make_cell("date"),
    "author": [{**refer_to("author.0", "Practitioner", "professional"), "display": make_cell("author.0.display")}],
    "description": make_cell("description"),
    "content": [
        {
            "attachment": {
                "contentType": make_cell("content.0.attachment.contentType"),
                "size": make_cell("content.0.attachment.size", kind="number"),
                "title": make_cell("content.0.attachment.title", needed=True),
            }
        }
    ],
}

_RELATIVE = {
    "identifier": [{"value": NAME}],
    "patient": refer_to("patient", "Patient", "person"),
    "relationship": [write_concept("relationship.0")],
    "name": _PRACTITIONER["name"],
    "telecom": TELECOMS,
    "address": ADDRESSES,
    "period": _PERIOD,
}
_CONSENT = {
    "identifier": [{"value": NAME}],
    "status": make_cell("status", needed=True),
    "scope": w.Always(
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}]}
    ),
    "category": [write_concept("category.0")],
    "patient": refer_to("patient", "Patient", "person"),
    "dateTime": make_cell("dateTime"),
    "sourceReference": {
        "type": "DocumentReference",
        "identifier": {"value": make_cell("sourceReference.identifier.value")},
    },
    # R4 (ppc-1): under which rule; the records hold the person's answer, asked by whoever sends it
    "policyRule": w.Always({"text": "Réponse de la personne, recueillie par l'organisme qui transmet"}),
    "provision": {
        "type": make_cell("provision.type"),
        "period": {name: make_cell(f"provision.period.{name}") for name in ("start", "end")},
    },
}

_WRITTEN: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("person/1", "Patient", "tddui-patient", _PATIENT),
    ("organisation/1", "Organization", "tddui-organization", _ORGANIZATION),
    ("professional/1", "Practitioner", "tddui-practitioner", _PRACTITIONER),
    ("stay/1", "Encounter", "tddui-encounter-sejour", _STAY),
    ("appointment/1", "Encounter", "tddui-encounter-evenement", _EVENT),
    ("assessment/1", "QuestionnaireResponse", "tddui-questionnaire-response", _GRID),
    ("need/1", "ServiceRequest", "tddui-servicerequest-besoin", _NEED),
    ("goal/1", "Goal", "tddui-goal-objectif", _GOAL),
    ("action/1", "Task", "tddui-task-action", _ACTION),
    ("document/1", "DocumentReference", "", _DOCUMENT),
    ("related_contact/1", "RelatedPerson", "", _RELATIVE),
    ("consent/1", "Consent", "", _CONSENT),
)


def _describe_writing(
    contract: str, kind: str, profile: str, shape: dict[str, Any], *, bundle: str, request: dict[str, Any]
) -> w.Writing:
    about = {"meta": {"profile": [f"{STRUCTURES}{profile}"]}} if profile else {}
    return w.Writing(
        contract=contract,
        shape=w.JsonShape(
            root={
                "resourceType": "Bundle",
                "type": bundle,
                "entry": w.Rows(
                    {
                        "fullUrl": w.Given("uuid", of="ref"),
                        "resource": {"resourceType": kind, **about, **shape},
                        "request": w.Always(request),
                    }
                ),
            }
        ),
        complete=partial(complete_record, kind=kind, entity=contract.partition("/")[0]),
    )


def creations() -> tuple[w.Writing, ...]:
    """Return the writings that create every resource, as TDDUI specifies."""
    return tuple(
        _describe_writing(contract, kind, profile, shape, bundle="transaction", request={"method": "POST", "url": kind})
        for contract, kind, profile, shape in _WRITTEN
    )


def updates() -> tuple[w.Writing, ...]:
    """Return the writings that update the resource with the identifier, or create it (FHIR conditional update).

    Each entry of a `batch` stands alone: one that is refused costs no other.
    """
    # Not POST, which the guide asks for: sent twice, it would create everything twice.
    request = {"method": "PUT", "url": w.Given("field", of="_found_by")}
    return tuple(_describe_writing(*one, bundle="batch", request=request) for one in _WRITTEN)
