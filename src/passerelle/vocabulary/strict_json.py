"""Strict JSON: no NaN, no Infinity, and no exception that carries the document."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from passerelle.vocabulary.errors import TransientError


def parse_json(content: bytes) -> Any:
    """Parse a JSON document. Raises TransientError `incident.supplier.garbled` when it is not JSON."""
    # Transient: an answer that is not JSON was cut off, or comes from a proxy in between.
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise TransientError("incident.supplier.garbled") from None
