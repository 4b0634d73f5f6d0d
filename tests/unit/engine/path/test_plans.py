"""A plan is compiled once for each connector of a process, and not at all while a flow has nothing to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passerelle import Connector, Csv, Supplier, Table
from passerelle import convert as to
from passerelle.engine.path import plans
from passerelle.engine.path.plans import PlanCache, get_plan
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.plugin_info import PluginInfo
from passerelle.extension.plugins import Plugins
from passerelle.stages.translate.plan import compile_plan

EXPORT = Connector(
    id="demo-export",
    title="Export",
    dialect=Csv(delimiter=";", encoding="utf-8"),
    tables=(
        Table(
            contract="person/1",
            fields={"ref": to.Ref("Id", system="demo", entity="person"), "birth_name": to.Text("Nom")},
        ),
    ),
)
SETTINGS = """
[flow.dossiers]
connector = "demo-export"
purpose = "portability"
source = { kind = "folder", path = "in", glob = "*.csv", quiet_seconds = 0 }
destination = { kind = "folder", path = "out" }
"""


@pytest.fixture
def compiled(monkeypatch):
    """Collect the suppliers whose tables are compiled, in a process that has no plan yet."""
    suppliers = []

    def counting(tables, *, supplier, **options):
        suppliers.append(supplier)
        return compile_plan(tables, supplier=supplier, **options)

    monkeypatch.setattr(plans, "compile_plan", counting)
    monkeypatch.setattr(plans, "_plans", PlanCache())
    return suppliers


@pytest.fixture
def house(tmp_path):
    """An open workspace with one flow, from a folder to a folder."""
    (tmp_path / "in").mkdir()
    (tmp_path / "passerelle.toml").write_text(SETTINGS, "utf-8")
    supplier = Supplier(id="demo", title="Demo", connectors=(EXPORT,))
    info = PluginInfo("demo", "passerelle-plugin-demo", "1.0.0", "")
    plugins = Plugins(suppliers=(supplier,), connectors={EXPORT.id: (supplier, EXPORT, info)})
    with open_workspace(load_settings(tmp_path / "passerelle.toml"), plugins=plugins) as house:
        yield house


def test_an_idle_look_compiles_no_plan(house, compiled):
    for run in range(2):
        assert run_flow(house, "dossiers", run=run).settled == 0
    assert compiled == []


def test_parcels_of_two_looks_share_one_plan(house, compiled, tmp_path):
    for number in range(2):
        (tmp_path / "in" / f"{number}.csv").write_text(f"Id;Nom\n{number};DURAND\n", "utf-8")
        run = house.journal.begin_run(["dossiers"], house.clock.now())
        assert run_flow(house, "dossiers", run=run).settled == 1
    assert compiled == ["demo"]


def test_what_makes_a_plan_another_one_is_compiled_anew():
    cache = PlanCache()
    first = cache.get("demo", EXPORT)
    assert cache.get("demo", replace(EXPORT, title="Export, renamed")) is first
    others = [
        cache.get("other", EXPORT),
        cache.get("demo", replace(EXPORT, nulls=("", "NULL"))),
        cache.get("demo", replace(EXPORT, nothing=("néant",))),
        cache.get("demo", replace(EXPORT, tables=(replace(EXPORT.tables[0], optional=("Nom",)),))),
    ]
    assert all(one is not first for one in others)
    assert [one.supplier for one in others] == ["other", "demo", "demo", "demo"]
    assert [one.nulls for one in others[:2]] == [("",), ("", "NULL")]


def test_the_least_recently_used_plan_is_let_go():
    cache = PlanCache(most=2)
    connectors = [replace(EXPORT, nulls=("", str(number))) for number in range(3)]
    first = cache.get("demo", connectors[0])
    for connector in (connectors[1], connectors[0], connectors[2]):
        cache.get("demo", connector)
    assert cache.get("demo", connectors[0]) is first
    assert get_plan("demo", EXPORT) is get_plan("demo", EXPORT)
