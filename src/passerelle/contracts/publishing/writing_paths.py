"""Paths of the API on which records are written, as OpenAPI describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.publishing.api_answers import list_responses, make_ref, write_parameter

if TYPE_CHECKING:
    from passerelle.contracts.contract import ContractMeta

MOST_RECORDS = 1_000
"""Records that are handed in at once."""
_ERRORS = (400, 401, 403, 404, 406, 409, 413, 415, 422, 429, 500, 503)


def write_body(name: str, *, is_one: bool = False) -> dict[str, Any]:
    """Return the body of a request with one record, or with several."""
    record = make_ref(name)
    several = {"type": "array", "items": record, "minItems": 1, "maxItems": MOST_RECORDS}
    schema: dict[str, Any] = record if is_one else {"anyOf": [record, several]}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def write_check(about: ContractMeta, body: dict[str, Any]) -> dict[str, Any]:
    """Return the path of a check."""
    verdict = {
        "type": "object",
        "properties": {
            "records": {"type": "integer"},
            "warnings": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["records", "warnings"],
    }
    return {
        "post": {
            "operationId": f"check_{about.family}",
            "summary": f"{about.fr_title} / {about.en_title}",
            "description": "Le verdict seul ; rien n'est pris. / The verdict alone; nothing is taken.",
            "requestBody": body,
            "responses": {
                "200": {
                    "description": "Ils seraient pris. / They would be taken.",
                    "content": {"application/json": {"schema": verdict}},
                },
                **list_responses(400, 401, 403, 404, 406, 413, 415, 422, 429, 500, 503),
            },
        }
    }


def write_receipt() -> dict[str, Any]:
    """Return the path of a receipt."""
    kind = {"type": "string", "minLength": 1}
    named = {**write_parameter("receipt", "Le reçu. / The receipt.", kind), "in": "path", "required": True}
    return {
        "parameters": [named],
        "get": {
            "operationId": "get_receipt",
            "summary": "Ce que sont devenus des enregistrements remis / What became of records handed in",
            "responses": {
                "200": {
                    "description": "Le reçu. / The receipt.",
                    "content": {"application/json": {"schema": _write_told()}},
                },
                **list_responses(400, 401, 403, 404, 406, 429, 500, 503),
            },
        },
    }


def _write_told() -> dict[str, Any]:
    """Return the schema of what a receipt tells."""
    item = {
        "type": "object",
        "properties": {
            "record": {"type": "integer"},
            **{name: {"type": "string"} for name in ("fate", "code", "field", "detail", "advice")},
        },
        "required": ["record", "fate", "code"],
    }
    return {
        "type": "object",
        "properties": {
            "receipt": {"type": "string"},
            "contract": {"type": "string"},
            "at": {"type": "string", "format": "date-time"},
            "settled": {"type": "boolean"},
            "received": {"type": "integer"},
            "fates": {"type": "object", "additionalProperties": {"type": "integer"}},
            "items": {"type": "array", "items": item},
            "waits": {"type": "object"},
        },
        "required": ["receipt", "contract", "at", "settled", "received", "fates", "items"],
    }


def write_handing_in(about: ContractMeta, body: dict[str, Any]) -> dict[str, Any]:
    """Return the operation by which records are handed in."""
    return {
        "operationId": f"post_{about.family}",
        "summary": f"{about.fr_title} / {about.en_title}",
        "description": (
            "Un enregistrement ou une liste ; pris en charge, puis soldé plus tard. / "
            "One record or a list; taken in charge, and settled later."
        ),
        "parameters": [_write_key(is_required=True), _write_preference()],
        "requestBody": body,
        "responses": {**_write_taken(), **list_responses(*_ERRORS)},
    }


def write_replacing(about: ContractMeta, body: dict[str, Any]) -> dict[str, Any]:
    """Return the operation by which one record takes the place of another."""
    return {
        "operationId": f"put_{about.family}",
        "summary": f"{about.fr_title} / {about.en_title}",
        "description": (
            "Prend la place de l'enregistrement, ou est nouveau. Un champ rendu comme il a été lu reste comme il est "
            "gardé. / Takes the place of the record, or is new. A field sent back as it was read stays as it is kept."
        ),
        "parameters": [_write_key(), *_write_conditions(), _write_preference()],
        "requestBody": body,
        "responses": {**_write_taken(), **list_responses(*_ERRORS, 412)},
    }


def write_deleting(about: ContractMeta) -> dict[str, Any]:
    """Return the operation by which one record is deleted."""
    return {
        "operationId": f"delete_{about.family}",
        "summary": f"{about.fr_title} / {about.en_title}",
        "description": "Retire l'enregistrement au prochain passage. / Removes the record at the next run.",
        "parameters": [_write_key(), *_write_conditions(), _write_preference()],
        "responses": {
            **_write_taken(),
            **list_responses(400, 401, 403, 404, 405, 406, 409, 410, 412, 422, 429, 500, 503),
        },
    }


def _write_key(*, is_required: bool = False) -> dict[str, Any]:
    key = {"type": "string", "minLength": 1, "maxLength": 200}
    named = write_parameter("Idempotency-Key", "La même pour la même remise. / The same for the same handing in.", key)
    return {**named, "in": "header", "required": is_required}


def _write_conditions() -> list[dict[str, Any]]:
    texts = {
        "If-Match": "Seulement si l'enregistrement a cet ETag. / Only if the record has this ETag.",
        "If-None-Match": "«*» : seulement s'il n'y est pas. / «*»: only if it is not there.",
    }
    return [{**write_parameter(name, text), "in": "header"} for name, text in texts.items()]


def _write_preference() -> dict[str, Any]:
    text = "«wait=10» attend les sorts, «return=minimal» n'en rend rien. / «wait=10» waits for the fates."
    return {**write_parameter("Prefer", text), "in": "header"}


def _write_taken() -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("Location", "Preference-Applied")}
    told = {"application/json": {"schema": _write_told()}}
    taken = {"type": "object", "properties": {"receipt": {"type": "string"}}, "required": ["receipt"]}
    return {
        "200": {"description": "Soldé. / Settled.", "headers": headers, "content": told},
        "202": {
            "description": "Pris en charge. / Taken in charge.",
            "headers": headers,
            "content": {"application/json": {"schema": taken}},
        },
    }
