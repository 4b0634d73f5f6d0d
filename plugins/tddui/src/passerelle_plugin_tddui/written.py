"""Writing of records as TDDUI resources: one transaction Bundle per contract and batch."""

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
# FHIR R4 requires a class of every Encounter, and no contract has one.
_AT_HOME = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HH")


def _make_cell(column: str, **more: Any) -> w.Cell:
    return w.Cell(f"{_RESOURCE}{column}", **more)


def _write_number(system: str) -> dict[str, Any]:
    return {"system": system, "value": _make_cell(f"identifier.{system}.value")}


def _identify(entity: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"system": KEYS[entity], "value": _NAME}, *more]


def _refer_to(path: str, kind: str, entity: str) -> dict[str, Any]:
    """Return a logical reference, by identifier: its target is in another Bundle."""
    return {"type": kind, "identifier": {"system": KEYS[entity], "value": _make_cell(f"{path}.identifier.value")}}


def _write_extension(url: str, value: str) -> dict[str, Any]:
    return {"url": url, value: _make_cell(f"extension.{url}.{value}")}


def _write_coding(path: str) -> dict[str, Any]:
    return {name: _make_cell(f"{path}.{name}") for name in ("system", "code", "display")}


def _write_concept(path: str) -> dict[str, Any]:
    return {"coding": [_write_coding(f"{path}.coding.0")], "text": _make_cell(f"{path}.text")}


def _address(use: str) -> dict[str, Any]:
    use_member = {} if use == "0" else {"use": use}
    lines = [_make_cell(f"address.{use}.line.{nth}") for nth in range(2)]
    return {
        **use_member,
        "line": lines,
        **{name: _make_cell(f"address.{use}.{name}") for name in ("city", "postalCode", "country")},
    }


_ADDRESSES = [_address(use) for use in ("0", *USES)]
"""The address without use comes first, as it is read by its place."""
_TELECOMS = [
    {"system": name.partition("#")[0], "value": _make_cell(f"telecom.{name}.value")}
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
                        "code": _make_cell(f"extension.{RELIABILITY}.extension.identityStatus.valueCoding.code"),
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
                            "code": _make_cell(f"{_PLACE}.extension.{INSEE}.valueCoding.code"),
                        },
                    }
                ],
                "city": _make_cell(f"{_PLACE}.city"),
                "country": _make_cell(f"{_PLACE}.country"),
            },
        },
    ],
    "identifier": _identify("person", _write_number(INS), _write_number(NIA), _write_number(IPP)),
    "name": [
        {
            "extension": [
                {"url": BIRTH_NAMES, "valueString": _make_cell(f"name.official.extension.{BIRTH_NAMES}.valueString")}
            ],
            "use": "official",
            "family": _make_cell("name.official.family"),
            "prefix": [_make_cell("name.official.prefix.0")],
        },
        {"use": "usual", "family": _make_cell("name.usual.family"), "given": [_make_cell("name.usual.given.0")]},
    ],
    "telecom": _TELECOMS,
    "gender": _make_cell("gender"),
    "birthDate": _make_cell("birthDate"),
    "_birthDate": {
        "extension": [
            {
                "url": BIRTH_ORDER,
                "valuePositiveInt": _make_cell(f"_birthDate.extension.{BIRTH_ORDER}.valuePositiveInt", kind="number"),
            }
        ]
    },
    "deceasedDateTime": _make_cell("deceasedDateTime"),
    "address": _ADDRESSES,
    "managingOrganization": _refer_to("managingOrganization", "Organization", "organisation"),
}
_ORGANIZATION = {
    "identifier": _identify("organisation"),
    "type": [_write_concept("type.0")],
    "name": _make_cell("name"),
    "telecom": _TELECOMS,
    "address": _ADDRESSES,
    "partOf": _refer_to("partOf", "Organization", "organisation"),
}
_PRACTITIONER = {
    "identifier": _identify("professional"),
    "name": [
        {
            "family": _make_cell("name.0.family"),
            "given": [_make_cell("name.0.given.0")],
            "prefix": [_make_cell("name.0.prefix.0")],
        }
    ],
    "telecom": _TELECOMS,
    "qualification": [{"code": _write_concept("qualification.0.code")}],
}
_PERIOD = {"start": _make_cell("period.start"), "end": _make_cell("period.end")}
_KIND = {"system": _make_cell("class.system"), "code": _make_cell("class.code")}
_STAY = {
    "extension": [
        *(_write_extension(url, "valueDateTime") for url in (ADMISSION, PLANNED_START, PLANNED_END)),
        *(_write_extension(url, "valueString") for url in (ENTRY_LABEL, EXIT_LABEL, COMMENT)),
    ],
    "identifier": _identify("stay"),
    "status": _make_cell("status"),
    "class": _KIND,
    "subject": _refer_to("subject", "Patient", "person"),
    "period": _PERIOD,
    "hospitalization": {
        "admitSource": {"coding": [_write_coding("hospitalization.admitSource.coding.0")]},
        "dischargeDisposition": {"coding": [_write_coding("hospitalization.dischargeDisposition.coding.0")]},
    },
    "serviceProvider": _refer_to("serviceProvider", "Organization", "organisation"),
}
_EVENT = {
    "extension": [_write_extension(url, "valueString") for url in (REPORT, COMMENT, LABEL, MOTIVE)],
    "identifier": _identify("appointment"),
    "status": _make_cell("status"),
    "class": _KIND,
    "type": [_write_concept("type.0")],
    "subject": _refer_to("subject", "Patient", "person"),
    "participant": [{"individual": _refer_to("participant.0.individual", "Practitioner", "professional")}],
    "period": _PERIOD,
    "location": [{"location": {"display": _make_cell("location.0.location.display")}}],
    "serviceProvider": _refer_to("serviceProvider", "Organization", "organisation"),
}
_GRID = {
    # In R4 a QuestionnaireResponse has one identifier, not a list of them.
    "identifier": {"system": KEYS["assessment"], "value": _NAME},
    "questionnaire": _make_cell("questionnaire"),
    "status": _make_cell("status"),
    "subject": _refer_to("subject", "Patient", "person"),
    "authored": _make_cell("authored"),
    "author": _refer_to("author", "Practitioner", "professional"),
    "item": [
        {
            "linkId": "resultat-eval",
            "text": "Résultat évaluation",
            "answer": [
                {
                    "valueCoding": {
                        "system": CISIS,
                        "code": _make_cell("item.0.answer.0.valueCoding.code"),
                        "display": _make_cell("item.0.answer.0.valueCoding.display"),
                    }
                }
            ],
        },
        *(
            {
                "linkId": _make_cell(f"item.{nth}.linkId"),
                "text": _make_cell(f"item.{nth}.text"),
                "answer": [{"valueString": _make_cell(f"item.{nth}.answer.0.valueString")}],
            }
            for nth in range(1, ITEMS + 1)
        ),
    ],
}
_PLAN = [
    {"type": "CarePlan", "identifier": {"system": KEYS["plan"], "value": _make_cell("basedOn.0.identifier.value")}},
]
_NEED = {
    "identifier": _identify("need"),
    "basedOn": _PLAN,
    "status": _make_cell("status"),
    "intent": "plan",
    "code": {"coding": [_write_coding("code.coding.0")], "text": _make_cell("code.text")},
    "subject": _refer_to("subject", "Patient", "person"),
    "authoredOn": _make_cell("authoredOn"),
    "reasonCode": [{"text": _make_cell("reasonCode.0.text")}],
    "note": [{"text": _make_cell("note.0.text")}],
}


