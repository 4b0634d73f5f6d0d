"""Reading the records of a pack again: canonical, accepted by their contract, the same in both forms, linked."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle.contracts import canonical
from passerelle.contracts.catalogue import catalogue
from passerelle.stages.validate.validation import validate
from passerelle.switching.exit_pack.spool import AT_ONCE, name_of
from passerelle.switching.exit_pack.writing import CSV, JSON, Tally, folder_of
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator

    from passerelle.contracts.contract import Contract
    from passerelle.switching.exit_pack.manifest import Holding
    from passerelle.switching.exit_pack.pack_report import PackReport
    from passerelle.switching.exit_pack.spool import Name

_LONGEST_LINE = 16 << 20
_BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, csv.Error, UnicodeDecodeError)


class Reread:
    """Goes through the records of every contract twice: once to know who is there, once to judge."""

    def __init__(self, archive: zipfile.ZipFile, report: PackReport, progress: Callable[[int], None]) -> None:
        self._archive = archive
        self._report = report
        self._progress = progress
        self._altered = {one.path for one in report.findings}
        self._there: dict[str, set[Name]] = {}
        self._names: dict[str, list[Name]] = {}
        self._read = 0

    def check(self) -> None:
        """Check every contract of the manifest whose files are whole; a damaged one is told already."""
        known = [one for one in self._report.manifest.contracts if self._is_known(one)]
        for one in known:
            family = catalogue()[one.contract].about.family
            names = [name for frame, _line in self._frames(one, tell=True) for name in map(name_of, frame["ref"])]
            self._names[one.contract] = names
            self._there.setdefault(family, set()).update(names)
        for one in known:
            self._judge(one)
            self._check_twin(one)

    def _is_known(self, one: Holding) -> bool:
        contract, path = catalogue().get(one.contract), self._json(one)
        if contract is None:
            self._report.find("validate.pack.contract", path, contract=one.contract)
        listed = {file.path: file.count for file in self._report.manifest.files}
        there = path in listed and path not in self._altered
        if there and listed[path] != one.records:
            self._report.find("validate.pack.count", path)
        return contract is not None and there

    def _judge(self, one: Holding) -> None:
        contract = catalogue()[one.contract]
        tally = Tally(contract, self._there)
        path = self._json(one)
        for frame, line in self._frames(one, tell=False):
            tally.add(frame)
            for item in _refused(frame, contract, line):
                self._report.find("validate.pack.record", path, item[0], reason=item[1], field=item[2])
        found = tally.holding(replaced=one.replaced)
        self._report.records += found.records
        if found.records != one.records:
            self._report.find("validate.pack.count", path)
        elif (found.links, found.persons) != (one.links, one.persons):
            self._report.find("validate.pack.links", path)

    def _frames(self, one: Holding, *, tell: bool) -> Iterator[tuple[pl.DataFrame, int]]:
        """Give records some at a time, with the line before the first of them; `tell` what is not canonical."""
        contract, path = catalogue()[one.contract], self._json(one)
        with self._archive.open(path) as stream:
            before = 0
            while lines := _some(stream):
                self._read += sum(map(len, lines))
                self._progress(self._read // 2)
                yield (
                    self._parsed([line.rstrip(b"\n") for line in lines], contract, path if tell else "", before),
                    before,
                )
                before += len(lines)

    def _parsed(self, lines: list[bytes], contract: type[Contract], path: str, before: int) -> pl.DataFrame:
        try:
            return canonical.parse(lines, contract)
        except ValueError:
            good = []
        for number, line in enumerate(lines, start=before + 1):
            try:
                canonical.parse([line], contract)
                good.append(line)
            except ValueError:
                if path:
                    self._report.find("validate.pack.form", path, number)
        return canonical.parse(good, contract)

    def _check_twin(self, one: Holding) -> None:
        """Compare the refs of the CSV with those of the JSON, one by one."""
        path = f"{folder_of(one.contract)}/{CSV}"
        if path in self._altered or path not in self._archive.namelist():
            return
        with self._archive.open(path) as stream:
            same = _same(stream, self._names[one.contract])
        if not same:
            self._report.find("validate.pack.twin", path)

    @staticmethod
    def _json(one: Holding) -> str:
        return f"{folder_of(one.contract)}/{JSON}"


def _some(stream: IO[bytes]) -> list[bytes]:
    """Read some lines: not too many, and not too much, whatever a pack that nobody has proven holds."""
    lines: list[bytes] = []
    size = 0
    while len(lines) < AT_ONCE and size < _LONGEST_LINE and (line := stream.readline(_LONGEST_LINE)):
        lines.append(line)
        size += len(line)
    return lines


def _same(stream: IO[bytes], names: list[Name]) -> bool:
    csv.field_size_limit(_LONGEST_LINE)
    rows = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline=""), delimiter=";")
    try:
        place = next(rows, []).index("ref")
        found = [name_of(row[place]) for row in rows]
    except (ValueError, IndexError, *_BROKEN):
        return False
    return found == names


def _refused(frame: pl.DataFrame, contract: type[Contract], before: int) -> Iterator[tuple[int, str, str]]:
    """Judge records: line, reason and field of each that its contract does not accept."""
    numbered = frame.with_row_index(ROW)
    lines = pl.int_range(before + 1, before + 1 + frame.height, dtype=pl.UInt32, eager=True)
    table = TextTable("", pl.DataFrame(), lines)
    for item in validate(Records(contract.about.id, numbered), table=table).records.aside:
        yield item.place.line, item.reason, item.place.field
