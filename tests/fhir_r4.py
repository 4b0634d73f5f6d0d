"""Rules of FHIR R4 (4.0.1) for the elements that this plugin writes, from the published definitions of the resources.

They stand here on their own, and share nothing with the code that writes: cardinality, types and required lists.
"""

from __future__ import annotations

import re
from typing import Any

_DATE_TIME = (
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?"
)
_PRIMITIVES = {
    "string": r"[\s\S]*\S[\s\S]*",
    "code": r"[^\s]+(\s[^\s]+)*",
    "uri": r"\S+",
    "date": r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
    "dateTime": _DATE_TIME,
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
}
# name → (type, required, list)
_ELEMENTS: dict[str, dict[str, tuple[str, bool, bool]]] = {
    "Coding": {"system": ("uri", False, False), "code": ("code", False, False), "display": ("string", False, False)},
    "CodeableConcept": {"coding": ("Coding", False, True), "text": ("string", False, False)},
    "Identifier": {
        "type": ("CodeableConcept", False, False),
        "system": ("uri", False, False),
        "value": ("string", False, False),
    },
    "Reference": {
        "type": ("uri", False, False),
        "identifier": ("Identifier", False, False),
        "display": ("string", False, False),
    },
    "Period": {"start": ("dateTime", False, False), "end": ("dateTime", False, False)},
    "HumanName": {
        "use": ("use", False, False),
        "family": ("string", False, False),
        "given": ("string", False, True),
        "prefix": ("string", False, True),
        "extension": ("Extension", False, True),
    },
    "ContactPoint": {"system": ("telecom", False, False), "value": ("string", False, False)},
    "Address": {
        "use": ("address_use", False, False),
        "line": ("string", False, True),
        "city": ("string", False, False),
        "postalCode": ("string", False, False),
        "country": ("string", False, False),
        "extension": ("Extension", False, True),
    },
    "Annotation": {"text": ("string", True, False), "extension": ("Extension", False, True)},
    "Meta": {"profile": ("uri", False, True)},
}
_LISTS = {
    "use": "usual official temp nickname anonymous old maiden",
    "address_use": "home work temp old billing",
    "telecom": "phone fax email pager url sms other",
    "gender": "male female other unknown",
    "encounter": "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
    "answered": "in-progress completed amended entered-in-error stopped",
    "request": "draft active on-hold revoked completed entered-in-error unknown",
    "goal": "proposed planned accepted active on-hold completed cancelled entered-in-error rejected",
    "task": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed",
    "intent": "proposal plan directive order original-order reflex-order filler-order instance-order option",
    "document": "current superseded entered-in-error",
    "consent": "draft proposed active rejected inactive entered-in-error",
    "provision": "deny permit",
}
_NOTE = {"note": ("Annotation", False, True)}
_MANY_IDS = {"identifier": ("Identifier", False, True)}
_PEOPLE = {
    **_MANY_IDS,
    "name": ("HumanName", False, True),
    "telecom": ("ContactPoint", False, True),
    "address": ("Address", False, True),
}
_SUBJECT = {"subject": ("Reference", True, False)}
RESOURCES: dict[str, dict[str, tuple[str, bool, bool]]] = {
    "Patient": {
        **_PEOPLE,
        "gender": ("gender", False, False),
        "birthDate": ("date", False, False),
        "_birthDate": ("Element", False, False),
        "deceasedDateTime": ("dateTime", False, False),
        "managingOrganization": ("Reference", False, False),
    },
    "Organization": {
        **_PEOPLE,
        "name": ("string", False, False),
        "type": ("CodeableConcept", False, True),
        "partOf": ("Reference", False, False),
    },
    "Practitioner": {**_PEOPLE, "qualification": ("Qualification", False, True)},
    "Encounter": {
        **_MANY_IDS,
        "status": ("encounter", True, False),
        "class": ("Coding", True, False),
        "type": ("CodeableConcept", False, True),
        "subject": ("Reference", False, False),
        "participant": ("Participant", False, True),
        "period": ("Period", False, False),
        "location": ("Place", False, True),
        "hospitalization": ("Hospitalization", False, False),
        "serviceProvider": ("Reference", False, False),
    },
    "QuestionnaireResponse": {
        "identifier": ("Identifier", False, False),
        "questionnaire": ("uri", False, False),
        "status": ("answered", True, False),
        "subject": ("Reference", False, False),
        "authored": ("dateTime", False, False),
        "author": ("Reference", False, False),
        "item": ("Item", False, True),
    },
    "ServiceRequest": {
        **_MANY_IDS,
        **_NOTE,
        **_SUBJECT,
        "basedOn": ("Reference", False, True),
        "status": ("request", True, False),
        "intent": ("intent", True, False),
        "code": ("CodeableConcept", False, False),
        "authoredOn": ("dateTime", False, False),
        "reasonCode": ("CodeableConcept", False, True),
    },
    "Goal": {
        **_MANY_IDS,
        **_NOTE,
        **_SUBJECT,
        "lifecycleStatus": ("goal", True, False),
        "category": ("CodeableConcept", False, True),
        "description": ("CodeableConcept", True, False),
        "startDate": ("date", False, False),
        "target": ("Target", False, True),
        "expressedBy": ("Reference", False, False),
        "addresses": ("Reference", False, True),
    },
    "Task": {
        **_MANY_IDS,
        "basedOn": ("Reference", False, True),
        "status": ("task", True, False),
        "intent": ("intent", True, False),
        "code": ("CodeableConcept", False, False),
        "description": ("string", False, False),
        "for": ("Reference", False, False),
        "executionPeriod": ("Period", False, False),
        "owner": ("Reference", False, False),
        "input": ("Input", False, True),
    },
    "DocumentReference": {
        "masterIdentifier": ("Identifier", False, False),
        "status": ("document", True, False),
        "type": ("CodeableConcept", False, False),
        "subject": ("Reference", False, False),
        "date": ("instant", False, False),
        "author": ("Reference", False, True),
        "description": ("string", False, False),
        "content": ("Content", True, True),
    },
    "RelatedPerson": {
        **_PEOPLE,
        "patient": ("Reference", True, False),
        "relationship": ("CodeableConcept", False, True),
        "period": ("Period", False, False),
    },
    "Consent": {
        **_MANY_IDS,
        "status": ("consent", True, False),
        "scope": ("CodeableConcept", True, False),
        "category": ("CodeableConcept", True, True),
        "patient": ("Reference", False, False),
        "dateTime": ("dateTime", False, False),
        "sourceReference": ("Reference", False, False),
        "policyRule": ("CodeableConcept", False, False),
        "provision": ("Provision", False, False),
    },
}
_BACKBONES: dict[str, dict[str, tuple[str, bool, bool]]] = {
    "Element": {"extension": ("Extension", False, True)},
    "Qualification": {"code": ("CodeableConcept", True, False)},
    "Participant": {"individual": ("Reference", False, False)},
    "Place": {"location": ("Reference", True, False)},
    "Hospitalization": {
        "admitSource": ("CodeableConcept", False, False),
        "dischargeDisposition": ("CodeableConcept", False, False),
    },
    "Item": {"linkId": ("string", True, False), "text": ("string", False, False), "answer": ("Answer", False, True)},
    "Answer": {"valueCoding": ("Coding", False, False), "valueString": ("string", False, False)},
    "Target": {
        "measure": ("CodeableConcept", False, False),
        "detailString": ("string", False, False),
        "dueDate": ("date", False, False),
    },
    "Input": {
        "type": ("CodeableConcept", True, False),
        "valueString": ("string", False, False),
        "valueReference": ("Reference", False, False),
    },
    "Content": {"attachment": ("Attachment", True, False)},
    "Attachment": {
        "contentType": ("code", False, False),
        "size": ("number", False, False),
        "title": ("string", False, False),
    },
    "Provision": {"type": ("provision", False, False), "period": ("Period", False, False)},
}
_RESOURCE = {
    "resourceType": ("code", True, False),
    "meta": ("Meta", False, False),
    "extension": ("Extension", False, True),
}


