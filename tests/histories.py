"""Histories of a source: what a folder of exports goes through, and what the destination must hold at its end.

The model knows nothing of the program: rows, columns and arrivals in their order. `History` plays each step on both
sides; `check` holds one against the other.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock

from turned_clock import TurnedClock

from passerelle.engine.quarantine.replaying import replay
from passerelle.engine.runs.running import resume_flow, run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary import failpoints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.engine.runs.worker import FlowOutcome

FLOW = "personnes"
CELLS = ("Nom", "Note", "Tel")
"""Columns that an export may lack; `ID` and `Naissance` are always there."""
FIELDS = {"Nom": "birth_name", "Note": "comment", "Tel": "telecoms"}
BORN, IMPOSSIBLE = "05/03/1950", "31/02/1950"
SUPPLIER = """
id = "histoire"
title = "Histoires (personnes)"

[connector.histoire-personnes]
title = "Personnes (CSV)"
[connector.histoire-personnes.dialect]
kind = "csv"
delimiter = ";"
[connector.histoire-personnes.table.p]
contract = "person/1"
[connector.histoire-personnes.table.p.fields]
ref = { kind = "ref", column = "ID", entity = "person", opaque = true }
birth_name = { kind = "text", column = "Nom" }
birth_date = { kind = "partial_date", column = "Naissance", formats = ["%d/%m/%Y"] }
comment = { kind = "text", column = "Note", max_length = 20000 }
telecoms = { kind = "telecom", column = "Tel" }
"""
KILLS = (
    "collect.seen",
    "collect.registered",
    "collect.acknowledged",
    "decode.batch",
    "database.written",
    "settle.before",
    "settle.quarantined",
    "settle.committed",
    "parcel.closed",
)
"""Fail-points that a run from a folder into a database passes."""


class PowerCut(KeyboardInterrupt):
    """Ends a run within this process where a test of whole processes would kill it: nothing but `finally` runs."""


@dataclass(frozen=True)
class Export:
    """One file as the supplier writes it: its columns, its rows in order, and which rows have an impossible birth."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    impossible: frozenset[int] = frozenset()
    arrival: int = 0
    """Its place among all that ever arrived."""

    def to_bytes(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(("ID", "Naissance", *self.columns))
        for number, cells in self.rows:
            kept = [cell for name, cell in zip(CELLS, cells, strict=True) if name in self.columns]
            writer.writerow((f"P{number}", IMPOSSIBLE if number in self.impossible else BORN, *kept))
        return text.getvalue().encode()


@dataclass
class Model:
    """What the destination must hold, told only what arrives."""

    absent: str
    whole: bool
    records: dict[int, dict[str, str]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    waiting: dict[int, tuple[int, dict[str, str]]] = field(default_factory=dict)
    """Rows that wait in quarantine for somebody to correct them: by number, their arrival and what they say."""
    parked: list[Export] = field(default_factory=list)
    compared: int = 0
    """Arrival of the latest export that told what vanished."""
    deleted: dict[int, int] = field(default_factory=dict)
    """By number, the arrival of the export that no longer held it."""
    vanished: int = 0
    """Records that vanished with the latest export."""

    def take(self, export: Export, answer: str = "") -> bool:
        """Apply one export; return False when it is parked with a question."""
        policy = answer or self.absent
        gone = self.met - set(export.columns)
        if gone and policy == "hold" and export.rows:
            self.parked.append(export)
            return False
        for number, cells in export.rows:
            said = {name: cell for name, cell in zip(CELLS, cells, strict=True) if name in export.columns}
            if number in export.impossible:
                self.waiting[number] = export.arrival, said
            else:
                self.put(number, export.arrival, said, gone, policy)
        # a header without rows is met too: it empties nothing, and what it names is expected from then on
        self.met |= set(export.columns)
        if answer == "empty":
            self.met -= gone
        self._drop_vanished(export)
        return True

    def put(self, number: int, arrival: int, said: dict[str, str], gone: set[str], policy: str) -> None:
        """Write one record: what is not said stays, or is empty. What was deleted since then stays deleted."""
        if arrival < self.deleted.get(number, 0):
            return
        before = self.records.get(number, {})
        kept = {name: before[name] for name in gone if policy == "keep" and name in before}
        self.records[number] = {**kept, **{name: cell for name, cell in said.items() if cell}}
        self.deleted.pop(number, None)

    def _drop_vanished(self, export: Export) -> None:
        self.vanished = 0
        # an export that is taken up after a newer one speaks of yesterday
        if not self.whole or export.arrival < self.compared:
            return
        self.compared = export.arrival
        for number in self.records.keys() - dict(export.rows).keys():
            del self.records[number]
            self.deleted[number] = export.arrival
            self.vanished += 1


@dataclass
class History:
    """One workspace, its folder of exports, and the model beside it."""

    folder: Path
    absent: str
    after: str = "archive"
    whole: bool = False
    clock: TurnedClock = field(default_factory=lambda: TurnedClock(datetime(2026, 3, 2, 20, tzinfo=UTC)))
    pending: list[Export] = field(default_factory=list)
    """Exports dropped since the last run, in their order."""
    sent: list[Export] = field(default_factory=list)
    files: int = 0

    def __post_init__(self) -> None:
        self.model = Model(self.absent, self.whole)
        (self.folder / "entrants").mkdir()
        (self.folder / "histoire.toml").write_text(SUPPLIER, "utf-8")
        (self.folder / "passerelle.toml").write_text(
            f"""
[passerelle]
state = "etat"
suppliers = ["histoire.toml"]

[flow.{FLOW}]
connector = "histoire-personnes"
purpose = "portability"
absent = "{self.absent}"
vanished = "delete"
most_vanished = 1.0
destination = {{ kind = "database", url = "destination.sqlite3" }}

[flow.{FLOW}.source]
kind = "folder"
path = "entrants"
quiet_seconds = 0
after = "{self.after}"
whole = {str(self.whole).lower()}
""",
            "utf-8",
        )

    @contextmanager
    def open(self) -> Iterator[object]:
        with open_workspace(load_settings(self.folder / "passerelle.toml"), clock=self.clock) as workspace:
            yield workspace

    def jump(self, days: int) -> None:
        """Set the clock wrong, or right again."""
        self.clock.moment += timedelta(days=days)

    def drop(self, export: Export) -> None:
        """Put an export into the folder, younger than those before it."""
        self.files += 1
        path = self.folder / "entrants" / f"export-{self.files:04d}.csv"
        path.write_bytes(export.to_bytes())
        # the order on disk is the order of the history, whatever the speed of this machine
        os.utime(path, (1_700_000_000 + 60 * self.files,) * 2)
        arrived = replace(export, arrival=self.files)
        self.pending.append(arrived)
        self.sent.append(arrived)

    def run(self, kill: str = "") -> FlowOutcome | None:
        """Run once, cut off at a fail-point if one is named, then again until it comes to its end."""
        if kill and self._is_cut(kill):
            self.clock.sleep(60)
        with self.open() as workspace:
            outcome = run_flows(workspace, [FLOW]).outcomes[0]
        self.clock.sleep(24 * 3600)
        return outcome

    def _is_cut(self, kill: str) -> bool:
        place, _colon, nth = kill.partition(":")
        failpoints._passed.clear()
        cut = mock.patch.dict(os.environ, {failpoints.VARIABLE: f"{place}:{nth or 1}"})
        with cut, mock.patch.object(failpoints.os, "kill", side_effect=PowerCut):
            try:
                with self.open() as workspace:
                    run_flows(workspace, [FLOW])
            except PowerCut:
                return True
        return False

    def settle_pending(self) -> list[bool]:
        """Tell the model of all that was dropped since it was told last; return which exports were taken."""
        taken = [self.model.take(export) for export in self.pending]
        self.pending.clear()
        return taken

    def answer(self, answer: str) -> None:
        """Answer the question of the parked exports, and run: they are taken in the order of their arrival."""
        with self.open() as workspace:
            resume_flow(workspace, FLOW, who="test", absent=answer)
        parked, self.model.parked = self.model.parked, []
        # parked ones were registered before whatever waits in the folder
        for export in parked:
            self.model.take(export, answer)

    def correct(self) -> int:
        """Correct every quarantined row, and register the replay; return how many rows it brings back."""
        with self.open() as workspace:
            rows = workspace.quarantine.list_rows(flow=FLOW)
            if rows:
                replay(workspace, FLOW, [row.id for row in rows], {row.id: {"Naissance": BORN} for row in rows})
            return len(rows)

    def read_destination(self) -> dict[int, dict[str, str]]:
        """Return what the database has: filled cells by number."""
        path = self.folder / "destination.sqlite3"
        if not path.exists():
            return {}
        with sqlite3.connect(path) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'passerelle_person_1'").fetchone():
                return {}
            columns = ", ".join(FIELDS.values())
            statement = f"SELECT ref, {columns} FROM passerelle_person_1"  # noqa: S608  names of ours, no value
            rows = database.execute(statement).fetchall()
        return {
            int(ref.rpartition("P")[2]): {
                name: _to_text(value) for name, value in zip(FIELDS, values, strict=True) if value not in (None, "[]")
            }
            for ref, *values in rows
        }


def _to_text(value: str) -> str:
    """Return the cell that a value was read from."""
    if value.startswith("["):
        return json.loads(value)[0]["value"].replace("+33", "0")
    return value
