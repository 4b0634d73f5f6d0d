"""A JSON Schema as a union of branches, one type or a few fixed values each: the form that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passerelle.contracts.evolution.patterns import UndecidableError

Schema = Mapping[str, Any] | bool

ANNOTATIONS = frozenset(
    {
        "$anchor", "$comment", "$defs", "$id", "$schema", "definitions", "default", "deprecated", "description",
        "discriminator", "examples", "readOnly", "title", "writeOnly", "contentEncoding", "contentMediaType",
    }
)  # fmt: skip
BY_TYPE: Mapping[str, frozenset[str]] = {
    "null": frozenset(),
    "boolean": frozenset(),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
UNDERSTOOD = frozenset().union(*BY_TYPE.values())
TYPES = tuple(BY_TYPE)


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of a schema: documents of one type under constraints, or exactly the documents in `values`."""

    type: str
    keywords: Mapping[str, Any]
    values: tuple[Any, ...] = ()
    integer: bool = False


@dataclass(frozen=True, slots=True)
class SchemaDocument:
    """The root schema in which references are resolved."""

    root: Mapping[str, Any]

    def resolve(self, reference: str) -> Schema:
        """Return what a local reference names. Raises UndecidableError for any other, or when it leads nowhere."""
        if not reference.startswith("#"):
            raise UndecidableError
        found: Any = self.root
        for part in reference.removeprefix("#").split("/")[1:]:
            # RFC 6901: `~1` before `~0`, or else `~01` would become a slash.
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise UndecidableError
            found = found[name]
        return found  # type: ignore[no-any-return]  # the library returns Any

    def list_branches(self, schema: Schema) -> list[Branch]:
        """Return a schema as a union of branches. Raises UndecidableError for `not`, `if` and the like."""
        if isinstance(schema, bool):
            return self._read_rules({}) if schema else []
        rules = {key: value for key, value in schema.items() if key not in ANNOTATIONS and not key.startswith("x-")}
        if "$ref" in rules:
            return self._merge_options([self.resolve(rules.pop("$ref"))], rules)
        # One union at a time: what is beside it is merged into each of its options.
        for union in ("anyOf", "oneOf", "allOf"):
            if union in rules:
                options = rules.pop(union)
                if union == "allOf" and len(options) > 1:
                    raise UndecidableError
                if union == "oneOf":
                    # `oneOf` equals `anyOf` only where no document can satisfy two options.
                    marks = [self._find_mark(option) for option in options]
                    if len(set(marks)) < len(marks):
                        raise UndecidableError
                return self._merge_options(options, rules)
        return self._read_rules(rules)

    def _merge_options(self, options: list[Schema], rules: dict[str, Any]) -> list[Branch]:
        if "enum" in rules and all(isinstance(option, Mapping) and "const" in option for option in options):
            return self._read_rules(rules)  # labels beside an enumeration: the enumeration decides
        found = []
        for choice in options:
            # `true` allows everything, but the rules beside the union still bind.
            option: Schema = {} if choice is True else choice
            if rules and isinstance(option, Mapping):
                if any(option[key] != rules[key] for key in set(rules) & set(option)):
                    raise UndecidableError
                found += self.list_branches({**option, **rules})
            else:
                found += self.list_branches(option)
        return found

    def _read_rules(self, rules: dict[str, Any]) -> list[Branch]:
        if "const" in rules or "enum" in rules:
            values = (rules["const"],) if "const" in rules else tuple(rules["enum"])
            return [Branch("values", {}, values)]
        names = rules.pop("type", None)
        # A keyword that is not understood may refuse anything, so nothing can be proved of it.
        if set(rules) - UNDERSTOOD:
            raise UndecidableError
        wanted = [names] if isinstance(names, str) else list(names or TYPES)
        return [self._make_branch(name, rules) for name in wanted]

    @staticmethod
    def _make_branch(name: str, rules: Mapping[str, Any]) -> Branch:
        integer = name == "integer"
        kind = "number" if integer else name
        # Booleans and null have so few documents that they are compared one by one.
        if kind == "boolean":
            return Branch("values", {}, (False, True))
        if kind == "null":
            return Branch("values", {}, (None,))
        return Branch(kind, {key: value for key, value in rules.items() if key in BY_TYPE[kind]}, integer=integer)

    def _find_mark(self, option: Schema) -> tuple[Any, ...]:
        if isinstance(option, Mapping) and "$ref" in option:
            option = self.resolve(option["$ref"])
        if not isinstance(option, Mapping):
            raise UndecidableError
        if "const" in option:
            return ("const", repr(option["const"]))
        if option.get("type") == "object":
            required = option.get("required", ())
            for name, field in option.get("properties", {}).items():
                if name in required and isinstance(field, Mapping) and "const" in field:
                    return ("object", name, repr(field["const"]))
        if isinstance(option.get("type"), str):
            return ("type", option["type"])
        raise UndecidableError


def is_same_value(one: Any, other: Any) -> bool:
    """Whether two JSON documents are equal: 1 and true differ, 1 and 1.0 do not."""
    # In Python, True == 1.
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
