"""Passerelle: vendor-neutral contracts in the middle, one small plugin per supplier at the edge.

This is the plugin author's door: what a plugin needs is here, under names that stay. Each is imported when it is first
asked for, so that `import passerelle` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle import contracts, nomenclatures
    from passerelle.extension import writing
    from passerelle.extension.hookspecs import hookimpl
    from passerelle.extension.supplier import Access, Connector, Page, Push, Send, SignIn, Supplier
    from passerelle.stages import translate as convert
    from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml
    from passerelle.stages.translate.table import OutOfScope, Table, Where
    from passerelle.stages.validate.explaining import validate
    from passerelle.vocabulary.errors import FlowError, ParcelError, TransientError
    from passerelle.vocabulary.ports import Client, Reply

__all__ = [
    "Access",
    "Client",
    "Connector",
    "Csv",
    "FlowError",
    "Json",
    "OutOfScope",
    "Page",
    "ParcelError",
    "Push",
    "Reply",
    "Send",
    "SignIn",
    "Supplier",
    "Table",
    "TransientError",
    "Where",
    "Xlsx",
    "Xml",
    "contracts",
    "convert",
    "hookimpl",
    "nomenclatures",
    "validate",
    "writing",
]

_ROOMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("Access", "Connector", "Page", "Push", "Send", "SignIn", "Supplier"), "passerelle.extension.supplier"
        ),
        **dict.fromkeys(("Csv", "Json", "Xlsx", "Xml"), "passerelle.stages.decode.dialects"),
        **dict.fromkeys(("OutOfScope", "Table", "Where"), "passerelle.stages.translate.table"),
        **dict.fromkeys(("FlowError", "ParcelError", "TransientError"), "passerelle.vocabulary.errors"),
        **dict.fromkeys(("Client", "Reply"), "passerelle.vocabulary.ports"),
        "hookimpl": "passerelle.extension.hookspecs",
        "validate": "passerelle.stages.validate.explaining",
    },
)
_WHOLE_ROOMS: Mapping[str, str] = MappingProxyType(
    {
        "contracts": "passerelle.contracts",
        "convert": "passerelle.stages.translate",
        "nomenclatures": "passerelle.nomenclatures",
        "writing": "passerelle.extension.writing",
    },
)
"""`from passerelle import convert as to`: the converters are too many for the door, they have a room of their own."""


def __getattr__(name: str) -> Any:
    if name in _WHOLE_ROOMS:
        return import_module(_WHOLE_ROOMS[name])
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return __all__
