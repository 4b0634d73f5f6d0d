"""Preparation of cells before parsing: strip white space, unwrap marks of spreadsheets, null words for «unknown»."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.excel_marks import unwrap_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.stages.translate.conditions import Where

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


def strip_column(column: str) -> pl.Expr:
    """Return a column without surrounding white space, zero-width characters included."""
    return _strip(pl.col(column))


def _strip(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars(SPACES)


def prepare_cells(
    frame: pl.DataFrame, columns: Sequence[str], words: Sequence[str], *, zero_width: bool = True
) -> pl.DataFrame:
    """Return columns as converters read them: stripped, unwrapped, and null where they are empty or one of `words`.

    Where no cell holds `ZERO_WIDTH`, what polars strips by itself is the same, in half the time.
    """
    strip = strip_column if zero_width else lambda name: pl.col(name).str.strip_chars()
    texts = unwrap_marks(frame.select(strip(name) for name in columns), _strip)
    others = [word for word in words if word]

    def is_value(text: pl.Expr) -> pl.Expr:
        return (text != "") & text.is_in(others).not_() if others else text != ""

    return texts.select(pl.when(is_value(pl.col(name))).then(pl.col(name)) for name in columns)


def keep_verbatim(column: str | pl.Expr, words: Sequence[str]) -> pl.Expr:
    """Return a column, or all that an expression names, verbatim; null where it is empty or one of `words`."""
    verbatim = pl.col(column) if isinstance(column, str) else column
    return pl.when(_strip(verbatim).is_in(["", *words]).not_()).then(verbatim)


def contain_words(columns: Iterable[str], words: Sequence[str]) -> pl.Expr:
    """Mark the rows in which one of the columns holds one of `words`, surrounding white space aside."""
    return pl.any_horizontal([pl.lit(False), *(strip_column(name).is_in(words).fill_null(False) for name in columns)])


def match_conditions(where: Sequence[Where]) -> pl.Expr:
    """Mark the rows that satisfy every condition; a cell that does not exist holds none of the values."""
    conditions = [(_hold_values(entry), entry.negated) for entry in where]
    return pl.all_horizontal([pl.lit(True), *(~is_value if negated else is_value for is_value, negated in conditions)])


def _hold_values(entry: Where) -> pl.Expr:
    cells = [strip_column(column) for column in entry.columns]
    match entry.holding:
        case "equal":
            held = [cell.is_in(entry.values) for cell in cells]
        case "begins":
            openings = "|".join(re.escape(value) for value in entry.values)
            held = [cell.str.contains(f"^(?i:{openings})") for cell in cells]
        case "filled":
            held = [cell != "" for cell in cells]
    return pl.any_horizontal([one.fill_null(False) for one in held])
