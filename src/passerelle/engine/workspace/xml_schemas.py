"""Sets the XML schema of a flow's settings on its connector."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.stages.decode.dialects import Xml
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.supplier import Connector


def set_schema(connector: Connector, path: Path | None) -> Connector:
    """Return a connector that validates what it reads by an XSD. Raises FlowError: it reads no XML, or a bad XSD."""
    if path is None:
        return connector
    if not isinstance(connector.dialect, Xml):
        raise FlowError("settings.schema.unfit", connector=connector.id)
    try:
        content = path.read_bytes()
    except OSError:
        raise FlowError("settings.schema.unreadable") from None
    from passerelle.stages.decode.schema import parse_schema  # noqa: PLC0415  most flows have no schema

    parse_schema(content)
    return replace(connector, dialect=replace(connector.dialect, schema=content))
