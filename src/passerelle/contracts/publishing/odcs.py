"""Open Data Contract Standard 3.1: an export for catalogues; what the standard lacks goes to custom properties."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts import field_types
from passerelle.contracts.field_meta import DataSubject, Sensitivity
from passerelle.contracts.types import FieldKind

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta
    from passerelle.contracts.types import Shape

_LOGICAL = {
    FieldKind.DAY: "date",
    FieldKind.INSTANT: "timestamp",
    FieldKind.INTEGER: "integer",
    FieldKind.FLAG: "boolean",
    FieldKind.OBJECT: "object",
    FieldKind.MAP: "object",
    FieldKind.LIST: "array",
}


def write_odcs(contract: type[Contract]) -> dict[str, Any]:
    """Write the contract as an ODCS document."""
    about = contract.about
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"urn:passerelle:contract:{about.family}:{about.version}",
        "name": about.family,
        "version": about.version,
        "status": "deprecated" if about.support_until else "active",
        "description": {"purpose": f"{about.fr} / {about.en}"},
        **(
            {"customProperties": _list_custom_properties(supportUntil=about.support_until)}
            if about.support_until
            else {}
        ),
        "schema": [
            {
                "name": about.family,
                "physicalType": "record",
                "logicalType": "object",
                "businessName": about.fr_title,
                "description": about.fr,
                "customProperties": _list_custom_properties(titleEn=about.en_title, descriptionEn=about.en),
                "properties": [_write_property(contract, name) for name in contract.list_fields()],
            }
        ],
    }


def _list_custom_properties(**values: Any) -> list[dict[str, Any]]:
    # False and 0 say something: only what is not there is left out.
    return [{"property": name, "value": value} for name, value in values.items() if value not in ("", None)]


def _write_property(contract: type[Contract], name: str) -> dict[str, Any]:
    entry, info = contract.describe_fields()[name], contract.model_fields[name]
    written = {
        "name": name,
        "businessName": entry.fr_title,
        "description": entry.fr,
        **_write_type(info.annotation, tuple(info.metadata)),
        "required": info.is_required(),
        "classification": entry.sensitivity.value,
        # The nearest that ODCS has to the special categories of the RGPD (article 9): catalogues search by it.
        "criticalDataElement": entry.sensitivity in (Sensitivity.SPECIAL, Sensitivity.SURVEILLANCE),
        "examples": [entry.example],
        "customProperties": _write_privacy(entry),
    }
    if entry.key:
        written |= {"primaryKey": True, "primaryKeyPosition": 1}
    if entry.codes and not entry.open_codes:
        labels, codes = nomenclatures.get(entry.codes), field_types.list_words(info.annotation)
        words = [
            {"value": code, "labelFr": labels.get_label(code), "labelEn": labels.get_label(code, "en")}
            for code in codes
        ]
        written["customProperties"].append({"property": "words", "value": words})
    return written


def _write_privacy(entry: FieldMeta) -> list[dict[str, Any]]:
    return _list_custom_properties(
        titleEn=entry.en_title,
        descriptionEn=entry.en,
        subject=entry.subject.value if entry.subject is not DataSubject.NONE else "none",
        purposes=[purpose.value for purpose in entry.purposes],
        origin=entry.origin,
        unit=entry.unit,
        reference=entry.reference,
        codes=entry.codes,
        codesAreOpen=entry.open_codes if entry.codes else None,
        deprecated=asdict(entry.deprecated) if entry.deprecated else None,
    )


def _write_type(annotation: Any, beside: tuple[Any, ...] = ()) -> dict[str, Any]:
    shape = field_types.find_shape(annotation, beside)
    written: dict[str, Any] = {"logicalType": _LOGICAL.get(shape.kind, "string"), "physicalType": shape.kind.value}
    if options := _write_options(shape):
        written["logicalTypeOptions"] = options
    if shape.kind is FieldKind.LIST:
        written["items"] = {"name": "item", **_write_type(field_types.get_item_type(annotation))}
    if shape.kind is FieldKind.OBJECT:
        fields = field_types.get_model(annotation).model_fields
        written["properties"] = [
            {"name": name, **_write_type(info.annotation, tuple(info.metadata)), "required": info.is_required()}
            for name, info in fields.items()
        ]
    return written


def _write_options(shape: Shape) -> dict[str, Any]:
    if shape.kind in (FieldKind.DAY, FieldKind.INSTANT):
        return {"format": "yyyy-MM-dd" if shape.kind is FieldKind.DAY else "yyyy-MM-dd'T'HH:mm:ssXXX"}
    if shape.kind is FieldKind.INTEGER:
        return {"minimum": shape.minimum, "maximum": shape.maximum}
    texts = {"pattern": shape.pattern, "minLength": shape.min_length, "maxLength": shape.max_length}
    return {name: value for name, value in texts.items() if value}
