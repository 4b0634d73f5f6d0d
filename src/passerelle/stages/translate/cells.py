"""Cells before anything reads them: white space off, the connector's words for «unknown» and «none» taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.stages.translate.table import Where

SPACES = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""White space of Unicode, and the zero-width characters that copying leaves behind. Spelled out: Python and polars
do not agree on what white space is."""

ZERO_WIDTH = "\u200b\ufeff"
"""Those of them that polars does not strip by itself."""

WIDE = r"\x{85}\x{a0}\x{1680}\x{2000}-\x{200b}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
"""Those of them that are not ASCII, inside a character class of a polars pattern."""

NOT_TEXT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{fffd}"
"""What the contract's texts refuse (`contracts.types.TEXT`), inside a character class of a polars pattern."""


def stripped(column: str) -> pl.Expr:
    """Give a column without surrounding white space."""
    return pl.col(column).str.strip_chars(SPACES)


def prepared(
    frame: pl.DataFrame, columns: Sequence[str], words: Sequence[str], *, zero_width: bool = True
) -> pl.DataFrame:
    """Give columns as converters see them: stripped, and null where they are empty or one of `words`.

    Where no cell holds `ZERO_WIDTH`, what polars strips by itself is the same, in half the time.
    """
    strip = stripped if zero_width else lambda name: pl.col(name).str.strip_chars()
    texts = frame.select(strip(name) for name in columns)
    others = [word for word in words if word]

    def holds(text: pl.Expr) -> pl.Expr:
        return (text != "") & text.is_in(others).not_() if others else text != ""

    return texts.select(pl.when(holds(pl.col(name))).then(pl.col(name)) for name in columns)


def present(column: str, words: Sequence[str]) -> pl.Expr:
    """Give a column verbatim, and null where it is empty or one of `words`."""
    return pl.when(stripped(column).is_in(["", *words])).then(None).otherwise(pl.col(column)).alias(column)


def says(columns: Iterable[str], words: Sequence[str]) -> pl.Expr:
    """Say in which rows one of the columns holds one of `words`."""
    return pl.any_horizontal([pl.lit(False), *(stripped(name).is_in(words).fill_null(False) for name in columns)])


def matching(where: Sequence[Where]) -> pl.Expr:
    """Say which rows satisfy every condition. A cell that does not exist holds none of the values."""
    held = [(stripped(entry.column).is_in(entry.values).fill_null(False), entry.negated) for entry in where]
    return pl.all_horizontal([pl.lit(True), *(~holds if negated else holds for holds, negated in held)])
