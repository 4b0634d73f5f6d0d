"""Fast ways through are taken where they are open: the results would be the same without them, only later."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from passerelle import Connector, Csv, Supplier, Table
from passerelle import convert as to
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.faces.cli.app import run

SAMPLES = sorted((Path(__file__).parents[2] / "plugins").glob("compani/samples/interventions/nominal.csv"))


@pytest.fixture
def made_by() -> list[tuple[str, str]]:
    """Thread and cell of every row that was done by record, in their order."""
    return []


@pytest.fixture
def by_record() -> list[Any]:
    """Cells of the name that were not done column-wise."""
    return []


@dataclass(frozen=True, slots=True)
class Counted:
    """A converter that notes what it is asked by record, and is otherwise the one that it holds."""

    inner: Any
    asked: list[Any] = field(compare=False, hash=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def parse(self, row: Any) -> Any:
        self.asked.append(dict(row))
        return self.inner.parse(row)

    def parse_columns(self) -> Any:
        return self.inner.parse_columns()


@pytest.fixture
def drained(tmp_path, made_by, by_record):
    """Run one flow over rows `ref;name;note` and give what was delivered: `drained(rows, jobs=2)`."""

    def note(row: Any) -> str:
        made_by.append((threading.current_thread().name, row["note"]))
        return row["note"]

    connector = Connector(
        id="papier",
        title="Papier",
        dialect=Csv(),
        tables=(
            Table(
                contract="person/1",
                fields={
                    "ref": to.Ref("ref", system="papier", entity="person", opaque=True),
                    "usual_name": Counted(to.Text("name"), by_record),
                    "comment": to.PerRecord("note", parse=note),
                },
            ),
        ),
    )
    supplier = Supplier(id="papier", title="Papier", connectors=(connector,))
    info = PluginInfo("papier", "papier", "1.0", "")
    plugins = Plugins((info,), (supplier,), {"papier": (supplier, connector, info)})

    def call(rows: int, *, jobs: int) -> list[dict[str, Any]]:
        (tmp_path / "entrees").mkdir()
        lines = ["ref;name;note", *(f"{n};NOM {n};note {n}" for n in range(rows))]
        (tmp_path / "entrees" / "a.csv").write_text("\n".join(lines) + "\n", "utf-8")
        (tmp_path / "passerelle.toml").write_text(
            '[flow.papier]\nconnector = "papier"\npurpose = "support"\nblock_rows = 2\n'
            'source = { kind = "folder", path = "entrees", quiet_seconds = 0 }\n'
            'destination = { kind = "folder", path = "sorties" }\n',
            "utf-8",
        )
        with open_workspace(load_settings(tmp_path / "passerelle.toml"), plugins=plugins) as house:
            run_flow(house, "papier", run=house.journal.begin_run(["papier"], house.clock.now()), jobs=jobs)
        files = sorted((tmp_path / "sorties").rglob("*.ndjson"))
        return [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]

    return call


@pytest.mark.parametrize(("jobs", "threads"), [(1, {"MainThread"}), (2, {"prefetch"})])
def test_batches_are_made_ahead_on_a_thread_of_their_own_only_when_there_are_jobs_for_it(
    drained, made_by, jobs, threads
):
    delivered = drained(7, jobs=jobs)
    assert [record["ref"] for record in delivered] == [f"papier:person:{n}" for n in range(7)]
    assert {thread for thread, _cell in made_by} == threads
    assert [cell for _thread, cell in made_by] == [f"note {n}" for n in range(7)]


def test_plain_cells_are_never_asked_for_one_by_one(drained, by_record):
    assert len(drained(7, jobs=1)) == 7
    assert by_record == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_plain_rows_take_the_express_way(sample, capsys):
    run(["check", str(sample), "--connector", "compani-interventions", "--explain-paths", "--format", "json"])
    lanes = json.loads(capsys.readouterr().out)["lanes"]
    assert sum(entry["verdict"] for entry in lanes) == 0
    assert sum(entry["express"] for entry in lanes) == 9
