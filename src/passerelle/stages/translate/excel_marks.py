"""Marks that spreadsheets leave in exported texts: cells dressed as formulas, and numbers rewritten to few digits.

`="01000"` and `'01000` protect a number from being rewritten: their content is sure, so they are unwrapped before any
converter reads the cell. `1,85E+14` is what is left of a number that was not protected: its digits are lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMULA = r'^="((?:[^"]|"")*)"$'
"""The whole cell is one text constant; a quote inside it is doubled, as in any formula."""
_PREFIXED = r"^'([+0-9=@-](?:[^']*[^'])?)$"
"""An apostrophe before a number or what looks like a formula (our own files have it too, see `spreadsheet_cells`), and
no other: quoted sentences, and names like `'t Hooft`, stay as they are."""

_REWRITTEN = r"[0-9]{1,3}(?:[.,][0-9]+)?[eE]\+[0-9]{1,3}|[0-9]{1,3}[.,][0-9]+[eE][0-9]{1,3}"
"""A number in scientific notation. Without a sign or a decimal mark (`12E4`) it may be an id that was typed so."""
_WHOLE = re.compile(_REWRITTEN)
_BARE = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,3}")
REASON = "translate.number.rewritten"


def unwrap_marks(texts: pl.DataFrame, strip: Callable[[pl.Expr], pl.Expr]) -> pl.DataFrame:
    """Return stripped texts with the marked cells unwrapped, and stripped again."""
    if not texts.width:
        return texts
    # Only the first byte is looked at: a tenth of what stripping the cell has cost already.
    begins = pl.all().str.starts_with("=") | pl.all().str.starts_with("'")
    found = texts.select(begins.any()).row(0, named=True) if texts.height else {}
    return texts.with_columns(
        strip(_unwrap(pl.col(name))).alias(name) for name, has_marks in found.items() if has_marks
    )


def _unwrap(text: pl.Expr) -> pl.Expr:
    content = text.str.extract(_FORMULA, 1).str.replace_all('""', '"', literal=True)
    return pl.coalesce(content, text.str.extract(_PREFIXED, 1), text)


def is_rewritten(text: str, *, digits_only: bool = False) -> bool:
    """Whether a text is a number in scientific notation, so that what it identified cannot be known any more.

    `digits_only`: the number that is expected has no letter, so that `185E12` is none either.
    """
    return bool((_BARE if digits_only else _WHOLE).fullmatch(text))


def mark_rewritten(texts: pl.Expr, separator: str) -> pl.Expr:
    """Mark the joined texts of which one part is a number in scientific notation."""
    return texts.str.contains(f"(?:^|{separator})(?:{_REWRITTEN})(?:{separator}|$)")
