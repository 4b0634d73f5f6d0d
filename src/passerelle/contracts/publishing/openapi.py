"""OpenAPI 3.1 document of all contracts: the vendor-neutral API that a supplier can be asked to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.publishing.json_schema import Profile, write_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.contracts.contract import Contract

VERSION = "1.0.0"
"""Of the document: the paths, not the contracts, which carry their own."""
_LOCAL, _SHARED = "#/$defs/", "#/components/schemas/"
_PROBLEM = "Problem"


def write_openapi(contracts: Iterable[type[Contract]]) -> dict[str, Any]:
    """Return the document."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for contract in contracts:
        written = _redirect_refs(write_schema(contract, Profile.EMISSION))
        schemas |= written.pop("$defs")
        schemas[_get_name(contract)] = {key: value for key, value in written.items() if key not in ("$schema", "$id")}
        paths[f"/{contract.about.id}"] = _write_path(contract)
    schemas[_PROBLEM] = _write_problem()
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
            "responses": {
                "Problem": _write_response("Refusé, avec un motif. / Refused, with a reason.", _make_ref(_PROBLEM))
            },
        },
    }


def _get_name(contract: type[Contract]) -> str:
    return contract.__name__


def _make_ref(name: str) -> dict[str, str]:
    return {"$ref": f"{_SHARED}{name}"}


def _redirect_refs(document: Any) -> Any:
    """Return a document whose local references point to the shared components."""
    if isinstance(document, dict):
        return {
            key: f"{_SHARED}{value.removeprefix(_LOCAL)}"
            if key == "$ref" and isinstance(value, str)
            else _redirect_refs(value)
            for key, value in document.items()
        }
    return [_redirect_refs(entry) for entry in document] if isinstance(document, list) else document


def _write_path(contract: type[Contract]) -> dict[str, Any]:
    about, record = contract.about, _make_ref(_get_name(contract))
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
                _write_parameter("cursor", "query"),
                _write_parameter("limit", "query", {"type": "integer", "minimum": 1}),
            ],
            "responses": {"200": _write_response("Une page. / One page.", page), "default": problem},
        },
        "post": {
            "operationId": f"put_{about.family}",
            "summary": f"{about.fr_title} / {about.en_title}",
            "parameters": [{**_write_parameter("Idempotency-Key", "header"), "required": True}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": record}}},
            "responses": {"201": {"description": "Pris. / Taken."}, "422": problem, "default": problem},
        },
    }


def _write_parameter(name: str, place: str, kind: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": kind or {"type": "string"}}


def _write_response(text: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": content}}}


def _write_problem() -> dict[str, Any]:
    """Return the schema of the answer to a refusal: a reason code and the field, never a value."""
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
