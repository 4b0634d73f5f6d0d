"""A snapshot accounts for everything that a side holds, and is the same for the same exports."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from journeying import StandIn
from switching_sides import held, person, taken, visit

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.extension.loading import load_plugins
from passerelle.switching import switch_settings
from passerelle.switching.side import Side, make_described_side, make_file_export, make_side
from passerelle.switching.snapshot import PLACE, open_snapshot, take_snapshot
from passerelle.vocabulary.errors import SettingsError, UsageError

ROOT = Path(__file__).parents[3]
EXPORT = ROOT / "examples" / "demo" / "entrants" / "visites" / "interventions-2024-11.csv"
CASES = ROOT / "plugins" / "gaia_social" / "samples" / "csv" / "nominal.zip"
FLOW = """
[passerelle]
[flow.contacts]
connector = "grc-contacts"
purpose = "portability"
destination = {{ kind = "folder", path = "out" }}
[flow.contacts.source]
kind = "api"
base_url = "{url}/grc/"
allow_private = true
client_id = "env:STAND_IN_CLIENT_ID"
client_secret = "env:STAND_IN_CLIENT_SECRET"
"""
_SIDE = '[side.a]\nexports = [{ flow = "x" }]\n'
_NAMED = """[[switch.s.deliver]]
destination = { kind = "folder", path = "x", format = "csv", file_name = "{contract}.csv" }
"""
_BAD_TOLERANCE = 'tolerances = [{ contract = "visit/1", field = "comment", rounding = 0.5 }]'
_TOLERANCE = 'tolerances = [{ contract = "visit/1", field = "nothing" }]'


@pytest.fixture(scope="module")
def plugins():
    return load_plugins(["compani", "gaia_social", "grc_contacts"])


@pytest.fixture(scope="module")
def side(plugins):
    exports = (
        make_file_export("gaia-social-csv", [CASES], plugins),
        make_file_export("compani-interventions", [EXPORT], plugins),
    )
    return Side("ancien", exports)


def test_the_same_exports_give_the_same_bytes(side, tmp_path):
    first, second = (take_snapshot(side, tmp_path / name) for name in ("one", "two"))
    assert first.manifest == second.manifest
    for path in first.folder.iterdir():
        assert path.read_bytes() == (second.folder / path.name).read_bytes()


def test_every_record_is_accounted_for(side, tmp_path):
    snapshot = take_snapshot(side, tmp_path)
    balance = dict(snapshot.manifest["balance"])
    warnings, received = balance.pop("warnings"), balance.pop("received")
    assert received == sum(balance.values()) > 60
    assert sum(snapshot.count(contract) for contract in snapshot.contracts) == balance["delivered"]
    assert {cause["outcome"] for cause in snapshot.manifest["causes"]} == {"rejected", "unreadable", "withheld"}
    assert warnings == 0


def test_each_record_says_where_it_stood(side, tmp_path):
    frame = take_snapshot(side, tmp_path).scan("case/1").collect()
    assert frame.select(PLACE).row(0) == ("gaia-social-csv", 1, "dossiers", 2)
    assert [entry["number"] for entry in open_snapshot(tmp_path).manifest["files"]] == [1, 2]


def test_what_a_supplier_sends_beyond_the_contract_is_kept(side, tmp_path):
    extra = take_snapshot(side, tmp_path).scan("visit/1").collect().get_column("extra").drop_nulls().to_list()
    assert "compani" in json.loads(extra[0])


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "visit-1.parquet").write_bytes((folder / "visit-1.parquet").read_bytes()[:-1] + b"2"),
        lambda folder: (folder / "visit-1.parquet").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").unlink(),
    ],
    ids=["a byte", "a file", "the manifest", "no manifest"],
)
def test_what_was_changed_is_seen(side, tmp_path, damage):
    take_snapshot(side, tmp_path)
    damage(tmp_path)
    with pytest.raises(UsageError) as caught:
        open_snapshot(tmp_path)
    assert caught.value.code == "usage.snapshot.invalid"


def test_an_export_is_the_authority_for_the_contracts_that_it_names(plugins, tmp_path):
    about = switch_settings.SideSettings.model_validate(
        {"exports": [{"connector": "gaia-social-csv", "path": str(CASES), "contracts": ["case/1"]}]}
    )
    snapshot = take_snapshot(make_side("ancien", about, plugins), tmp_path)
    assert snapshot.contracts == ("case/1",)
    balance = snapshot.manifest["balance"]
    assert balance["delivered"] == snapshot.count("case/1")
    assert balance["received"] == balance["delivered"] + balance["withheld"]


def test_a_record_that_the_contract_refuses_is_counted_and_not_kept(tmp_path):
    side = held(tmp_path, "api", {"visit/1": [visit(1), {"ref": "a:visit:2"}, visit(3, status="flown")]})
    with (tmp_path / "api" / "visit-1.ndjson").open("a") as stream:
        stream.write("{not json\n")
    snapshot = take_snapshot(side, tmp_path / "snapshot")
    assert snapshot.count("visit/1") == 1
    assert snapshot.manifest["balance"]["rejected"] == 2
    assert {cause["code"] for cause in snapshot.manifest["causes"]} >= {"decode.record.malformed"}


def test_none_and_unknown_stay_different(tmp_path):
    _side, snapshot = taken(tmp_path, "api", {"visit/1": [visit(1, confirmed_none=["tasks"], billed=False), visit(2)]})
    frame = snapshot.scan("visit/1").collect()
    assert frame.get_column("confirmed_none").to_list() == [["tasks"], None]
    assert frame.get_column("billed").to_list() == [False, None]


def test_a_snapshot_is_read_some_at_a_time(tmp_path):
    _side, snapshot = taken(tmp_path, "api", {"person/1": [person(number) for number in range(25)]})
    heights = [frame.height for frame in snapshot.iter_slices("person/1", 10)]
    assert heights == [10, 10, 5]
    assert snapshot.count("note/1") == 0
    assert snapshot.scan("note/1").collect().height == 0


def test_a_side_without_its_files_says_so(plugins, tmp_path):
    about = switch_settings.SideSettings.model_validate(
        {"exports": [{"contract": "visit/1", "path": str(tmp_path / "*.x")}]}
    )
    with pytest.raises(UsageError) as caught:
        take_snapshot(make_side("nouveau", about, plugins), tmp_path / "snapshot")
    assert caught.value.code == "usage.side.empty"


def test_a_supplier_or_a_connector_alone_is_a_side_without_files(plugins):
    assert "visit/1" in make_described_side("compani", plugins).contracts
    assert make_described_side("grc-contacts", plugins).contracts == ("interaction/1",)
    with pytest.raises(UsageError):
        make_described_side("nobody", plugins)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[side.a", ["settings.file.syntax"]),
        ('[side.a]\nexports = [{ connector = "x" }]', ["settings.export.unclear"]),
        ('[side.a]\nexports = [{ contract = "visits/1", path = "x" }]', ["settings.export.contract"]),
        ('[side.a]\nexports = [{ flow = "x", path = "y" }]', ["settings.export.unclear"]),
        ('[switch.s]\nfrom = "a"\nto = "b"', ["settings.switch.side", "settings.switch.side"]),
        ('[side.a]\nexport = []\nexports = [{ flow = "x" }]', ["settings.key.misspelt"]),
        (f"{_SIDE}[switch.s]\nfrom = 'a'\nto = 'a'\n{_BAD_TOLERANCE}", ["settings.tolerance.field"]),
        (f"{_SIDE}[switch.s]\nfrom = 'a'\nto = 'a'\n{_NAMED}", ["settings.value.invalid"]),
        (f"{_SIDE}[switch.s]\nfrom = 'a'\nto = 'a'\n{_TOLERANCE}", ["settings.tolerance.field"]),
    ],
)
def test_every_problem_of_the_file_is_told(tmp_path, text, codes):
    (tmp_path / "switch.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        switch_settings.load_switch_file(tmp_path / "switch.toml")
    assert [problem.code for problem in caught.value.problems] == codes


def test_an_absent_file_says_so(tmp_path):
    with pytest.raises(SettingsError) as caught:
        switch_settings.load_switch_file(tmp_path / "switch.toml")
    assert caught.value.code == "settings.switch.missing"


def test_what_the_api_of_a_flow_gives_is_read_and_nothing_is_acknowledged(tmp_path, monkeypatch):
    monkeypatch.setenv("STAND_IN_CLIENT_ID", "demo")
    monkeypatch.setenv("STAND_IN_CLIENT_SECRET", "demo-secret")
    stand_in = StandIn.start(tmp_path, contacts=25, faults=0.0, per_second=1000)
    try:
        (tmp_path / "passerelle.toml").write_text(FLOW.format(url=stand_in.url), encoding="utf-8")
        read = load_settings(tmp_path / "passerelle.toml")
        about = switch_settings.SideSettings.model_validate({"exports": [{"flow": "contacts"}]})
        side = make_side("relation", about, load_plugins(["grc_contacts"]), read)
        first, again = (take_snapshot(side, tmp_path / name) for name in ("one", "two"))
    finally:
        stand_in.stop()
    assert first.count("interaction/1") == again.count("interaction/1") == 25
    assert not (tmp_path / "etat").exists()
    with pytest.raises(UsageError):
        make_side("relation", about, load_plugins(["grc_contacts"]))


def _read_open_files(folder: Path) -> bytes:
    """Return all bytes of the files of a folder that this process has open, those without a name too."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(link.readlink()).startswith(str(folder)):
                found.append(link.read_bytes())
    return b"".join(found)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at open files as Linux shows them")
def test_sealed_it_says_the_same_and_nothing_of_it_can_be_read_on_disk(side, tmp_path):
    clear = take_snapshot(side, tmp_path / "clear")
    (tmp_path / "sealed").mkdir()
    sealed = take_snapshot(side, tmp_path / "sealed", is_sealed=True)
    for contract in clear.contracts:
        assert sealed.scan(contract).collect().equals(clear.scan(contract).collect())
        assert sealed.count(contract) == clear.count(contract)
    assert sealed.manifest["balance"] == clear.manifest["balance"]
    assert list((tmp_path / "sealed").iterdir()) == []
    names = clear.scan("person/1").select("birth_name").collect().to_series().drop_nulls().to_list()
    taken = _read_open_files(tmp_path / "sealed")
    assert len(taken) > 1_000
    assert not [name for name in names if len(name) > 4 and name.encode() in taken]
