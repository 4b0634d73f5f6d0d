"""How a delimited file really lays out its table: `sep=` lines, another separator, notices before the names.

A dialect is declared, never guessed; but programs in between rewrite files in a few known ways. They are recognised
only where the declared layout does not give the names that are needed and another one gives all of them.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.stages.decode.dialects import FixedWidth
from passerelle.stages.decode.header import fold_name, make_names
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.grouped_names import join_names
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.stages.decode.dialects import Csv

_SEPARATOR_LINE = re.compile(rb'\s*"?sep=([^\r\n"])"?[;,\t ]*\r?\n', re.IGNORECASE)
"""The first line by which spreadsheet programs say the separator."""
_SEPARATORS = (";", ",", "\t", "|")
_NOTICES = 20
"""Lines before the names that are looked at."""
HEAD = 1 << 16
"""Bytes in which the names must begin."""


@dataclass(frozen=True, slots=True)
class TextLayout:
    """How one file is laid out: its dialect, lines to skip, and what is doubtful about it."""

    dialect: Csv
    skip: int
    warned: tuple[RowWarning, ...] = ()


def find_layout(head: bytes, dialect: Csv, member: str) -> TextLayout:
    """Return the layout of a text from its first bytes; that of the dialect where nothing else is sure."""
    skip = dialect.skip_lines
    if isinstance(dialect, FixedWidth):
        return TextLayout(dialect, skip)
    found = _SEPARATOR_LINE.match(_skip_lines(head, skip))
    if found and found[1].isascii():
        said = found[1].decode()
        warned = () if said == dialect.delimiter else (_warn_separator(said, member),)
        return TextLayout(replace(dialect, delimiter=said), skip + 1, warned)
    needed = {fold_name(name) for name in dialect.needed.get(member, ())}
    if not needed or dialect.header:
        return TextLayout(dialect, skip)
    for lines, delimiter, names in _iter_headers(_skip_lines(head, skip), dialect):
        if needed <= {fold_name(name) for name in names}:
            return _make_layout(dialect, skip, lines, delimiter, member)
    return TextLayout(dialect, skip)


def _make_layout(dialect: Csv, skip: int, lines: int, delimiter: str, member: str) -> TextLayout:
    warned: tuple[RowWarning, ...] = ()
    if delimiter != dialect.delimiter:
        warned += (_warn_separator(delimiter, member),)
    if lines:
        warned += (RowWarning("decode.header.late", Place(1, member=member), {"lines": str(lines)}),)
    return TextLayout(replace(dialect, delimiter=delimiter), skip + lines, warned)


def _warn_separator(delimiter: str, member: str) -> RowWarning:
    shown = "\\t" if delimiter == "\t" else delimiter
    return RowWarning("decode.separator.other", Place(1, member=member), {"separator": shown})


def _iter_headers(head: bytes, dialect: Csv) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield the names that each line would give with each separator: the first line and the declared one first."""
    others = [separator for separator in _SEPARATORS if separator not in {dialect.delimiter, dialect.quote}]
    texts = head.decode("utf-8", "replace").split("\n")
    for lines in range(min(len(texts), _NOTICES + 1)):
        for delimiter in (dialect.delimiter, *others):
            adapted = replace(dialect, delimiter=delimiter)
            rows = texts[lines : lines + dialect.header_rows]
            cells = join_names([parse_cells(text.removesuffix("\r"), adapted) for text in rows])
            if len(cells) > 1 or delimiter == dialect.delimiter:
                yield lines, delimiter, _name_cells(cells)


def _name_cells(cells: Iterable[str]) -> tuple[str, ...]:
    try:
        return make_names(cells)
    except ParcelError:  # damaged or too wide: whoever reads the file says so
        return ()


def parse_cells(text: str, dialect: Csv) -> list[str]:
    """Return the cells of one record; none where its quotes are not regular."""
    if dialect.quote:
        reader = csv.reader([text], delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    else:
        reader = csv.reader([text], delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    try:
        return next(reader, [])
    except csv.Error:
        return []


def _skip_lines(head: bytes, count: int) -> bytes:
    for _line in range(count):
        head = head.partition(b"\n")[2]
    return head