def find_faults(resource: dict[str, Any]) -> list[str]:
    """Return what is wrong with a resource, as paths and rules; empty when it is valid."""
    kind = resource["resourceType"]
    faults = _check_object(resource, {**_RESOURCE, **RESOURCES[kind]}, kind)
    for target in resource.get("target", ()) if kind == "Goal" else ():
        faults += ["gol-1"] if "detailString" in target and "measure" not in target else []
    if kind == "Consent" and not {"policy", "policyRule"} & resource.keys():
        faults.append("ppc-1")
    if kind == "Organization" and not {"name", "identifier"} & resource.keys():
        faults.append("org-1")
    return faults


def _check_object(value: Any, elements: dict[str, tuple[str, bool, bool]], path: str) -> list[str]:
    if not isinstance(value, dict) or not value:
        return [f"{path}: no object, or an empty one (ele-1)"]
    faults = [f"{path}.{name}: no such element" for name in value.keys() - elements.keys()]
    for name, (kind, required, several) in elements.items():
        if name not in value:
            faults += [f"{path}.{name}: required"] if required else []
        elif several != isinstance(value[name], list) or value[name] == []:
            faults.append(f"{path}.{name}: a list, or none")
        else:
            items = value[name] if several else [value[name]]
            faults += [fault for item in items for fault in _check(item, kind, f"{path}.{name}")]
    return faults


def _check(value: Any, kind: str, path: str) -> list[str]:
    if kind in _LISTS:
        return [] if value in _LISTS[kind].split() else [f"{path}: not in the list"]
    if kind in _PRIMITIVES:
        return [] if isinstance(value, str) and re.fullmatch(_PRIMITIVES[kind], value) else [f"{path}: no {kind}"]
    if kind == "number":
        return [] if isinstance(value, int) and 0 <= value < 2**31 else [f"{path}: no unsignedInt"]
    if kind == "Extension":
        return _check_extension(value, path)
    return _check_object(value, _ELEMENTS.get(kind) or _BACKBONES[kind], path)


def _check_extension(value: Any, path: str) -> list[str]:
    """ext-1: an extension has a value or extensions, never both."""
    said = [name for name in value if name.startswith("value")]
    held = bool(value.get("extension"))
    return [] if value.get("url") and len(said) + held == 1 else [f"{path}: ext-1"]
