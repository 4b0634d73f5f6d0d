"""Reads the records of a pack again: canonical, accepted by their contract, the same in both forms, linked."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING

import polars as pl

from passerelle.contracts import canonical
from passerelle.contracts.catalogue import catalogue
from passerelle.stages.validate.validation import validate
from passerelle.switching.exit_pack.contract_writing import CSV, JSON, HoldingTally, get_folder
from passerelle.switching.exit_pack.record_spool import AT_ONCE, digest_ref
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator

    from passerelle.contracts.contract import Contract
    from passerelle.switching.exit_pack.manifest import ContractHolding
    from passerelle.switching.exit_pack.pack_report import PackReport
    from passerelle.switching.exit_pack.record_spool import RefDigest

_LONGEST_LINE = 16 << 20
_BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, csv.Error, UnicodeDecodeError)


class RecordCheck:
    """Reads the records of every contract twice: first to list their refs, then to judge them."""

    def __init__(self, archive: zipfile.ZipFile, report: PackReport, progress: Callable[[int], None]) -> None:
        self._archive = archive
        self._report = report
        self._progress = progress
        self._altered = {one.path for one in report.findings}
        self._there: dict[str, set[RefDigest]] = {}
        self._names: dict[str, list[RefDigest]] = {}
        self._read = 0

    def check(self) -> None:
        """Check every contract of the manifest whose files are whole; a damaged one is in the report already."""
        readable = [holding for holding in self._report.manifest.contracts if self._is_readable(holding)]
        for holding in readable:
            family = catalogue()[holding.contract].about.family
            frames = (frame for frame, _line in self._iter_frames(holding, report_form=True))
            names = [name for frame in frames for name in map(digest_ref, frame["ref"])]
            self._names[holding.contract] = names
            self._there.setdefault(family, set()).update(names)
        for holding in readable:
            self._check_records(holding)
            self._check_twin(holding)

    def _is_readable(self, holding: ContractHolding) -> bool:
        contract, path = catalogue().get(holding.contract), self._get_json_path(holding)
        if contract is None:
            self._report.add("validate.pack.contract", path, contract=holding.contract)
        listed = {file.path: file.count for file in self._report.manifest.files}
        there = path in listed and path not in self._altered
        if there and listed[path] != holding.records:
            self._report.add("validate.pack.count", path)
        return contract is not None and there

    def _check_records(self, holding: ContractHolding) -> None:
        contract = catalogue()[holding.contract]
        tally = HoldingTally(contract, self._there)
        path = self._get_json_path(holding)
        for frame, before in self._iter_frames(holding, report_form=False):
            tally.add(frame)
            lines = pl.int_range(before + 1, before + 1 + frame.height, dtype=pl.UInt32, eager=True)
            table = TextTable("", pl.DataFrame(), lines)
            records = Records(contract.about.id, frame.with_row_index(ROW))
            for item in validate(records, table=table).records.aside:
                about = {"reason": item.reason, "field": item.place.field}
                self._report.add("validate.pack.record", path, item.place.line, **about)
        counted = tally.to_holding(replaced=holding.replaced)
        self._report.records += counted.records
        if counted.records != holding.records:
            self._report.add("validate.pack.count", path)
        elif (counted.links, counted.persons) != (holding.links, holding.persons):
            self._report.add("validate.pack.links", path)

    def _iter_frames(self, holding: ContractHolding, *, report_form: bool) -> Iterator[tuple[pl.DataFrame, int]]:
        """Yield records in frames, each with the line before its first; `report_form` reports what is not canonical."""
        contract, path = catalogue()[holding.contract], self._get_json_path(holding)
        with self._archive.open(path) as stream:
            before = 0
            while lines := _read_lines(stream):
                self._read += sum(map(len, lines))
                # Everything is read twice.
                self._progress(self._read // 2)
                bare = [line.rstrip(b"\n") for line in lines]
                yield self._parse_lines(bare, contract, path if report_form else "", before), before
                before += len(lines)

    def _parse_lines(self, lines: list[bytes], contract: type[Contract], path: str, before: int) -> pl.DataFrame:
        try:
            return canonical.parse(lines, contract)
        except ValueError:
            good = []
        # All at once is fast; line by line says which ones are not canonical.
        for number, line in enumerate(lines, start=before + 1):
            try:
                canonical.parse([line], contract)
                good.append(line)
            except ValueError:
                if path:
                    self._report.add("validate.pack.form", path, number)
        return canonical.parse(good, contract)

    def _check_twin(self, holding: ContractHolding) -> None:
        """Compare the refs of the CSV with those of the JSON, one by one."""
        path = f"{get_folder(holding.contract)}/{CSV}"
        if path in self._altered or path not in self._archive.namelist():
            return
        with self._archive.open(path) as stream:
            csv.field_size_limit(_LONGEST_LINE)
            rows = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline=""), delimiter=";")
            try:
                place = next(rows, []).index("ref")
                same = [digest_ref(row[place]) for row in rows] == self._names[holding.contract]
            except (ValueError, IndexError, *_BROKEN):
                same = False
        if not same:
            self._report.add("validate.pack.twin", path)

    @staticmethod
    def _get_json_path(holding: ContractHolding) -> str:
        return f"{get_folder(holding.contract)}/{JSON}"


def _read_lines(stream: IO[bytes]) -> list[bytes]:
    """Read some lines: not too many, and not too much, whatever a pack holds that nobody has verified."""
    lines: list[bytes] = []
    size = 0
    while len(lines) < AT_ONCE and size < _LONGEST_LINE and (line := stream.readline(_LONGEST_LINE)):
        lines.append(line)
        size += len(line)
    return lines
