"""Converters of texts: one column, or several joined."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.types import TEXT, FieldKind
from passerelle.stages.translate.cells import NOT_TEXT, SPACES, WIDE
from passerelle.stages.translate.converter import ColumnarTranslation, Fault, read_cell
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row

# For `fullmatch`: in Python, `$` also matches before a final line break.
_TEXT = re.compile(TEXT.removesuffix("$"))
_RUN = re.compile(f"[{SPACES}]+")
_UNTIDY = rf"[\r{NOT_TEXT}]"
_SPACED = rf"  |[\t\n{WIDE}]"


def tidy(text: str, column: str, *, max_length: int = 0, collapse: bool = False) -> str | Fault:
    """Return a text with canonical line breaks, or a Fault for forbidden characters or length. Never cuts."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if collapse:
        text = _RUN.sub(" ", text)
    if not _TEXT.fullmatch(text):
        return Fault("translate.text.control", column)
    if max_length and len(text) > max_length:
        return Fault("translate.text.too_long", column, {"limit": str(max_length)})
    return text


def read_tidy_cell(row: Row, column: str) -> str | Fault | None:
    """Return one cell, tidied."""
    text = read_cell(row, column)
    return text and tidy(text, column)


def is_tidy(text: pl.Expr) -> pl.Expr:
    """Mark the texts in which `tidy` changes nothing and finds no fault."""
    return ~text.str.contains(_UNTIDY)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, its line breaks line feeds. `max_length` counts characters; `collapse` makes white space one space."""

    column: str
    _: KW_ONLY
    max_length: int = 255
    collapse: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Return the text."""
        text = read_cell(row, self.column)
        return text and tidy(text, self.column, max_length=self.max_length, collapse=self.collapse)

    def parse_columns(self) -> ColumnarTranslation:
        """Return the cell itself, sure where there is nothing to tidy."""
        text = pl.col(self.column)
        plain = is_tidy(text) & (text.str.len_chars() <= self.max_length)
        if self.collapse:
            plain &= ~text.str.contains(_SPACED)
        return ColumnarTranslation(text, text.is_null() | plain, guarantee=Guarantee(FieldKind.TEXT, self.max_length))

    def render(self, value: Any) -> dict[str, str]:
        """Write the text."""
        return {self.column: value or ""}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True


@dataclass(frozen=True, slots=True)
class Joined:
    """A text joined from several columns. Rendering writes all of it into the first."""

    columns: tuple[str, ...]
    _: KW_ONLY
    separator: str = " "

    def parse(self, row: Row) -> str | Fault | None:
        """Join the cells that hold something."""
        parts = [text for name in self.columns if (text := read_cell(row, name))]
        return tidy(self.separator.join(parts), self.columns[0]) if parts else None

    def parse_columns(self) -> ColumnarTranslation:
        """Return the joined cells, sure where there is nothing to tidy."""
        text = join_columns(self.columns, self.separator)
        return ColumnarTranslation(text, text.is_null() | is_tidy(text))

    def render(self, value: Any) -> dict[str, str]:
        """Write the text into the first column."""
        return {self.columns[0]: value or ""} | dict.fromkeys(self.columns[1:], "")

    @property
    def is_faithful(self) -> bool:
        """True: the text comes back, although not to the columns it came from."""
        return True


def join_columns(columns: Sequence[str], separator: str) -> pl.Expr:
    """Join columns, leaving out nulls; null where all are."""
    missing = pl.all_horizontal([pl.col(name).is_null() for name in columns])
    return pl.when(~missing).then(pl.concat_str(list(columns), separator=separator, ignore_nulls=True))
