"""Searches the cells of a table of text, all columns at once; a few rows without asking the engine of columns.

A pushed message is one row of forty columns: asked one by one, they cost more than everything else about it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEW = 8
"""Rows up to which cells are looked at one by one."""


def find_columns(frame: pl.DataFrame, names: Iterable[str], pattern: str) -> list[str]:
    """Return the columns of which a cell may have the pattern, to look at these alone.

    Of a few rows a column too many may be found: Python's `$` stands before a line feed at the end, too.
    """
    wanted = list(names)
    if not wanted or not frame.height:
        return []
    if frame.height <= FEW:
        search = _compile(pattern).search
        return [name for name in wanted if any(cell and search(cell) for cell in frame.get_column(name).to_list())]
    found = frame.select(pl.col(name).str.contains(pattern).any().alias(name) for name in wanted).row(0, named=True)
    return [name for name in wanted if found[name]]


def find_beyond_ascii(frame: pl.DataFrame) -> Sequence[str]:
    """Return the columns of which a cell is not plain ASCII: only there a letter can be written in several ways."""
    names = frame.columns
    if not names or not frame.height:
        return []
    if frame.height <= FEW:
        return [name for name in names if any(cell and not cell.isascii() for cell in frame.get_column(name).to_list())]
    # ASCII has as many bytes as characters
    differ = (pl.col(name).str.len_bytes().sum() != pl.col(name).str.len_chars().sum() for name in names)
    found = frame.select(one.alias(name) for one, name in zip(differ, names, strict=True)).row(0, named=True)
    return [name for name in names if found[name]]


@lru_cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
