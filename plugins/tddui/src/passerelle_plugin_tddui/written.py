"""How records become TDDUI resources: a transaction Bundle for each contract and batch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from passerelle import writing as w

from .care import ITEMS
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
    INSEE,
    IPP,
    KEYS,
    LABEL,
    MOTIVE,
    NIA,
    PLANNED_END,
    PLANNED_START,
    RELIABILITY,
    REPORT,
    STRUCTURES,
    SYSTEM,
    USES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.writing import Record

_RESOURCE = "entry.resource."
_NAME = w.Cell("entry.@name", needed=True)
_CLASS = ("resource.class.system", "resource.class.code")
_AT_HOME = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HH")


def _cell(column: str, **more: Any) -> w.Cell:
    return w.Cell(f"{_RESOURCE}{column}", **more)


def _number(system: str) -> dict[str, Any]:
    return {"system": system, "value": _cell(f"identifier.{system}.value")}


def _identify(entity: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"system": KEYS[entity], "value": _NAME}, *more]


def _refers(path: str, kind: str, entity: str) -> dict[str, Any]:
    """Refer by identifier: what is referred to is in another Bundle."""
    return {"type": kind, "identifier": {"system": KEYS[entity], "value": _cell(f"{path}.identifier.value")}}


def _write_extension(url: str, value: str) -> dict[str, Any]:
    return {"url": url, value: _cell(f"extension.{url}.{value}")}


def _coding(path: str) -> dict[str, Any]:
    return {name: _cell(f"{path}.{name}") for name in ("system", "code", "display")}


def _concept(path: str) -> dict[str, Any]:
    return {"coding": [_coding(f"{path}.coding.0")], "text": _cell(f"{path}.text")}


def _address(use: str) -> dict[str, Any]:
    told = {} if use == "0" else {"use": use}
    lines = [_cell(f"address.{use}.line.{nth}") for nth in range(2)]
    return {
        **told,
        "line": lines,
        **{name: _cell(f"address.{use}.{name}") for name in ("city", "postalCode", "country")},
    }


_ADDRESSES = [_address(use) for use in ("0", *USES)]
"""The one that says no use comes first: it is found by its place."""
_TELECOMS = [
    {"system": name.partition("#")[0], "value": _cell(f"telecom.{name}.value")}
    for name in ("phone", "phone#2", "email", "email#2", "fax", "url")
]
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
                        "code": _cell(f"extension.{RELIABILITY}.extension.identityStatus.valueCoding.code"),
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
                            "code": _cell(f"{_PLACE}.extension.{INSEE}.valueCoding.code"),
                        },
                    }
                ],
                "city": _cell(f"{_PLACE}.city"),
                "country": _cell(f"{_PLACE}.country"),
            },
        },
    ],
    "identifier": _identify("person", _number(INS), _number(NIA), _number(IPP)),
    "name": [
        {
            "extension": [
                {"url": BIRTH_NAMES, "valueString": _cell(f"name.official.extension.{BIRTH_NAMES}.valueString")}
            ],
            "use": "official",
            "family": _cell("name.official.family"),
            "prefix": [_cell("name.official.prefix.0")],
        },
        {"use": "usual", "family": _cell("name.usual.family"), "given": [_cell("name.usual.given.0")]},
    ],
    "telecom": _TELECOMS,
    "gender": _cell("gender"),
    "birthDate": _cell("birthDate"),
    "_birthDate": {
        "extension": [
            {
                "url": BIRTH_ORDER,
                "valuePositiveInt": _cell(f"_birthDate.extension.{BIRTH_ORDER}.valuePositiveInt", kind="number"),
            }
        ]
    },
    "deceasedDateTime": _cell("deceasedDateTime"),
    "address": _ADDRESSES,
    "managingOrganization": _refers("managingOrganization", "Organization", "organisation"),
}
_ORGANIZATION = {
    "identifier": _identify("organisation"),
    "type": [_concept("type.0")],
    "name": _cell("name"),
    "telecom": _TELECOMS,
    "address": _ADDRESSES,
    "partOf": _refers("partOf", "Organization", "organisation"),
}
_PRACTITIONER = {
    "identifier": _identify("professional"),
    "name": [
        {"family": _cell("name.0.family"), "given": [_cell("name.0.given.0")], "prefix": [_cell("name.0.prefix.0")]}
    ],
    "telecom": _TELECOMS,
    "qualification": [{"code": _concept("qualification.0.code")}],
}
_PERIOD = {"start": _cell("period.start"), "end": _cell("period.end")}
_KIND = {"system": _cell("class.system"), "code": _cell("class.code")}
_STAY = {
    "extension": [
        *(_write_extension(url, "valueDateTime") for url in (ADMISSION, PLANNED_START, PLANNED_END)),
        *(_write_extension(url, "valueString") for url in (ENTRY_LABEL, EXIT_LABEL, COMMENT)),
    ],
    "identifier": _identify("stay"),
    "status": _cell("status"),
    "class": _KIND,
    "subject": _refers("subject", "Patient", "person"),
    "period": _PERIOD,
    "hospitalization": {
        "admitSource": {"coding": [_coding("hospitalization.admitSource.coding.0")]},
        "dischargeDisposition": {"coding": [_coding("hospitalization.dischargeDisposition.coding.0")]},
    },
    "serviceProvider": _refers("serviceProvider", "Organization", "organisation"),
}
_EVENT = {
    "extension": [_write_extension(url, "valueString") for url in (REPORT, COMMENT, LABEL, MOTIVE)],
    "identifier": _identify("appointment"),
    "status": _cell("status"),
    "class": _KIND,
    "type": [_concept("type.0")],
    "subject": _refers("subject", "Patient", "person"),
    "participant": [{"individual": _refers("participant.0.individual", "Practitioner", "professional")}],
    "period": _PERIOD,
    "location": [{"location": {"display": _cell("location.0.location.display")}}],
    "serviceProvider": _refers("serviceProvider", "Organization", "organisation"),
}
_GRID = {
    "identifier": {"system": KEYS["assessment"], "value": _NAME},
    "questionnaire": _cell("questionnaire"),
    "status": _cell("status"),
    "subject": _refers("subject", "Patient", "person"),
    "authored": _cell("authored"),
    "author": _refers("author", "Practitioner", "professional"),
    "item": [
        {
            "linkId": "resultat-eval",
            "text": "Résultat évaluation",
            "answer": [
                {
                    "valueCoding": {
                        "system": CISIS,
                        "code": _cell("item.0.answer.0.valueCoding.code"),
                        "display": _cell("item.0.answer.0.valueCoding.display"),
                    }
                }
            ],
        },
        *(
            {
                "linkId": _cell(f"item.{nth}.linkId"),
                "text": _cell(f"item.{nth}.text"),
                "answer": [{"valueString": _cell(f"item.{nth}.answer.0.valueString")}],
            }
            for nth in range(1, ITEMS + 1)
        ),
    ],
}
_PLAN = [
    {"type": "CarePlan", "identifier": {"system": KEYS["plan"], "value": _cell("basedOn.0.identifier.value")}},
]
_NEED = {
    "identifier": _identify("need"),
    "basedOn": _PLAN,
    "status": _cell("status"),
    "intent": "plan",
    "code": {"coding": [_coding("code.coding.0")], "text": _cell("code.text")},
    "subject": _refers("subject", "Patient", "person"),
    "authoredOn": _cell("authoredOn"),
    "reasonCode": [{"text": _cell("reasonCode.0.text")}],
    "note": [{"text": _cell("note.0.text")}],
}


def _note(kind: str) -> dict[str, Any]:
    coding = {"system": "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-discriminator", "code": kind}
    return {
        "extension": [{"url": DISCRIMINATOR, "valueCodeableConcept": {"coding": [coding]}}],
        "text": _cell(f"note.{kind}.text"),
    }


_GOAL = {
    "identifier": _identify("goal"),
    "lifecycleStatus": _cell("lifecycleStatus"),
    "category": [_concept("category.0")],
    "description": {"text": _cell("description.text")},
    "subject": _refers("subject", "Patient", "person"),
    "startDate": _cell("startDate"),
    "target": [{"detailString": _cell("target.0.detailString"), "dueDate": _cell("target.0.dueDate")}],
    "expressedBy": _refers("expressedBy", "Practitioner", "professional"),
    "addresses": [_refers("addresses.0", "ServiceRequest", "need")],
    "note": [
        _note(kind)
        for kind in ("titreObjectif", "avisUsagerObjectif", "strategieMiseEnOeuvreObjectif", "commentaireAttente")
    ],
}


def _input(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": {"coding": [{"code": kind}]}, **value}


_ACTION = {
    "identifier": _identify("action"),
    "basedOn": _PLAN,
    "status": _cell("status"),
    "intent": "plan",
    "code": {"coding": [_coding("code.coding.0")]},
    "description": _cell("description"),
    "for": _refers("for", "Patient", "person"),
    "executionPeriod": {name: _cell(f"executionPeriod.{name}") for name in ("start", "end")},
    "owner": {"display": _cell("owner.display")},
    "input": [
        _input("titre", valueString=_cell("input.titre.valueString")),
        _input("objectif", valueReference=_refers("input.objectif.valueReference", "Goal", "goal")),
    ],
}
_DOCUMENT = {
    "masterIdentifier": {"value": _NAME},
    "status": "current",
    "type": {"coding": [_coding("type.coding.0")], "text": _cell("type.text")},
    "subject": _refers("subject", "Patient", "person"),
    "date": _cell("date"),
    "author": [_refers("author.0", "Practitioner", "professional")],
    "description": _cell("description"),
    "content": [
        {
            "attachment": {
                "contentType": _cell("content.0.attachment.contentType"),
                "size": _cell("content.0.attachment.size", kind="number"),
                "title": _cell("content.0.attachment.title"),
            }
        }
    ],
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
)


def _complete(record: Record, _related: Mapping[str, Record], *, kind: str, entity: str) -> dict[str, Any]:
    """Complete a resource with how a server finds it again, and with where an encounter is held when nobody said."""
    local = str(record["ref"]).removeprefix(f"{SYSTEM}:{entity}:")
    token = f"{KEYS[entity]}|{local}" if entity in KEYS else local
    made: dict[str, Any] = {"_found_by": f"{kind}?identifier={quote(token, safe='')}"}
    if kind == "Encounter":
        extra = record.get("extra") or {}
        own = {column: text for column, text in (extra.get(SYSTEM) or {}).items() if text}
        made["extra"] = {**extra, SYSTEM: {**dict(zip(_CLASS, _AT_HOME, strict=True)), **own}}
    return made


def _writing(
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
        complete=partial(_complete, kind=kind, entity=contract.partition("/")[0]),
    )


def creations() -> tuple[w.Writing, ...]:
    """Write as TDDUI asks: every resource is created."""
    return tuple(
        _writing(contract, kind, profile, shape, bundle="transaction", request={"method": "POST", "url": kind})
        for contract, kind, profile, shape in _WRITTEN
    )


def updates() -> tuple[w.Writing, ...]:
    """Write so that the same twice changes nothing: what has the identifier is updated, else created.

    Each entry of a `batch` stands alone: one that is refused costs no other.
    """
    request = {"method": "PUT", "url": w.Given("field", of="_found_by")}
    return tuple(_writing(*one, bundle="batch", request=request) for one in _WRITTEN)
