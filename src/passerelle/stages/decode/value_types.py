"""Types of values, of JSON and of worksheets, where a text or an id is expected: `true` is no name, and `1.0` is 1.

A list or an object is no text at all: translation sets its record aside (`stages/translate/structured_cells`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.decode.cell_search import find_columns
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.vocabulary.parcels import DecodedBatch, TextTable

_NO_TEXT = "^(?:true|false)$"
"""How `strict.to_cell` and the reader of worksheets write booleans; a text that looks so is doubtful as well."""
_WHOLE = r"^(-?\d+)\.0+$"


def write_ids_alike(decoded: DecodedBatch, refs: Iterable[str]) -> DecodedBatch:
    """Return a batch with whole numbers written alike in the columns of references: `1.0` and `1` are one id."""
    frame = decoded.table.frame
    whole = find_columns(frame, [name for name in refs if name in frame.columns], _WHOLE)
    if not whole:
        return decoded
    frame = frame.with_columns(pl.col(name).str.replace(_WHOLE, "$1") for name in whole)
    return replace(decoded, table=replace(decoded.table, frame=frame))


def warn_booleans(decoded: DecodedBatch, columns: Iterable[str]) -> DecodedBatch:
    """Return a batch with a doubt for each yes or no in a column of texts or references."""
    doubts = tuple(_iter_doubts(decoded.table, [name for name in columns if name in decoded.table.frame.columns]))
    return replace(decoded, warned=(*decoded.warned, *doubts)) if doubts else decoded


def _iter_doubts(table: TextTable, columns: Iterable[str]) -> Iterator[RowWarning]:
    for name in find_columns(table.frame, columns, _NO_TEXT):
        rows = table.frame.get_column(name).str.contains(_NO_TEXT).fill_null(False).arg_true()
        for line in table.lines.gather(rows).to_list():
            yield RowWarning("decode.value.not_text", Place(line, member=table.member, column=name))