def _write_note(kind: str) -> dict[str, Any]:
    coding = {"system": "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-discriminator", "code": kind}
    return {
        "extension": [{"url": DISCRIMINATOR, "valueCodeableConcept": {"coding": [coding]}}],
        "text": _make_cell(f"note.{kind}.text"),
    }


_GOAL = {
    "identifier": _identify("goal"),
    "lifecycleStatus": _make_cell("lifecycleStatus"),
    "category": [_write_concept("category.0")],
    "description": {"text": _make_cell("description.text")},
    "subject": _refer_to("subject", "Patient", "person"),
    "startDate": _make_cell("startDate"),
    "target": [{"detailString": _make_cell("target.0.detailString"), "dueDate": _make_cell("target.0.dueDate")}],
    "expressedBy": _refer_to("expressedBy", "Practitioner", "professional"),
    "addresses": [_refer_to("addresses.0", "ServiceRequest", "need")],
    "note": [
        _write_note(kind)
        for kind in ("titreObjectif", "avisUsagerObjectif", "strategieMiseEnOeuvreObjectif", "commentaireAttente")
    ],
}


def _write_input(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": {"coding": [{"code": kind}]}, **value}


_ACTION = {
    "identifier": _identify("action"),
    "basedOn": _PLAN,
    "status": _make_cell("status"),
    "intent": "plan",
    "code": {"coding": [_write_coding("code.coding.0")]},
    "description": _make_cell("description"),
    "for": _refer_to("for", "Patient", "person"),
    "executionPeriod": {name: _make_cell(f"executionPeriod.{name}") for name in ("start", "end")},
    "owner": {"display": _make_cell("owner.display")},
    "input": [
        _write_input("titre", valueString=_make_cell("input.titre.valueString")),
        _write_input("objectif", valueReference=_refer_to("input.objectif.valueReference", "Goal", "goal")),
    ],
}
_DOCUMENT = {
    # The guide has no identifier system for documents: R4 names them by this one.
    "masterIdentifier": {"value": _NAME},
    "status": "current",
    "type": {"coding": [_write_coding("type.coding.0")], "text": _make_cell("type.text")},
    "subject": _refer_to("subject", "Patient", "person"),
    "date": _make_cell("date"),
    "author": [_refer_to("author.0", "Practitioner", "professional")],
    "description": _make_cell("description"),
    "content": [
        {
            "attachment": {
                "contentType": _make_cell("content.0.attachment.contentType"),
                "size": _make_cell("content.0.attachment.size", kind="number"),
                "title": _make_cell("content.0.attachment.title"),
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
    """Add the identifier by which a server finds the resource, and the class of an encounter that has none."""
    local = str(record["ref"]).removeprefix(f"{SYSTEM}:{entity}:")
    token = f"{KEYS[entity]}|{local}" if entity in KEYS else local
    made: dict[str, Any] = {"_found_by": f"{kind}?identifier={quote(token, safe='')}"}
    if kind == "Encounter":
        extra = record.get("extra") or {}
        own = {column: text for column, text in (extra.get(SYSTEM) or {}).items() if text}
        made["extra"] = {**extra, SYSTEM: {**dict(zip(_CLASS, _AT_HOME, strict=True)), **own}}
    return made


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
        complete=partial(_complete, kind=kind, entity=contract.partition("/")[0]),
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
