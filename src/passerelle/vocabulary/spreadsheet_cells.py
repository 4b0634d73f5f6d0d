"""Texts that a spreadsheet would run when a person opens a CSV file: quoted, so that the same text can be read again.

CWE-1236. An apostrophe goes before a text that begins like a formula, and before one that begins with apostrophes and
then like a formula: so `read_quoted` gives back exactly what was there. Signed numbers and telephone numbers are no
formulas, whatever they begin with.
"""

from __future__ import annotations

import re

import polars as pl

_QUOTE = "'"
# Excel, LibreOffice and Google Sheets; the full-width signs are read as signs where they are usual.
_RUNS = "^'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_NUMBER = "^[+-][0-9][0-9 .,()\u00a0\u202f]*$"
"""`-12,50` and `+33 6 12 34 56 78`: with an operator in it (`+1-2`) it would be computed."""
_QUOTED = "^''*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_is_formula, _is_number, _is_quoted = (re.compile(pattern).search for pattern in (_RUNS, _NUMBER, _QUOTED))


def quote_formula(text: str) -> str:
    """Return a text that no spreadsheet runs."""
    return _QUOTE + text if _is_formula(text) and not _is_number(text) else text


def read_quoted(text: str) -> str:
    """Return the text that `quote_formula` was given."""
    return text[1:] if _is_quoted(text) else text


def quote_formulas(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table in which no text is run by a spreadsheet."""
    names = [name for name, dtype in table.schema.items() if dtype == pl.String]
    if not names or not table.height:
        return table
    # Nearly every column of nearly every batch has none: one look at each, and nothing is copied.
    found = table.select(pl.col(names).str.contains(_RUNS).any()).row(0, named=True)
    return table.with_columns(_quote(pl.col(name)).alias(name) for name, runs in found.items() if runs)


def _quote(text: pl.Expr) -> pl.Expr:
    runs = text.str.contains(_RUNS) & ~text.str.contains(_NUMBER)
    return pl.when(runs).then(pl.concat_str(pl.lit(_QUOTE), text)).otherwise(text)
