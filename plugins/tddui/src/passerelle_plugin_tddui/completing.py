"""What FHIR R4 requires of a resource, and a record need not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .words import KEYS, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.writing import Record

_CLASS = ("resource.class.system", "resource.class.code")
# FHIR R4 requires a class of every Encounter, and no contract has one.
_CATEGORY = ("resource.category.0.coding.0.system", "resource.category.0.coding.0.code")
_CONSENT_DOCUMENT = ("http://loinc.org", "59284-0")
"""LOINC, «Consent Document»: the category of a consent of which nothing more is said."""
_AT_HOME = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "HH")


def _list_defaults(record: Record, kind: str) -> dict[str, str]:
    """Return the cells that R4 requires of a resource and for which a record may have nothing."""
    if kind == "Encounter":
        return {**dict(zip(_CLASS, _AT_HOME, strict=True)), "resource.status": "unknown"}
    if kind == "ServiceRequest":
        return {"resource.status": "unknown"}
    if kind == "Goal" and record.get("expected_result"):
        return {"resource.target.0.measure.text": "Résultat attendu"}
    if kind == "Consent" and not record.get("scope"):
        return dict(zip(_CATEGORY, _CONSENT_DOCUMENT, strict=True))
    return {}


def _list_substitutes(record: Record, kind: str) -> dict[str, Any]:
    """Return what stands for a field that R4 requires: the title of a goal for its description, a name for a title."""
    if kind == "Goal" and not record.get("description"):
        return {"description": record.get("title")}
    if kind == "DocumentReference" and not record.get("title"):
        coded = record.get("type") or {}
        return {"title": record.get("file_name") or coded.get("label") or coded.get("original")}
    return {}


def complete_record(record: Record, _related: Mapping[str, Record], *, kind: str, entity: str) -> dict[str, Any]:
    """Add the identifier by which a server finds the resource, and what R4 requires and a record need not hold."""
    local = str(record["ref"]).removeprefix(f"{SYSTEM}:{entity}:")
    token = f"{KEYS[entity]}|{local}" if entity in KEYS else local
    made: dict[str, Any] = {"_found_by": f"{kind}?identifier={quote(token, safe='')}"}
    made |= _list_substitutes(record, kind)
    if defaults := _list_defaults(record, kind):
        extra = record.get("extra") or {}
        own = {column: text for column, text in (extra.get(SYSTEM) or {}).items() if text}
        made["extra"] = {**extra, SYSTEM: {**defaults, **own}}
    return made
