"""Parts that several of the resources written are made of."""

from __future__ import annotations

from typing import Any

from passerelle import writing as w

from .words import FILE_NUMBER, KEYS, USES

_RESOURCE = "entry.resource."
NAME = w.Cell("entry.@name", needed=True)


def make_cell(column: str, **more: Any) -> w.Cell:
    """Return the cell of a column of a resource."""
    return w.Cell(f"{_RESOURCE}{column}", **more)


def write_number(system: str) -> dict[str, Any]:
    """Return an identifier of a system."""
    return {"system": system, "value": make_cell(f"identifier.{system}.value")}


def identify(entity: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the identifiers of a resource: its own, and those of other systems."""
    return [{"system": KEYS[entity], "value": NAME}, *more]


FILE = {
    "type": {
        "coding": [
            {
                "system": "https://interop.esante.gouv.fr/ig/fhir/tddui/CodeSystem/tddui-encounter-identifier",
                "code": FILE_NUMBER,
            }
        ]
    },
    "system": KEYS["stay"],
    "value": make_cell(f"identifier.{FILE_NUMBER}.value"),
}
"""The number of a stay's administrative file, which only its type tells from the stay's own."""


def refer_to(path: str, kind: str, entity: str) -> dict[str, Any]:
    """Return a logical reference, by identifier: its target is in another Bundle."""
    return {"type": kind, "identifier": {"system": KEYS[entity], "value": make_cell(f"{path}.identifier.value")}}


def write_extension(url: str, value: str) -> dict[str, Any]:
    """Return an extension that holds one value."""
    return {"url": url, value: make_cell(f"extension.{url}.{value}")}


def write_coding(path: str) -> dict[str, Any]:
    """Return a coded value."""
    return {name: make_cell(f"{path}.{name}") for name in ("system", "code", "display")}


def write_concept(path: str) -> dict[str, Any]:
    """Return a concept of one coding, and its text."""
    return {"coding": [write_coding(f"{path}.coding.0")], "text": make_cell(f"{path}.text")}


def _address(use: str) -> dict[str, Any]:
    use_member = {} if use == "0" else {"use": use}
    lines = [make_cell(f"address.{use}.line.{nth}") for nth in range(2)]
    return {
        **use_member,
        "line": lines,
        **{name: make_cell(f"address.{use}.{name}") for name in ("city", "postalCode", "country")},
    }


ADDRESSES = [_address(use) for use in ("0", *USES)]
"""The address without use comes first, as it is read by its place."""
TELECOMS = [
    {"system": name.partition("#")[0], "value": make_cell(f"telecom.{name}.value")}
    for name in ("phone", "phone#2", "email", "email#2", "fax", "url")
]
