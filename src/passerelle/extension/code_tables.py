"""Code tables as CSV files that people edit: two columns with a header, the supplier's word and ours."""

from __future__ import annotations

import csv
from functools import reduce
from typing import TYPE_CHECKING

from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

_DELIMITERS = ";\t,"
_COLUMNS = 2


def read_code_table(file: Traversable) -> Mapping[str, str]:
    """Read a table: `mot;code`, one pair a line, UTF-8, separated by «;», a tab or «,».

    Raises SettingsError: the file is not there, is not UTF-8, has a line that is no pair or a word twice.
    """
    table: dict[str, str] = {}
    try:
        # `utf-8-sig`: spreadsheet programs write a byte order mark, which would stick to the first word.
        lines = compose(file.read_bytes().decode("utf-8-sig")).splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.codes.unreadable", table=file.name) from None
    for line, row in _iter_rows(lines):
        if len(row) != _COLUMNS or not row[1].strip() or row[0].strip() in table:
            raise SettingsError("settings.codes.line", table=file.name, row=str(line))
        table[row[0].strip()] = row[1].strip()
    return table


def _iter_rows(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header that hold something, with their lines in the file."""
    header = lines[0] if lines else ""
    delimiter = next((mark for mark in _DELIMITERS if mark in header), ";")
    reader = csv.reader(lines, delimiter=delimiter)
    next(reader, None)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def make_table_reader(folder: Traversable) -> Callable[[str], Mapping[str, str]]:
    """Read tables by their path below a folder, each once; nothing outside of the folder."""
    known: dict[str, Mapping[str, str]] = {}

    def read(path: str) -> Mapping[str, str]:
        parts = path.replace("\\", "/").split("/")
        if {"", ".", ".."} & set(parts) or ":" in parts[0]:
            raise SettingsError("settings.codes.unreadable", table=path)
        if path not in known:
            # Part by part: packages without Python know no other way.
            known[path] = read_code_table(reduce(lambda place, part: place.joinpath(part), parts, folder))
        return known[path]

    return read
