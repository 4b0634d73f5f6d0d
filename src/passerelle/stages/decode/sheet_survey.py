"""One look through what the reader wrote of a workbook: where each sheet stands, its columns, what is not read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import IO, TYPE_CHECKING, Any

from passerelle.stages.decode.archive import warn_missing
from passerelle.stages.decode.header import make_names, tidy_name
from passerelle.stages.decode.merged import MergedCells
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.formatting import show_name
from passerelle.vocabulary.grouped_names import join_names
from passerelle.vocabulary.other_header import OtherHeader
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stages.decode.dialects import Xlsx

_HEAD = 10
"""Rows in which column names are looked for when they are not where they should be."""


@dataclass(slots=True)
class SurveyedSheet:
    """One worksheet that is read: its column names, and where its rows stand in the reader's output."""

    member: str
    header: tuple[str, ...]
    """The names as they stand in the file, for telling a row that repeats them."""
    columns: tuple[str, ...]
    """The same, made unique."""
    offset: int
    blanks: int
    """Empty columns to the left of what the reader returns."""
    rows: int
    twice: frozenset[int]
    """Rows that stand twice in the file."""
    merged: MergedCells
    others: tuple[OtherHeader, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    """Rows with cells below the header that people do not see."""
    hidden_columns: tuple[tuple[int, int], ...] = ()
    """First and last place of the columns that people do not see."""


@dataclass(slots=True)
class Survey:
    """The sheets that are read, and what there is to say of the workbook."""

    dialect: Xlsx
    sheets: list[SurveyedSheet] = field(default_factory=list)
    warned: list[RowWarning] = field(default_factory=list)
    others: list[OtherHeader] = field(default_factory=list)
    """Rows of sheets that are not read, as far as they may hold column names."""


def survey(output: IO[bytes], dialect: Xlsx) -> Survey:
    """Go once through the output. Raises ParcelError when nothing that is expected is in it, or a header is not."""
    found = Survey(dialect)
    about = json.loads(output.readline())
    names: list[str] = about["sheets"]
    members = {name: member for name, member in dialect.sheets.items() if name in names}
    while line := output.readline():
        entry = json.loads(line)
        if "unread" in entry:
            _note_unread(found, entry)
        else:
            name = entry["sheet"]
            found.sheets.append(_survey_sheet(output, name, members.get(name, ""), entry, dialect))
    if not found.sheets:
        raise ParcelError("decode.member.none")
    found.warned[:0] = warn_missing([pair for pair in dialect.sheets.items() if pair[0] not in names])
    if not about["marked"]:
        found.warned.append(RowWarning("decode.workbook.unmarked", Place(1)))
    for sheet in found.sheets:
        sheet.others = (*sheet.others, *found.others)
        if not dialect.merged:
            found.warned += sheet.merged.list_doubts(sheet.member, sheet.columns)
        found.warned += _list_hidden(sheet)
    return found


def _list_hidden(sheet: SurveyedSheet) -> list[RowWarning]:
    """Return what there is to say of rows and columns that are read although people do not see them in the sheet."""
    columns = [
        RowWarning("decode.column.hidden", Place(1, member=sheet.member, column=sheet.columns[place]))
        for place, name in enumerate(sheet.header)
        if name and any(first <= place <= last for first, last in sheet.hidden_columns)
    ]
    if not sheet.hidden_rows:
        return columns
    details = {"count": str(len(sheet.hidden_rows))}
    return [RowWarning("decode.row.hidden", Place(sheet.hidden_rows[0], member=sheet.member), details), *columns]


def _note_unread(found: Survey, entry: Mapping[str, Any]) -> None:
    """Warn of a sheet that is not read; who knows the connector drops what it leaves unread on purpose."""
    name = show_name(entry["unread"])
    found.others += [_make_other(name, number, cells) for number, cells in entry["head"]]
    details = {"name": name, "count": str(entry["values"])}
    found.warned.append(RowWarning("decode.unread.sheet", Place(1, member=name), details))


def _make_other(sheet: str, row: int, cells: Sequence[str]) -> OtherHeader:
    # As the names of columns are read, so that they can be compared with those that the connector needs.
    return OtherHeader(sheet, row, frozenset(compose(tidy_name(cell)) for cell in cells if cell))


@dataclass(slots=True)
class _SheetReading:
    """One worksheet while the survey goes through its rows."""

    name: str
    about: Mapping[str, Any]
    header_row: int
    """The last row of the names, from 1."""
    header_rows: int = 1
    groups: list[list[str]] = field(default_factory=list)
    """The rows of the names above it."""
    header: list[str] = field(default_factory=list)
    others: list[OtherHeader] = field(default_factory=list)
    merged: MergedCells | None = None
    rows: int = 0
    first: int = 0
    """The first row below the header, from 1."""
    unseen: frozenset[int] = frozenset()
    hidden: list[int] = field(default_factory=list)
    """Those of the unseen rows that hold something."""

    def take_above(self, number: int, line: bytes) -> None:
        """Take a row down to the one of column names."""
        cells = self._parse(line)
        if self.header_row - self.header_rows < number < self.header_row:
            self.groups.append(_spread_groups(cells, number, self.about, self.header_row))
        self.header = _merge_into_header(cells, number, self.about, self.header, self.header_row)
        if number < self.header_row:
            self.others.append(_make_other(self.name, number, cells))

    def take_below(self, number: int, line: bytes) -> None:
        """Count a row. Those in the middle of a long sheet are parsed once, when they are read."""
        if self.merged is None:
            width = len(self.names)
            self.merged, self.first = MergedCells.of(self.about["merged"], self.header_row, width), number
        self.rows += 1
        if number in self.unseen:
            self.hidden.append(number)
        if self.rows <= _HEAD or number in self.merged.starts:
            cells = self._parse(line)
            self.merged.count(number, cells)
            if self.rows <= _HEAD:
                self.others.append(_make_other(self.name, number, cells))

    @property
    def names(self) -> list[str]:
        """The names of the columns, those of their groups before them; nothing that follows the last of them."""
        header = join_names([*self.groups, self.header]) if self.groups else self.header
        filled = [place for place, cell in enumerate(header) if cell]
        return list(header[: filled[-1] + 1]) if filled else []

    def check(self) -> None:
        """Raise ParcelError when there are no column names."""
        if not self.names:
            if not self.rows:
                raise ParcelError("decode.parcel.empty")
            raise ParcelError("decode.header.blank", expected=str(self.header_row), found=str(self.first))
        if self.header_row in self.about["twice"]:
            raise ParcelError("decode.header.unreadable")

    def _parse(self, line: bytes) -> list[str]:
        cells: list[str] = json.loads(line)[1]
        return [""] * self.about["left"] + cells


def _survey_sheet(output: IO[bytes], name: str, member: str, about: Mapping[str, Any], dialect: Xlsx) -> SurveyedSheet:
    """Find the column names of a sheet and count its rows. Leaves `output` behind its last row."""
    last = dialect.header_row + dialect.header_rows - 1
    reading = _SheetReading(show_name(name), about, last, dialect.header_rows)
    reading.unseen = frozenset(about.get("hidden_rows", ()))
    offset = place = output.tell()
    while (line := output.readline()).startswith(b"["):
        number = int(line[1 : line.index(b",")])
        place = output.tell()
        if number <= last:
            reading.take_above(number, line)
            offset = place
        else:
            reading.take_below(number, line)
    output.seek(place)
    reading.check()
    names = reading.names
    return SurveyedSheet(
        member,
        # A row that repeats the names is told by the last of their rows.
        (*reading.header, *[""] * (len(names) - len(reading.header)))[: len(names)],
        make_names(names),
        offset,
        about["left"],
        reading.rows,
        frozenset(about["twice"]),
        reading.merged or MergedCells(),
        tuple(reading.others),
        tuple(reading.hidden),
        tuple(map(tuple, about.get("hidden_columns", ()))),
    )


def _spread_groups(row: list[str], number: int, about: Mapping[str, Any], header_row: int) -> list[str]:
    """Return a row of names of groups, each over all its columns, without what reaches down to the columns' own."""
    spread = list(row)
    for (top, left), (bottom, right) in about["merged"]:
        if top <= number - 1 <= bottom and left < len(row):
            text = "" if bottom >= header_row - 1 else row[left]
            # Cells beyond the last filled one are not in the row, and belong to the group all the same.
            spread += [""] * (right + 1 - len(spread))
            spread[left : right + 1] = [text] * (right + 1 - left)
    return spread


def _merge_into_header(
    row: list[str], number: int, about: Mapping[str, Any], header: list[str], header_row: int
) -> list[str]:
    """Take up one row down to the header row: its cells, with what merged cells spread to their right and below."""
    made = [above for _cell, above in zip_longest(row, header, fillvalue="")]
    if number == header_row:
        made = [cell or above for cell, above in zip(row + [""] * len(made), made, strict=False)]
    for (top, left), (bottom, right) in about["merged"]:
        # calamine counts rows from 0, and gives the text of merged cells to the first of them only.
        if top == number - 1 and top < header_row <= bottom + 1 and left < len(row) and row[left]:
            last = min(right, len(row) - 1)
            made[left : last + 1] = [row[left]] * (last + 1 - left)
    return made
