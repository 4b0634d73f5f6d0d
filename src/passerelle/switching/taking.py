"""How a snapshot is taken: each file goes down the path of a check, and what would be delivered is kept."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from passerelle import contracts
from passerelle.engine.checking import check
from passerelle.stages.validate.model_path import judge
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import IO

    from passerelle.engine.checking import CheckReport
    from passerelle.switching.side import Export, ExportPiece, ExportReader
    from passerelle.vocabulary.parcels import Records, TextTable

CONNECTOR, FILE_NUMBER, MEMBER, LINE = "_connector", "_file", "_member", "_line"
_PART_ROWS = 50_000
"""Rows that are kept in memory, and that make a row group."""
_LINES = 10_000


@dataclass(slots=True)
class _ContractRows:
    """The records of one contract: what waits in memory, and the parts that are written."""

    waiting: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    parts: list[Path] = field(default_factory=list)
    count: int = 0


@dataclass(slots=True)
class SnapshotWriter:
    """Writes what files give, a Parquet file a contract. `schema` and `arranged` say what its columns are."""

    folder: Path
    get_schema: Callable[[str], dict[str, pl.DataType]]
    arrange_columns: Callable[[pl.DataFrame, str], pl.DataFrame]
    contract_rows: dict[str, _ContractRows] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    balance: Balance = Balance()
    causes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Records set aside and warnings, by outcome, code and contract."""

    def add_piece(self, export: Export, piece: ExportPiece, progress: Callable[[str, int, int, int], None]) -> None:
        """Read one file. Raises ParcelError when it is not what its connector reads."""
        with piece.open() as stream:
            sha256 = hashlib.file_digest(cast("Any", stream), "sha256").hexdigest()
            size = stream.tell()
            stream.seek(0)
            entry = {"number": len(self.files) + 1, "reader": export.reader, "name": piece.name}
            only = {"contracts": list(export.only)} if export.only else {}
            self.files.append({**entry, "size": size, "sha256": sha256, **_version(export.connector_reader), **only})
            if export.connector_reader is None:
                self._read_contract(stream, export, lambda rows, done: progress(export.reader, rows, done, size))
            else:
                self._check(
                    stream,
                    export,
                    export.connector_reader,
                    lambda rows, done: progress(export.reader, rows, done, size),
                )

    def _check(
        self, stream: IO[bytes], export: Export, reading: ExportReader, progress: Callable[[int, int], None]
    ) -> None:
        report = check(
            stream,
            reading.supplier.id,
            reading.connector,
            progress=progress,
            see=lambda records, table: self._add_checked(records, table, export),
        )
        self.balance += _compute_balance(report, export)
        for key, cause in report.causes.items():
            self.causes[key.fate, key.code, key.contract] += cause.count

    def _add_checked(self, records: Records, table: TextTable, export: Export) -> None:
        if export.has_contract(records.contract) and records.frame.height:
            lines = table.lines.gather(records.frame.get_column(ROW)).to_list()
            self._add_rows(records.contract, records.frame, export, table.member, lines)

    def _add_rows(self, contract: str, frame: pl.DataFrame, export: Export, member: str, lines: Iterable[int]) -> None:
        placed = self.arrange_columns(frame, contract).with_columns(
            pl.lit(export.reader).alias(CONNECTOR),
            pl.lit(len(self.files), pl.UInt32).alias(FILE_NUMBER),
            pl.lit(member).alias(MEMBER),
            pl.Series(LINE, list(lines), pl.UInt32),
        )
        kept = self.contract_rows.setdefault(contract, _ContractRows())
        kept.waiting.append(placed)
        kept.rows += placed.height
        kept.count += placed.height
        if kept.rows >= _PART_ROWS:
            self._write_part(contract, kept)

    def _write_part(self, contract: str, kept: _ContractRows) -> None:
        path = self.folder / f"{contract.replace('/', '-')}-{len(kept.parts):06d}.part"
        pl.concat(kept.waiting).write_parquet(path)
        kept.parts.append(path)
        kept.waiting.clear()
        kept.rows = 0

    def _read_contract(self, stream: IO[bytes], export: Export, progress: Callable[[int, int], None]) -> None:
        """Read canonical JSON, one record a line; a line that the contract refuses is counted as rejected."""
        lines: list[tuple[int, bytes]] = []
        for number, line in enumerate(stream, 1):
            if line.strip():
                lines.append((number, line))
            if len(lines) == _LINES:
                self._add_lines(lines, export)
                progress(number, stream.tell())
                lines = []
        self._add_lines(lines, export)

    def _add_lines(self, lines: list[tuple[int, bytes]], export: Export) -> None:
        good: list[tuple[int, dict[str, Any]]] = []
        fates = Counter({Fate.DELIVERED: 0})
        for number, line in lines:
            fate, code, record = _judge_line(line, export.contract)
            fates[fate] += 1
            if fate is Fate.DELIVERED:
                good.append((number, record))
            else:
                self.causes[fate.value, code, export.contract] += 1
        self.balance += Balance(len(lines), dict(fates))
        if good:
            self._add_rows(export.contract, self._frame(good, export.contract), export, "", [line for line, _ in good])

    def _frame(self, good: list[tuple[int, dict[str, Any]]], contract: str) -> pl.DataFrame:
        wanted = {name: kind for name, kind in self.get_schema(contract).items() if not name.startswith("_")}
        rows = [{**record, "extra": _as_text(record.get("extra"))} for _line, record in good]
        return pl.DataFrame([{name: row.get(name) for name in wanted} for row in rows], schema=wanted)

    def finish(self) -> dict[str, Any]:
        """Put the parts of each contract together, and give the manifest's figures."""
        for contract in contracts.catalogue():
            if kept := self.contract_rows.get(contract):
                if kept.waiting:
                    self._write_part(contract, kept)
                target = self.folder / f"{contract.replace('/', '-')}.parquet"
                pl.scan_parquet(kept.parts).sink_parquet(target, row_group_size=_PART_ROWS, maintain_order=True)
                target.chmod(0o600)
                for part in kept.parts:
                    part.unlink()
        return {
            "passerelle": version("passerelle-social"),
            "contracts": {
                name: self.contract_rows[name].count for name in contracts.catalogue() if name in self.contract_rows
            },
            "files": self.files,
            "balance": {
                "received": self.balance.received,
                **{str(fate): self.balance.fates.get(fate, 0) for fate in Fate},
                "warnings": self.balance.warnings,
            },
            "causes": [
                {"outcome": outcome, "code": code, "contract": contract, "count": count}
                for (outcome, code, contract), count in sorted(self.causes.items())
            ],
        }


