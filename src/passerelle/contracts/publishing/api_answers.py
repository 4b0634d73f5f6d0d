"""Answers that every path of the API may give: what is wrong, with its reason code, and records that were removed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEM, REMOVED = "Problem", "Removed"
PROBLEM_TYPE = "application/problem+json"
_SHARED = "#/components/schemas/"
_TEXTS: Mapping[int, str] = MappingProxyType(
    {
        400: "La demande ne peut pas être lue. / The request cannot be read.",
        401: "Pas de jeton, ou il n'est pas accepté. / No token, or it is not taken.",
        403: "Le jeton ne le permet pas. / The token does not allow it.",
        404: "Rien de tel pour ce jeton. / No such thing for this token.",
        405: "Cette méthode n'est pas prise ici. / This method is not taken here.",
        406: "Aucun format accepté. / None of the accepted formats.",
        409: "Une autre écriture est en cours. / Another write is under way.",
        410: "Retiré, ou curseur trop ancien. / Removed, or the cursor is too old.",
        412: "L'enregistrement n'est plus ce qu'il était. / The record is not what it was.",
        413: "Trop grand. / Too large.",
        415: "Ce n'est pas du JSON. / It is not JSON.",
        422: "Refusé, avec tous les motifs. / Refused, with all reasons.",
        429: "Trop de demandes à la fois. / Too many requests at once.",
        500: "Une faute de notre côté. / A fault of ours.",
        503: "Pas maintenant. / Not now.",
    }
)
_OWN_HEADERS: Mapping[int, str] = MappingProxyType(
    {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
)
_WHOLE = {"type": "integer", "minimum": 1}
_COUNT = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}


def _write_header(text: str, kind: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "schema": kind}


HEADERS: Mapping[str, Any] = MappingProxyType(
    {
        "Allow": _write_header("Les méthodes que l'adresse prend. / The methods that the address takes.", _TEXT),
        "ETag": _write_header("Change avec ce que vous lisez. / Changes with what you read.", _TEXT),
        "Location": _write_header("Où est le reçu. / Where the receipt is.", _TEXT),
        "Passerelle-Purpose": _write_header("La finalité de la réponse. / The purpose of the answer.", _TEXT),
        "Passerelle-Since": _write_header(
            "Depuis quand les enregistrements sont gardés. / Since when records are kept.",
            {"type": "string", "format": "date-time"},
        ),
        "Preference-Applied": _write_header("Ce qui a été suivi de «Prefer». / What of «Prefer» was kept.", _TEXT),
        "Retry-After": _write_header("Secondes d'attente. / Seconds to wait.", _WHOLE),
        "WWW-Authenticate": _write_header("Comment se présenter. / How to identify yourself.", _TEXT),
    }
)
"""Of answers, by name."""
RESPONSES: Mapping[str, Any] = MappingProxyType(
    {
        f"Problem{status}": {
            "description": text,
            **(
                {"headers": {name: {"$ref": f"#/components/headers/{name}"}}}
                if (name := _OWN_HEADERS.get(status))
                else {}
            ),
            "content": {PROBLEM_TYPE: {"schema": {"$ref": f"{_SHARED}{PROBLEM}"}}},
        }
        for status, text in _TEXTS.items()
    }
)
"""By name, the problems that paths refer to."""


def list_responses(*statuses: int) -> dict[str, Any]:
    """Return the problems of a path, by status."""
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def make_ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document."""
    return {"$ref": f"{_SHARED}{name}"}


def write_parameter(name: str, text: str, kind: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a parameter of the address."""
    return {"name": name, "in": "query", "description": text, "schema": kind or {"type": "string"}}


def write_problem() -> dict[str, Any]:
    """Return the schema of a problem (RFC 9457): a reason code and the field, never a value."""
    fault = {"code": _TEXT, "field": _TEXT, "record": _COUNT, "detail": _TEXT, "advice": _TEXT}
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            **fault,
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": fault, "required": ["code", "detail", "advice"]},
            },
        },
        "required": ["type", "title", "status", "detail", "code", "advice"],
    }


def write_removed() -> dict[str, Any]:
    """Return the schema of what stands in a stream of changes for a record that is there no more."""
    return {
        "type": "object",
        "properties": {"ref": _TEXT, "deleted": {"const": True}},
        "required": ["ref", "deleted"],
        "additionalProperties": False,
    }
