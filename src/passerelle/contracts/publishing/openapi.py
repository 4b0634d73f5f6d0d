"""OpenAPI 3.1 of the vendor-neutral API: of all contracts, as suppliers can be asked to offer it, or of one token."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.contracts.publishing.api_answers import (
    HEADERS,
    PROBLEM,
    REMOVED,
    RESPONSES,
    list_responses,
    make_ref,
    write_parameter,
    write_problem,
    write_removed,
)
from passerelle.contracts.publishing.json_schema import Profile, write_schema
from passerelle.contracts.publishing.writing_paths import (
    write_body,
    write_check,
    write_deleting,
    write_handing_in,
    write_receipt,
    write_replacing,
)
from passerelle.contracts.query_filters import list_filters
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.query_filters import FieldFilter

VERSION = "1.2.0"
"""Of the document: the paths, not the contracts, which carry their own."""
_LOCAL, _SHARED = "#/$defs/", "#/components/schemas/"
_LARGEST_PAGE = 500


class ApiOperation(StrEnum):
    """What can be done with a contract through the API."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    CHECK = "check"
    """Only what records would be worth."""


@dataclass(frozen=True, slots=True)
class OfferedContract:
    """A contract as an API offers it: with which fields, and for which operations."""

    contract: type[Contract]
    fields: tuple[str, ...]
    operations: frozenset[ApiOperation] = frozenset(ApiOperation)

    @classmethod
    def of(
        cls, contract: type[Contract], operations: frozenset[ApiOperation] = frozenset(ApiOperation)
    ) -> OfferedContract:
        """Return a contract with everything that it has."""
        return cls(contract, contract.list_fields(), operations)

    @property
    def name(self) -> str:
        """Return what its records are called in the document; those that are handed in have a name of their own."""
        is_read = ApiOperation.READ in self.operations
        return self.contract.__name__ if is_read else f"Handed{self.contract.__name__}"