def _compute_balance(report: CheckReport, export: Export) -> Balance:
    """Give the books of a file: what another export is the authority for is withheld here."""
    elsewhere = sum(count for contract, count in report.accepted.items() if not export.has_contract(contract))
    fates = Counter(report.balance.fates)
    fates[Fate.DELIVERED] -= elsewhere
    fates[Fate.WITHHELD] += elsewhere
    kept = {fate: count for fate, count in fates.items() if count}
    return Balance(report.balance.received, kept, report.balance.withheld_values, report.balance.warnings)


def _judge_line(line: bytes, contract: str) -> tuple[Fate, str, dict[str, Any]]:
    """Judge one line: its fate, the reason code when it is set aside, and the record."""
    try:
        record = json.loads(line)
    except ValueError:
        return Fate.UNREADABLE, "decode.record.malformed", {}
    refusals = [finding.reason for finding in judge(record, contracts.get(contract)) if not finding.warns]
    return (Fate.REJECTED, refusals[0], {}) if refusals else (Fate.DELIVERED, "", record)


def _version(reading: ExportReader | None) -> dict[str, str]:
    return {"connector_version": reading.plugin.version, "supplier": reading.supplier.id} if reading else {}


def _as_text(extra: Any) -> str | None:
    return json.dumps(extra, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if extra else None
