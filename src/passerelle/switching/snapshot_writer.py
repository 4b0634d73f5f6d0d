"""Writes a snapshot: each file is read as a check reads it, and what would be delivered is kept."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from passerelle import contracts
from passerelle.engine.path.plans import get_plan
from passerelle.engine.rehearsal.file_check import check
from passerelle.stages.validate.model_path import judge
from passerelle.switching.left_behind import ColumnCounter, add_up, describe_counted
from passerelle.switching.snapshot_store import PART_ROWS
from passerelle.vocabulary.locality import NOWHERE
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import IO

    from passerelle.engine.records.ledger import Ledger
    from passerelle.switching.side import ExportPiece, ExportReader, SideExport
    from passerelle.switching.snapshot_store import SnapshotStore
    from passerelle.vocabulary.parcels import Records, TextTable

CONNECTOR, FILE_NUMBER, MEMBER, LINE = "_connector", "_file", "_member", "_line"
_LINES = 10_000


@dataclass(slots=True)
class _ContractRows:
    """The records of one contract: those that wait in memory, and how many there are."""

    waiting: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    count: int = 0


@dataclass(slots=True)
class SnapshotWriter:
    """Writes the records of files, contract by contract, in the columns of `get_schema`."""

    store: SnapshotStore
    get_schema: Callable[[str], dict[str, pl.DataType]]
    arrange_columns: Callable[[pl.DataFrame, str], pl.DataFrame]
    contract_rows: dict[str, _ContractRows] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    balance: Balance = Balance()
    causes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Records set aside and warnings, by outcome, code and contract."""
    beside: list[dict[str, Any]] = field(default_factory=list)
    """What no field of a contract takes, file by file."""
    unread: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Values that the exports hold and the connectors leave unread on purpose, by connector, name and reason."""

    def add_piece(self, export: SideExport, piece: ExportPiece, progress: Callable[[str, int, int, int], None]) -> None:
        """Read one file. Raises ParcelError when it is not what its connector reads."""
        reader = export.connector_reader
        with piece.open() as stream:
            sha256 = hashlib.file_digest(cast("Any", stream), "sha256").hexdigest()
            size = stream.tell()
            stream.seek(0)
            entry: dict[str, Any] = {"number": len(self.files) + 1, "reader": export.reader, "name": piece.name}
            entry |= {"size": size, "sha256": sha256}
            if reader:
                entry |= {"connector_version": reader.plugin.version, "supplier": reader.supplier.id}
            if export.only:
                entry["contracts"] = list(export.only)
            # Listed before it is read: the rows that follow are placed in the file of this number.
            self.files.append(entry)

            def report_progress(rows: int, done: int) -> None:
                progress(export.reader, rows, done, size)

            if reader is None:
                self._read_contract(stream, export, report_progress)
            else:
                self._check(stream, export, reader, report_progress, file_name=piece.name)

    def _check(
        self,
        stream: IO[bytes],
        export: SideExport,
        reader: ExportReader,
        progress: Callable[[int, int], None],
        *,
        file_name: str,
    ) -> None:
        def add_checked(records: Records, table: TextTable) -> None:
            if export.has_contract(records.contract) and records.frame.height:
                lines = table.lines.gather(records.frame.get_column(ROW)).to_list()
                self._add_rows(records.contract, records.frame, export, table.member, lines)

        counter = ColumnCounter(get_plan(reader.supplier.id, reader.connector, NOWHERE))

        def count_beside(ledger: Ledger, table: TextTable) -> None:
            counter.observe_columns(table)
            counter.observe_rows(ledger, table)

        report = check(
            stream,
            reader.supplier.id,
            reader.connector,
            name=file_name,
            progress=progress,
            on_records=add_checked,
            on_ledger=count_beside,
        )
        self.beside += describe_counted(export.reader, reader.supplier.id, counter)
        # Records that another export is the authority for are withheld here.
        elsewhere = sum(count for contract, count in report.accepted.items() if not export.has_contract(contract))
        fates = Counter(report.balance.fates)
        fates[Fate.DELIVERED] -= elsewhere
        fates[Fate.WITHHELD] += elsewhere
        nonzero = {fate: count for fate, count in fates.items() if count}
        counted = report.balance
        self.balance += Balance(counted.received, nonzero, counted.withheld_values, counted.warnings)
        for key, cause in report.causes.items():
            self.causes[key.fate, key.code, key.contract] += cause.count
        for name, entry in report.unread.items():
            self.unread[export.reader, name, entry.reason] += entry.values

    def _add_rows(
        self, contract: str, frame: pl.DataFrame, export: SideExport, member: str, lines: Iterable[int]
    ) -> None:
        placed = self.arrange_columns(frame, contract).with_columns(
            pl.lit(export.reader).alias(CONNECTOR),
            pl.lit(len(self.files), pl.UInt32).alias(FILE_NUMBER),
            pl.lit(member).alias(MEMBER),
            pl.Series(LINE, list(lines), pl.UInt32),
        )
        rows = self.contract_rows.setdefault(contract, _ContractRows())
        rows.waiting.append(placed)
        rows.rows += placed.height
        rows.count += placed.height
        if rows.rows >= PART_ROWS:
            self._write_part(contract, rows)

    def _write_part(self, contract: str, rows: _ContractRows) -> None:
        self.store.write_part(contract, pl.concat(rows.waiting))
        rows.waiting.clear()
        rows.rows = 0

    def _read_contract(self, stream: IO[bytes], export: SideExport, progress: Callable[[int, int], None]) -> None:
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

    def _add_lines(self, lines: list[tuple[int, bytes]], export: SideExport) -> None:
        accepted: list[tuple[int, dict[str, Any]]] = []
        fates = Counter({Fate.DELIVERED: 0})
        for number, line in lines:
            fate, code, record = _judge_line(line, export.contract)
            fates[fate] += 1
            if fate is Fate.DELIVERED:
                extra = record.get("extra")
                text = json.dumps(extra, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if extra else None
                accepted.append((number, {**record, "extra": text}))
            else:
                self.causes[fate.value, code, export.contract] += 1
        self.balance += Balance(len(lines), dict(fates))
        if accepted:
            schema = self.get_schema(export.contract).items()
            wanted = {name: kind for name, kind in schema if not name.startswith("_")}
            rows = [{name: record.get(name) for name in wanted} for _number, record in accepted]
            frame = pl.DataFrame(rows, schema=wanted)
            self._add_rows(export.contract, frame, export, "", [number for number, _record in accepted])

    def finish(self) -> dict[str, Any]:
        """Write what still waits, and return the manifest's figures."""
        counts: dict[str, dict[str, Any]] = {}
        for contract in contracts.catalogue():
            if rows := self.contract_rows.get(contract):
                if rows.waiting:
                    self._write_part(contract, rows)
                about = {"version": contracts.get(contract).about.version, "count": rows.count}
                counts[contract] = about | self.store.finish(contract)
        return {
            "passerelle": version("passerelle-social"),
            "contracts": counts,
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
            "unread": [
                {"connector": connector, "name": name, "reason": reason, "values": values}
                for (connector, name, reason), values in sorted(self.unread.items())
            ],
            "beside": add_up(self.beside),
        }


def _judge_line(line: bytes, contract: str) -> tuple[Fate, str, dict[str, Any]]:
    """Return the fate of one line, the reason code when it is set aside, and the record."""
    try:
        record = json.loads(line)
    except ValueError:
        return Fate.UNREADABLE, "decode.record.malformed", {}
    refusals = [finding.reason for finding in judge(record, contracts.get(contract)) if not finding.warns]
    return (Fate.REJECTED, refusals[0], {}) if refusals else (Fate.DELIVERED, "", record)
