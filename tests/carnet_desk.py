"""A desk for tests of time: one flow of persons, its folder, and what its destination has in the end."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from turned_clock import TurnedClock

from passerelle.engine.path.collecting import collect
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

FLOW = "personnes"
SUPPLIER = """
id = "carnet"
title = "Carnet"
[connector.carnet-csv]
title = "Personnes"
dialect = { kind = "csv", delimiter = ";" }
[connector.carnet-csv.table.personnes]
contract = "person/1"
[connector.carnet-csv.table.personnes.fields]
ref = { kind = "ref", column = "N", entity = "person", opaque = true }
birth_name = { kind = "text", column = "Nom" }
"""


@dataclass
class Desk:
    """One flow, its folder, and what its destination has."""

    folder: Path
    workspace: object
    clock: TurnedClock

    def write(self, name: str, content: bytes, at: int | None = None) -> Path:
        path = self.folder / "entrees" / name
        path.write_bytes(content)
        if at is not None:
            os.utime(path, ns=(at * 10**9, at * 10**9))
        return path

    def run(self, source=None) -> dict[str, int]:
        """Run once, from the folder or another source; return what happened to the records."""
        workspace = self.workspace
        if source is not None:
            with workspace.open_flow(FLOW) as flow:
                collect(FLOW, source, workspace.depot, workspace.journal, self.clock, flow.blocks)
        outcome = run_flow(workspace, FLOW, run=workspace.journal.begin_run([FLOW], self.clock.now()), jobs=1)
        self.clock.sleep(60)
        assert not outcome.suspended
        return {fate.value: count for fate, count in outcome.balance.fates.items() if count}

    def model(self) -> dict[str, str]:
        """Read the name that the destination has of each person."""
        latest: dict[str, tuple[tuple[int, int], str]] = {}
        rows = self.workspace.journal.list_parcels(FLOW)
        order = {row.outside[:12]: place for place, row in enumerate(rows)}
        for path in (self.folder / "sorties").glob("*.ndjson"):
            stem = path.stem.removeprefix(f"{FLOW}-person-1-")
            place = order[stem.rpartition("-")[0]]
            for number, line in enumerate(path.read_text("utf-8").splitlines()):
                record = json.loads(line)
                state = ((place, number), record["birth_name"])
                latest[record["ref"]] = max(latest.get(record["ref"], ((-1, 0), "")), state)
        return {ref.rpartition(":")[2]: name for ref, (_place, name) in latest.items()}


@contextmanager
def desk(after: str = "archive", more: str = "", supplier: str = SUPPLIER):
    with TemporaryDirectory() as room:
        folder = Path(room)
        (folder / "entrees").mkdir()
        (folder / "carnet.toml").write_text(supplier, "utf-8")
        (folder / "passerelle.toml").write_text(
            f'[passerelle]\nsuppliers = ["carnet.toml"]\nplugins = []\n[flow.{FLOW}]\nconnector = "carnet-csv"\n'
            f'purpose = "portability"\ndestination = {{ kind = "folder", path = "sorties" }}\n{more}\n'
            f'[flow.{FLOW}.source]\nkind = "folder"\npath = "entrees"\nafter = "{after}"\nquiet_seconds = 0\n',
            "utf-8",
        )
        clock = TurnedClock()
        with open_workspace(load_settings(folder / "passerelle.toml"), clock=clock) as workspace:
            yield Desk(folder, workspace, clock)


def export(**names: str) -> bytes:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(["N", "Nom"])
    writer.writerows(sorted(names.items()))
    return out.getvalue().encode()
