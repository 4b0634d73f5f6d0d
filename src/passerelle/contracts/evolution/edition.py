"""One published edition of a contract: its two schemas, its version and the metadata of its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

META = "x-passerelle"
"""Where a published schema keeps the metadata of a field, and, at the top, of the contract."""
READING = "schema.reading.json"
EMISSION = "schema.json"
UNNUMBERED = "0.0.0"
"""What stands for the version of a schema that carries none."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What can be compared. `emission`: what a conforming party may send; `reading`: what one must be able to read."""

    name: str
    version: str
    emission: Mapping[str, Any]
    reading: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Metadata by path: `retained_start`, `service.code`."""
    reworded: frozenset[str] = frozenset()
    """Fields of which the author declares that new wording changes no meaning."""

    @property
    def number(self) -> tuple[int, int, int]:
        """Return the version as numbers. Raises ValueError when it is not `major.minor.patch`."""
        major, minor, patch = (int(part) for part in self.version.split("."))
        return major, minor, patch


def read_edition(path: Path) -> Edition:
    """Read a published edition: its folder, or any JSON Schema file (which then stands for both profiles).

    Raises ValueError when it is not a JSON Schema, OSError when it cannot be read.
    """
    emission_path = path / EMISSION if path.is_dir() else path
    emission = _read_schema(emission_path)
    reading_path = emission_path.with_name(READING)
    reading = _read_schema(reading_path) if emission_path.name == EMISSION and reading_path.is_file() else emission
    return make_edition(emission, reading, name=path.stem)


def make_edition(emission: Mapping[str, Any], reading: Mapping[str, Any], *, name: str) -> Edition:
    """Return an edition made of its two schemas; `name` serves where they do not say whose they are.

    Raises ValueError when the version is not `major.minor.patch`.
    """
    about = _get_own_meta(emission)
    edition = Edition(
        name=about.get("family") or emission.get("title") or name,
        version=str(about.get("version", UNNUMBERED)),
        emission=emission,
        reading=reading,
        fields=dict(_list_fields(emission)),
        reworded=frozenset(about.get("reworded", ())),
    )
    # Reading the number checks its form.
    if edition.number < (0, 0, 0):
        raise ValueError(edition.name)
    return edition


def _read_schema(path: Path) -> dict[str, Any]:
    schema = json.loads(path.read_text("utf-8"))
    if not isinstance(schema, dict):
        raise ValueError(path.name)  # noqa: TRY004  what is wrong is the file, not an argument
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        raise ValueError(path.name) from None
    return schema


def _get_own_meta(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return our own metadata of a schema or a field; empty where another tool uses the same keyword."""
    # Schemas of other tools may use the keyword for anything.
    about = rule.get(META)
    return dict(about) if isinstance(about, Mapping) else {}


def _list_fields(schema: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    for name, rule in schema.get("properties", {}).items():
        if isinstance(rule, Mapping):
            about = _get_own_meta(rule)
            about.setdefault("fr", rule.get("description", ""))
            about.setdefault("fr_title", rule.get("title", ""))
            found.append((f"{prefix}{name}", about))
    return found
