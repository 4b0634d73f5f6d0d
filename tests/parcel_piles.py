"""Records of a parcel for the tests of its watches, and their warnings in short form."""

from __future__ import annotations

import polars as pl

from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW


def pile(contract, *rows, first_line=2, member=""):
    """Return rows as records, with the table they come from."""
    frame = pl.DataFrame(list(rows), infer_schema_length=None).with_columns(
        pl.int_range(pl.len()).cast(pl.UInt32).alias(ROW)
    )
    lines = pl.Series([first_line + index for index in range(len(rows))], dtype=pl.UInt32)
    return Records(contract, frame), TextTable(member, pl.DataFrame({"x": [""] * len(rows)}), lines)


def shorten(warnings):
    """Return code, contract, field, member and lines of each warning."""
    return [
        (warning.key.code, warning.key.contract, warning.key.field, warning.key.member, warning.lines)
        for warning in warnings
    ]
