"""Whether a sample workbook holds true days and times, and not only texts that look like them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from passerelle.documents import number_formats
from passerelle.documents.archives import WORKBOOK_LIMITS, open_judged
from passerelle.documents.workbook_marks import iter_starts, read_parts
from passerelle.stages.decode.dialects import Xlsx
from passerelle.stages.translate.converters.days import Date, PartialDate
from passerelle.stages.translate.converters.moments import LocalDateTime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.converter import Converter


def list_expected_cells(connector: Connector, converters: Iterable[Converter]) -> frozenset[str]:
    """Return which true cells the samples of a connector have to hold: `day`, `time`; none if it reads no workbook."""
    if not isinstance(connector.dialect, Xlsx):
        return frozenset()
    expected = set()
    for one in converters:
        if isinstance(one, Date | PartialDate | LocalDateTime):
            expected.add("day")
        if isinstance(one, LocalDateTime):
            expected.add("time")
    return frozenset(expected)


def list_true_cells(content: bytes) -> frozenset[str]:
    """Return which true cells a workbook holds: `day`, `time`."""
    archive = open_judged(io.BytesIO(content), WORKBOOK_LIMITS)
    parts = read_parts(archive, number_formats)
    found: set[str] = set()
    for path in parts.sheets.values() if parts else ():
        for name, attributes in iter_starts(archive.read(path)):
            style = attributes.get("s", "") if name == "c" and attributes.get("t", "n") == "n" else ""
            shown = parts.formats.get(int(style)) if parts and style.isdecimal() else None
            found |= {kind for kind, is_shown in _list_kinds(shown) if is_shown}
    return frozenset(found)


def _list_kinds(shown: number_formats.NumberFormat | None) -> tuple[tuple[str, bool], ...]:
    return (("day", shown.has_day), ("time", shown.has_time)) if shown else ()
