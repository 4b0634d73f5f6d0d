"""Where in a workbook the column names may stand, if they are not where the connector looks for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherHeader:
    """A row that could be the one of column names, and is not where the connector looks for it."""

    sheet: str
    """Name of the worksheet, safe to print."""
    row: int
    columns: frozenset[str]
