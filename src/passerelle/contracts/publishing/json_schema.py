"""JSON Schema 2020-12 in two profiles: emission, what may be sent, and reading, what one must be ready to read.

Written from the shapes of `contracts.types`, not by pydantic, whose own schema disagrees with it on dates, decimals and
patterns. Only keywords for which compatibility can be decided: no `not`, no `if`, no overlapping `oneOf`.
Patterns are ECMA-262: `$` is the end of the text, also where a library would let a line break pass.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts import field_types
from passerelle.contracts.types import Coded, FieldKind, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta

META = "x-passerelle"
_FORMATS = {FieldKind.DAY: "date", FieldKind.INSTANT: "date-time"}
_ROOM = 2
"""Head-room of the reading profile for lists: how many times longer they may get within a major version."""
_WORD_LENGTH = 64


class Profile(StrEnum):
    """Emission is closed and exact; reading ignores unknown fields and takes nulls, new words and longer texts."""

    EMISSION = "emission"
    READING = "reading"


def write_schema(contract: type[Contract], profile: Profile, fields: Sequence[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of one record; with `fields`, of one that has these alone, naming no others."""
    about, writer = contract.about, _Writer(profile)
    fields = fields or contract.list_fields()
    properties = {name: writer.write_field(contract, name) for name in fields}
    required = [name for name, info in contract.model_fields.items() if info.is_required() and name in fields]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:passerelle:contract:{about.family}:{about.id.rpartition('/')[2]}:{profile}",
        "title": about.fr_title,
        "description": about.fr,
        META: {**_write_meta(contract, fields), "profile": profile.value},
        **writer.write_object(properties, required),
        # Sorted, so that moving a field does not move definitions in the published file.
        "$defs": dict(sorted(writer.parts.items())),
    }


def _write_meta(contract: type[Contract], fields: Sequence[str]) -> dict[str, Any]:
    about = contract.about
    reworded = [name for name in about.reworded if name in fields]
    rules = [rule for rule in contract.rules if set(rule.fields) <= set(fields)]
    return {
        "family": about.family,
        "version": about.version,
        "fr_title": about.fr_title,
        "en_title": about.en_title,
        "fr": about.fr,
        "en": about.en,
        "person": about.person if about.person in fields else "",
        **({"reworded": reworded} if reworded else {}),
        **({"support_until": about.support_until} if about.support_until else {}),
        "rules": [{"code": rule.code, "fields": list(rule.fields), "warns": rule.warns} for rule in rules],
    }


def write_metadata(entry: FieldMeta) -> dict[str, Any]:
    """Return the published metadata of a field, labels of the words of a closed list included."""
    published = {
        key: value for key, value in asdict(entry).items() if value not in ("", False, None, ()) and key != "example"
    }
    published |= {"purposes": [purpose.value for purpose in entry.purposes], "open_codes": entry.open_codes}
    if entry.codes and not entry.open_codes:
        words = nomenclatures.get(entry.codes)
        published["labels"] = {
            code: {"fr": words.get_label(code), "en": words.get_label(code, "en")} for code in words.codes
        }
    if not entry.codes:
        del published["open_codes"]
    return published


@dataclass(slots=True)
class _Writer:
    profile: Profile
    parts: dict[str, Any] = field(default_factory=dict)

    @property
    def reading(self) -> bool:
        return self.profile is Profile.READING

    def write_field(self, contract: type[Contract], name: str) -> dict[str, Any]:
        """Write a field of a contract, with its words and metadata."""
        entry = contract.describe_fields()[name]
        return {
            "title": entry.fr_title,
            "description": entry.fr,
            **self.write_optional(contract.model_fields[name]),
            "examples": [entry.example],
            **({"deprecated": True} if entry.deprecated else {}),
            META: write_metadata(entry),
        }

    def write_optional(self, info: FieldInfo) -> dict[str, Any]:
        """Write the type of a model's field; a reader takes null for an absent field."""
        written = self.write_type(info.annotation, tuple(info.metadata))
        if info.is_required() or not self.reading:
            return written
        if "type" in written:
            return {**written, "type": [written["type"], "null"]}
        # A `$ref` has no type of its own to which null could be added.
        return {"anyOf": [written, {"type": "null"}]}

    def write_type(self, annotation: Any, beside: tuple[Any, ...] = ()) -> dict[str, Any]:
        """Write a type."""
        shape = field_types.find_shape(annotation, beside)
        if shape.kind is FieldKind.OBJECT:
            return self.write_part(field_types.get_model(annotation))
        if shape.kind is FieldKind.LIST:
            return self.write_list(annotation, beside)
        if shape.kind is FieldKind.WORD:
            return self.write_word(field_types.list_words(annotation))
        return self.write_scalar(shape)

    def write_scalar(self, shape: Shape) -> dict[str, Any]:
        """Write what is neither a list nor an object of ours."""
        match shape.kind:
            case FieldKind.MAP:
                return _write_map(_write_map({"type": "string"}))
            case FieldKind.FLAG:
                return {"type": "boolean"}
            case FieldKind.INTEGER:
                return {"type": "integer", "minimum": shape.minimum, "maximum": shape.maximum}
            case _:
                return self.write_text(shape)

    def write_text(self, shape: Shape) -> dict[str, Any]:
        """Write a text, with its form and its length in characters."""
        longest = (self.reading and shape.reading_max_length) or shape.max_length
        lengths = {"minLength": shape.min_length, "maxLength": longest}
        written: dict[str, Any] = {"type": "string", "pattern": shape.pattern}
        written |= {key: value for key, value in lengths.items() if value}
        if shape.kind in _FORMATS:
            written["format"] = _FORMATS[shape.kind]
        return written

    def write_word(self, words: tuple[str, ...]) -> dict[str, Any]:
        """Write one of our closed lists; a reader is ready for words that a later minor version adds."""
        if self.reading:
            return {"type": "string", "minLength": 1, "maxLength": _WORD_LENGTH}
        return {"type": "string", "enum": list(words)}

    def write_list(self, annotation: Any, beside: tuple[Any, ...]) -> dict[str, Any]:
        """Write a list, with the most items it may have."""
        written = {"type": "array", "items": self.write_type(field_types.get_item_type(annotation))}
        most = field_types.find_max_items(annotation, beside)
        return {**written, "maxItems": most * (_ROOM if self.reading else 1)} if most else written

    def write_part(self, model: type[BaseModel]) -> dict[str, Any]:
        """Write an object once, and refer to it."""
        name = model.__name__
        if name not in self.parts:
            fields = model.model_fields
            properties = {key: self.write_optional(info) for key, info in fields.items()}
            written = self.write_object(properties, [key for key, info in fields.items() if info.is_required()])
            if model is Coded:
                # The one rule between fields that a schema without `if` can say.
                written["anyOf"] = [{"required": ["code"]}, {"required": ["original"]}]
            self.parts[name] = written
        return {"$ref": f"#/$defs/{name}"}

    def write_object(self, properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
        """Write an object: closed when sent, open when read."""
        written: dict[str, Any] = {"type": "object", "properties": dict(properties)}
        if required:
            written["required"] = required
        # Open when read: a field that a later minor version adds must not stop readers who stayed behind.
        return written if self.reading else {**written, "additionalProperties": False}


def _write_map(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}
