"""Minimal YAML writer: block mappings and lists, texts in JSON quotes, which are valid YAML."""

from __future__ import annotations

import json
from typing import Any


def write_yaml(document: dict[str, Any]) -> str:
    """Return the text of a document of mappings, lists, texts, numbers and booleans."""
    return "".join(f"{line}\n" for line in _write_lines(document))


def _write_lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key, inner in value.items() for line in _write_entry(f"{key}:", inner)]
    if isinstance(value, list) and value:
        return [line for inner in value for line in _write_item(inner)]
    # In quotes, because YAML reads a bare `no`, `1.0` or day as something other than a text.
    return [json.dumps(value, ensure_ascii=False)]


def _write_entry(key: str, value: Any) -> list[str]:
    lines = _write_lines(value)
    if isinstance(value, (dict, list)) and value:
        return [key, *(f"  {line}" for line in lines)]
    return [f"{key} {lines[0]}"]


def _write_item(value: Any) -> list[str]:
    first, *rest = _write_lines(value)
    return [f"- {first}", *(f"  {line}" for line in rest)]
