"""What a connector reads and writes, and for whom: told from what it declares, never claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stages.decode.dialects import Csv
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.extension.supplier import Connector

_WORDS = {
    "read_file": N_("reads"),
    "read_api": N_("reads (API)"),
    "write_import": N_("writes a file that the supplier imports"),
    "write_exchange": N_("writes the document of an exchange, for whoever is on its other side"),
    "write_same": N_("writes the same columns again (no import by the supplier is known)"),
    "write_api": N_("writes through the supplier's API"),
}
"""In words, the ways of a connector."""


def list_ways(connector: Connector) -> tuple[str, ...]:
    """Return the ways of a connector, as programs name them.

    A supplier imports what is written where the connector says what its importer needs. A document is written for the
    other side of an exchange. What else is a table of text can be written from the description that reads it.
    """
    ways = ["read_api" if connector.collect else "read_file"]
    if connector.send:
        ways.append("write_api")
    elif connector.writes:
        ways.append("write_exchange")
    elif isinstance(connector.dialect, Csv):
        ways.append("write_import" if connector.needed else "write_same")
    return tuple(ways)


def describe_ways(connector: Connector) -> str:
    """Return the ways of a connector in words."""
    return ", ".join(_(_WORDS[way]) for way in list_ways(connector))
