"""What the tests of converters share: the reason of an outcome, and what columns alone say of some cells."""

from __future__ import annotations

import polars as pl

from passerelle.stages.translate.converter import Doubtful, Fault, mark_plain
from passerelle.vocabulary.reasons import REASONS

CANARY = "Zz-canari-zZ"
ROW_WISE = object()
"""Stands for what columns alone are not sure of."""


def reason(outcome):
    """Return the reason of a fault or a doubt, which must be a declared one."""
    assert isinstance(outcome, (Fault, Doubtful)), outcome
    assert outcome.reason in REASONS
    return outcome.reason


def read_columns(converter, *rows):
    """Return what the columnar translation makes of each row, `ROW_WISE` where it is not sure."""
    texts = [row if isinstance(row, tuple) else (row,) for row in rows]
    cells = pl.DataFrame(texts, dict.fromkeys(converter.columns, pl.String), orient="row")
    columnar = converter.parse_columns()
    for step in columnar.steps:
        cells = cells.with_columns(expr.alias(name) for name, expr in step.items())
    read = cells.select(
        pl.int_range(pl.len()).alias("row"),
        columnar.value.alias("value"),
        mark_plain(columnar, converter.columns).alias("sure"),
    )
    return [value if sure else ROW_WISE for _row, value, sure in read.rows()]