def write_openapi(
    offers: Iterable[OfferedContract], *, purposes: tuple[str, ...] = (), has_bulk: bool = True
) -> dict[str, Any]:
    """Return the document; `purposes` are those that a request may name, where it may."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for offer in offers:
        written = _redirect_refs(write_schema(offer.contract, Profile.EMISSION, offer.fields))
        schemas |= written.pop("$defs")
        schemas[offer.name] = {key: value for key, value in written.items() if key not in ("$schema", "$id")}
        path = f"/{offer.contract.about.id}"
        about, several = offer.contract.about, write_body(offer.name)
        if ApiOperation.CHECK in offer.operations:
            paths[f"{path}/$check"] = write_check(about, several)
        if ApiOperation.READ in offer.operations:
            paths |= {path: _write_path(offer, purposes), f"{path}/{{ref}}": _write_record_path(offer, purposes)}
        if ApiOperation.WRITE in offer.operations:
            paths[path] = {**paths.get(path, {}), "post": write_handing_in(about, several)}
            one = paths.setdefault(f"{path}/{{ref}}", {"parameters": [_write_reference()]})
            one["put"] = write_replacing(about, write_body(offer.name, is_one=True))
            if ApiOperation.DELETE in offer.operations:
                one["delete"] = write_deleting(about)
            paths["/receipts/{receipt}"] = write_receipt()
    if has_bulk:
        paths["/$bulk"] = _write_bulk(purposes)
    schemas |= {PROBLEM: write_problem(), REMOVED: write_removed()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Passerelle, contrats d'interface / contracts",
            "version": VERSION,
            "description": "Lire et remettre des enregistrements de chaque contrat. / Read and hand in records.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "headers": dict(HEADERS),
            "responses": dict(RESPONSES),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


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


def _write_path(offer: OfferedContract, purposes: tuple[str, ...]) -> dict[str, Any]:
    about = offer.contract.about
    filters = list_filters(offer.contract, offer.fields)
    return {
        "get": {
            "operationId": f"list_{about.family}",
            "summary": f"{about.fr_title} / {about.en_title}",
            "description": (
                "Sans «since» : les enregistrements présents, page par page. Avec «since» : ce qui a changé. / "
                "Without «since»: the present records, page by page. With «since»: what has changed."
            ),
            "parameters": [
                write_parameter("cursor", "Le «next» de la page précédente. / The «next» of the page before."),
                write_parameter("since", "Un «cursor» reçu. / A «cursor» that was received."),
                write_parameter(
                    "limit",
                    "Enregistrements par page, au plus. / Most records of a page.",
                    {"type": "integer", "minimum": 1, "maximum": _LARGEST_PAGE},
                ),
                *map(_write_filter, filters),
                *_write_purpose(purposes),
            ],
            "responses": {
                "200": _write_answer("Une page. / One page.", _write_page(make_ref(offer.name))),
                **list_responses(400, 401, 403, 404, 406, 410, 429, 500, 503),
            },
        },
    }


def _write_record_path(offer: OfferedContract, purposes: tuple[str, ...]) -> dict[str, Any]:
    about = offer.contract.about
    found = _write_answer("L'enregistrement. / The record.", make_ref(offer.name))
    found["headers"] = {**found["headers"], "ETag": {"$ref": "#/components/headers/ETag"}}
    known = {**write_parameter("If-None-Match", "Un ETag reçu. / An ETag that was received."), "in": "header"}
    return {
        "parameters": [_write_reference()],
        "get": {
            "operationId": f"get_{about.family}",
            "summary": f"{about.fr_title} / {about.en_title}",
            "parameters": [known, *_write_purpose(purposes)],
            "responses": {
                "200": found,
                "304": {
                    "description": "Inchangé. / Not changed.",
                    "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
                },
                **list_responses(400, 401, 403, 404, 406, 410, 429, 500, 503),
            },
        },
    }


def _write_reference() -> dict[str, Any]:
    named = write_parameter("ref", "La référence. / The reference.", {"type": "string", "minLength": 1})
    return {**named, "in": "path", "required": True}


def _write_bulk(purposes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": "read_bulk",
            "summary": "Tout, d'un seul trait / Everything as one stream",
            "description": (
                "Une ligne par enregistrement ; la première dit ce qui vient, la dernière où continuer. Sans sa "
                "dernière ligne, ce n'est pas complet. / One line a record; the first says what comes, the last where "
                "to go on. Without its last line it is not complete."
            ),
            "parameters": [
                write_parameter("contracts", "Lesquels, avec des virgules. / Which ones, with commas."),
                write_parameter("since", "Le «cursor» de la fois d'avant. / The «cursor» of the time before."),
                *_write_purpose(purposes),
            ],
            "responses": {
                "200": {
                    "description": "Des lignes de JSON. / Lines of JSON.",
                    "headers": {"Passerelle-Purpose": {"$ref": "#/components/headers/Passerelle-Purpose"}},
                    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
                },
                **list_responses(400, 401, 403, 404, 406, 410, 429, 500, 503),
            },
        }
    }


def _write_page(record: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "records": {"type": "array", "items": {"anyOf": [record, make_ref(REMOVED)]}},
            "next": {"type": "string", "description": "À rendre en «cursor». / To be sent as «cursor»."},
            "cursor": {"type": "string", "description": "À rendre en «since». / To be sent as «since»."},
            "more": {
                "type": "boolean",
                "description": "S'il y a d'autres changements déjà. / Whether there are more changes already.",
            },
        },
        "required": ["records"],
        "additionalProperties": False,
    }


def _write_answer(text: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": text,
        "headers": {
            "Passerelle-Purpose": {"$ref": "#/components/headers/Passerelle-Purpose"},
            "Passerelle-Since": {"$ref": "#/components/headers/Passerelle-Since"},
        },
        "content": {"application/json": {"schema": content}},
    }


def _write_filter(one: FieldFilter) -> dict[str, Any]:
    texts = {
        "": "Égal à. / Equal to.",
        "ge": "À partir de. / From … on.",
        "lt": "Avant, exclu. / Before, exclusive.",
    }
    forms: list[dict[str, Any]] = [{"type": "string", "pattern": pattern} for pattern in one.patterns]
    return write_parameter(one.name, texts[one.ending], forms[0] if len(forms) == 1 else {"anyOf": forms})


def _write_purpose(purposes: tuple[str, ...]) -> list[dict[str, Any]]:
    if not purposes:
        return []
    text = "La finalité de la demande. / The purpose of the request."
    named = write_parameter("Passerelle-Purpose", text, {"type": "string", "enum": list(purposes)})
    return [{**named, "in": "header", "required": len(purposes) > 1}]
