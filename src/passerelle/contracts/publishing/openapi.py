"""One OpenAPI 3.1 document for all contracts: the vendor-neutral door that a supplier can open, or be asked to open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.publishing.json_schema import Profile, schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.contracts.contract import Contract

VERSION = "1.0.0"
"""Of the document: the paths, not the contracts, which carry their own."""
_LOCAL, _SHARED = "#/$defs/", "#/components/schemas/"
_PROBLEM = "Problem"


def openapi(contracts: Iterable[type[Contract]]) -> dict[str, Any]:
    """Write the document."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for contract in contracts:
        written = _referring(schema(contract, Profile.EMISSION))
        schemas |= written.pop("$defs")
        schemas[_name(contract)] = {key: value for key, value in written.items() if key not in ("$schema", "$id")}
        paths[f"/{contract.about.id}"] = _path(contract)
    schemas[_PROBLEM] = _problem()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Passerelle, contrats d'interface / contracts",
            "version": VERSION,
            "description": "Lire et remettre des enregistrements de chaque contrat. / Read and hand in records.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "responses": {"Problem": _answer("Refusé, avec un motif. / Refused, with a reason.", _ref(_PROBLEM))},
        },
    }


def _name(contract: type[Contract]) -> str:
    return contract.__name__


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"{_SHARED}{name}"}


def _referring(document: Any) -> Any:
    """Point local references to the shared components."""
    if isinstance(document, dict):
        return {
            key: f"{_SHARED}{value.removeprefix(_LOCAL)}"
            if key == "$ref" and isinstance(value, str)
            else _referring(value)
            for key, value in document.items()
        }
    return [_referring(entry) for entry in document] if isinstance(document, list) else document


def _path(contract: type[Contract]) -> dict[str, Any]:
    about, record = contract.about, _ref(_name(contract))
    page = {
        "type": "object",
        "properties": {"records": {"type": "array", "items": record}, "next": {"type": "string"}},
        "required": ["records"],
    }
    problem = {"$ref": "#/components/responses/Problem"}
    return {
        "get": {
            "operationId": f"list_{about.family}",
            "summary": f"{about.fr_title} / {about.en_title}",
            "parameters": [
                _parameter("cursor", "query"),
                _parameter("limit", "query", {"type": "integer", "minimum": 1}),
            ],
            "responses": {"200": _answer("Une page. / One page.", page), "default": problem},
        },
        "post": {
            "operationId": f"put_{about.family}",
            "summary": f"{about.fr_title} / {about.en_title}",
            "parameters": [{**_parameter("Idempotency-Key", "header"), "required": True}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": record}}},
            "responses": {"201": {"description": "Pris. / Taken."}, "422": problem, "default": problem},
        },
    }


def _parameter(name: str, place: str, kind: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": kind or {"type": "string"}}


def _answer(text: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": content}}}


def _problem() -> dict[str, Any]:
    """Write the answer to a refusal: a reason code and the field, never a value."""
    return {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "field": {"type": "string"},
            "says": {"type": "string"},
            "advice": {"type": "string"},
        },
        "required": ["code"],
    }
