"""What the flat columns of a contract are called by people, and what kind of value each holds."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.contracts import field_types
from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.language import N_, _, get_current

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.contracts.contract import Contract

_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "code": N_("code"),
        "system": N_("system"),
        "label": N_("label"),
        "original": N_("as in the software"),
        "value": N_("value"),
        "use": N_("use"),
        "kind": N_("kind"),
        "lines": N_("line"),
        "postcode": N_("postcode"),
        "city": N_("city"),
        "commune": N_("municipality"),
        "country": N_("country"),
        "supplier": N_("supplier"),
        "connector": N_("connector"),
        "connector_version": N_("version of the connector"),
        "parcel": N_("parcel"),
        "row": N_("row"),
        "received_at": N_("received at"),
        "unsaid": N_("left unsaid"),
    },
)
"""The parts of objects; another one goes by its own name."""


def list_titles(contract: type[Contract], columns: Sequence[str]) -> list[str]:
    """Return a title for each column, as `flat` names it, in the language in use; no two are the same."""
    titles: list[str] = []
    for name in columns:
        title = _make_title(contract, name)
        # two fields may share a title: then the name tells them apart
        titles.append(f"{title} ({name})" if title in titles else title)
    return titles


def _make_title(contract: type[Contract], column: str) -> str:
    name, *parts = column.split(".")
    if name not in contract.model_fields:
        return column
    about = contract.describe_fields()[name]
    title = about.fr_title if get_current() == "fr" else about.en_title
    words = [_(_PARTS[part]) if part in _PARTS else part for part in parts]
    return " – ".join((title, *words))


def find_kind(contract: type[Contract], column: str) -> FieldKind:
    """Return what a column holds: that of its field, or of the part of an object, or of the items of a list."""
    name, *parts = column.split(".")
    if name not in contract.model_fields:
        return FieldKind.TEXT
    info = contract.model_fields[name]
    return _follow(info.annotation, tuple(info.metadata), parts)


def _follow(annotation: Any, metadata: tuple[Any, ...], parts: Sequence[str]) -> FieldKind:
    kind = field_types.find_shape(annotation, metadata).kind
    if not parts or kind is FieldKind.MAP:
        return kind if kind is not FieldKind.MAP else FieldKind.TEXT
    if kind is FieldKind.LIST:
        return _follow(field_types.get_item_type(annotation), (), parts[1:])
    if kind is not FieldKind.OBJECT:
        return FieldKind.TEXT
    fields = field_types.get_model(annotation).model_fields
    info = fields.get(parts[0])
    return FieldKind.TEXT if info is None else _follow(info.annotation, tuple(info.metadata), parts[1:])
