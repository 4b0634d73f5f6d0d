"""Strict JSON: no NaN, no Infinity, no duplicate keys in silence, no document kept on the error."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from passerelle.vocabulary.errors import TransientError


def parse_json(content: bytes) -> Any:
    """Read a JSON document. Raises TransientError: an answer that is not JSON was cut or comes from a proxy."""
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise TransientError("incident.supplier.garbled") from None
