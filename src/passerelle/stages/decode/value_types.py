"""Types of JSON values where a text or an id is expected: a list is no name, and `1.0` is the number 1."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.vocabulary.parcels import DecodedBatch, TextTable

_NO_TEXT = r"(?s)^(?:\[.*\]|true|false)$"
"""How `strict.to_cell` writes lists and booleans; a text that looks so is doubtful as well."""
_WHOLE = r"^(-?\d+)\.0+$"


def arrange_values(decoded: DecodedBatch, refs: Iterable[str], texts: Iterable[str]) -> DecodedBatch:
    """Return a batch with whole numbers written alike in the columns of references, and doubts about other texts."""
    frame = decoded.table.frame
    ids = [name for name in refs if name in frame.columns]
    whole = [name for name in ids if frame.get_column(name).str.contains(_WHOLE).any()]
    if whole:
        frame = frame.with_columns(pl.col(name).str.replace(_WHOLE, "$1") for name in whole)
        decoded = replace(decoded, table=replace(decoded.table, frame=frame))
    doubts = tuple(_iter_doubts(decoded.table, [name for name in texts if name in frame.columns]))
    return replace(decoded, warned=(*decoded.warned, *doubts)) if doubts else decoded


def _iter_doubts(table: TextTable, columns: Iterable[str]) -> Iterator[RowWarning]:
    for name in columns:
        rows = table.frame.get_column(name).str.contains(_NO_TEXT).fill_null(False).arg_true()
        for line in table.lines.gather(rows).to_list():
            yield RowWarning("decode.value.not_text", Place(line, member=table.member, column=name))
