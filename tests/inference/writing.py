"""Write an invented export as suppliers do: title rows, `sep=`, encodings, totals, merged headers, several sheets."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO, StringIO
from random import Random

import xlsxwriter

from inference.cells import MAKERS, begin_row

NO_CONTRACT = ""


@dataclass(frozen=True)
class Invented:
    """One export with its truth. `columns`: lines of `Header > fields > maker:argument ~share filled`.

    `fields` are those that are right for the column, parted by `|`; `-`: none is, the column is carried.
    """

    name: str
    contract: str
    columns: str
    rows: int = 30
    delimiter: str = ";"
    encoding: str = "utf-8"
    before: tuple[str, ...] = ()
    total: str = ""
    """The last line, as it is written."""
    sheet: int = 0
    """For a workbook: how many other sheets stand before."""
    groups: tuple[tuple[str, int], ...] = ()
    """A first row of names: each with how many columns stand below."""
    wanted: frozenset[str] = field(default_factory=frozenset)
    """Fields about which a question must be asked."""
    each: tuple[str, ...] = ()
    """What tells groups of columns apart that are records of their own."""
    shape: str = ""
    """How such files are named, when the name says of which place the rows are."""

    @cached_property
    def lines(self) -> list[tuple[str, str, str]]:
        cut = [line.strip().split(" > ") for line in self.columns.strip().splitlines()]
        return [(one[0], one[1], one[2]) for one in cut]

    @cached_property
    def truth(self) -> dict[str, frozenset[str]]:
        """The right fields of each column, by the name under which the file is read."""
        above = [name for name, width in self.groups for _ in range(width)]
        names: dict[str, frozenset[str]] = {}
        for place, (header, fields, _maker) in enumerate(self.lines):
            name = f"{above[place]} / {header}" if above and above[place] else header
            times = 1 + sum(one == name or one.startswith(f"{name}#") for one in names)
            names[name if times == 1 else f"{name}#{times}"] = frozenset(fields.split("|")) - {"-"}
        return names

    @cached_property
    def cells(self) -> list[list[str]]:
        random = Random(self.name)  # noqa: S311  nothing secret is made
        found = []
        for number in range(self.rows):
            row, made = begin_row(random, number), []
            for _header, _fields, maker in self.lines:
                kind, _, share = maker.partition(" ~")
                kind, _, given = kind.partition(":")
                cell = MAKERS[kind](random, row, given)
                made.append(cell if not share or random.random() < float(share) else "")
            found.append(made)
        return found

    @cached_property
    def content(self) -> bytes:
        if self.name.endswith(".xlsx"):
            return self._write_workbook()
        if self.name.endswith(".json"):
            names = [header for header, _fields, _maker in self.lines]
            return json.dumps({"data": [dict(zip(names, row, strict=True)) for row in self.cells]}).encode()
        out = StringIO()
        out.writelines(f"{line}\r\n" for line in self.before)
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        if self.groups:
            writer.writerow([cell for name, width in self.groups for cell in [name, *[""] * (width - 1)]])
        writer.writerow([header for header, _fields, _maker in self.lines])
        writer.writerows(self.cells)
        out.write(f"{self.total}\r\n" if self.total else "")
        return out.getvalue().encode(self.encoding)

    def _write_workbook(self) -> bytes:
        out = BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True})
        for number in range(self.sheet):
            cover = book.add_worksheet(f"Lisez-moi {number + 1}")
            cover.write_row(0, 0, ["Export du logiciel", "Version"])
            cover.write_row(1, 0, ["Contact", "le service informatique"])
        sheet, line = book.add_worksheet("Données"), 0
        for text in self.before:
            sheet.write_row(line, 0, text.split("\t"))
            line += 1
        place = 0
        for name, width in self.groups:
            if width > 1:
                sheet.merge_range(line, place, line, place + width - 1, name)
            else:
                sheet.write_string(line, place, name)
            place += width
        line += bool(self.groups)
        for cells in ([header for header, _fields, _maker in self.lines], *self.cells):
            sheet.write_row(line, 0, cells)
            line += 1
        if self.total:
            sheet.write_row(line, 0, self.total.split(";"))
        book.close()
        return out.getvalue()
