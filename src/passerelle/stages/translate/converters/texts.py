"""Texts: one column, or several joined."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.types import TEXT, Kind
from passerelle.stages.translate.cells import NOT_TEXT, SPACES, WIDE
from passerelle.stages.translate.converter import Column, Fault, cell
from passerelle.vocabulary.promises import Promise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row

_TEXT = re.compile(TEXT.removesuffix("$"))
_RUN = re.compile(f"[{SPACES}]+")
_UNTIDY = rf"[\r{NOT_TEXT}]"
_SPACED = rf"  |[\t\n{WIDE}]"


def tidy(text: str, column: str, *, max_length: int = 0, collapse: bool = False) -> str | Fault:
    """Make line breaks canonical and judge the characters. Never cuts: what is too long is a Fault."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if collapse:
        text = _RUN.sub(" ", text)
    if not _TEXT.fullmatch(text):
        return Fault("translate.text.control", column)
    if max_length and len(text) > max_length:
        return Fault("translate.text.too_long", column, {"limit": str(max_length)})
    return text


def tidied(row: Row, column: str) -> str | Fault | None:
    """Read one cell, tidy."""
    text = cell(row, column)
    return text and tidy(text, column)


def is_tidy(text: pl.Expr) -> pl.Expr:
    """Say where `tidy` changes nothing and finds nothing."""
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
        """Name the column."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Give the text."""
        text = cell(row, self.column)
        return text and tidy(text, self.column, max_length=self.max_length, collapse=self.collapse)

    def columnar(self) -> Column:
        """Give the cell itself where there is nothing to tidy."""
        text = pl.col(self.column)
        plain = is_tidy(text) & (text.str.len_chars() <= self.max_length)
        if self.collapse:
            plain &= ~text.str.contains(_SPACED)
        return Column(text, text.is_null() | plain, promise=Promise(Kind.TEXT, self.max_length))

    def render(self, value: Any) -> dict[str, str]:
        """Write the text."""
        return {self.column: value or ""}

    @property
    def is_faithful(self) -> bool:
        """Texts come back as they went."""
        return True


@dataclass(frozen=True, slots=True)
class Joined:
    """Several columns as one text. Rendering writes all of it into the first."""

    columns: tuple[str, ...]
    _: KW_ONLY
    separator: str = " "

    def parse(self, row: Row) -> str | Fault | None:
        """Join the cells that hold something."""
        parts = [text for name in self.columns if (text := cell(row, name))]
        return tidy(self.separator.join(parts), self.columns[0]) if parts else None

    def columnar(self) -> Column:
        """Join where there is nothing to tidy."""
        text = joined(self.columns, self.separator)
        return Column(text, text.is_null() | is_tidy(text))

    def render(self, value: Any) -> dict[str, str]:
        """Write the text into the first column."""
        return {self.columns[0]: value or ""} | dict.fromkeys(self.columns[1:], "")

    @property
    def is_faithful(self) -> bool:
        """The text comes back, although not to the columns it came from."""
        return True


def joined(columns: Sequence[str], separator: str) -> pl.Expr:
    """Join columns, leaving out nulls; null where all are."""
    missing = pl.all_horizontal([pl.col(name).is_null() for name in columns])
    return pl.when(~missing).then(pl.concat_str(list(columns), separator=separator, ignore_nulls=True))
