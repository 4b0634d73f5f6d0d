"""What stands outside for a key, flow by flow, is what the flows write."""

from __future__ import annotations

import json

import pytest
from people_flow import SUPPLIER

from passerelle.engine.decisions.handle_finding import find_handles
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.handle_texts import is_handle_text

FLOW = """
[flow.{name}]
connector = "gens"
purpose = "{purpose}"
source = {{ kind = "folder", path = "entrees", after = "keep", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "{folder}" }}
"""
FLOWS = (("un", "support", "a"), ("deux", "support", "b"), ("trois", "billing", "a"), ("quatre", "portability", "a"))
KEY = "essai:person:DUPONT"


@pytest.fixture
def settings(tmp_path):
    """Write four flows of the same persons, whose reference is a name; return their settings."""
    (tmp_path / "entrees").mkdir()
    (tmp_path / "entrees" / "gens.csv").write_text("id;nom;note\nDUPONT;DUPONT;vu\n", "utf-8")
    (tmp_path / "essai.toml").write_text(SUPPLIER.replace(", opaque = true", ""), "utf-8")
    flows = "".join(FLOW.format(name=name, purpose=purpose, folder=folder) for name, purpose, folder in FLOWS)
    (tmp_path / "passerelle.toml").write_text(f'[passerelle]\nsuppliers = ["essai.toml"]\n{flows}', "utf-8")
    return load_settings(tmp_path / "passerelle.toml")


def _read_refs(settings, folder: str, flow: str) -> list[str]:
    files = sorted((settings.path.parent / folder).glob(f"{flow}-person-1-*.ndjson"))
    return [json.loads(line)["ref"] for file in files for line in file.read_text("utf-8").splitlines()]


def test_it_gives_what_each_flow_writes_and_only_portability_writes_the_key(settings):
    with open_workspace(settings) as workspace:
        for name, _purpose, _folder in FLOWS:
            run_flow(workspace, name, run=workspace.journal.begin_run([name], workspace.clock.now()))
        found = find_handles(workspace, KEY)
    assert {name: [one.ref] for name, one in found.items()} == {
        name: _read_refs(settings, folder, name) for name, _purpose, folder in FLOWS
    }
    assert [name for name, one in found.items() if one.is_key] == ["quatre"]
    assert len({one.ref for one in found.values()}) == len(FLOWS)
    assert all(one.is_key or is_handle_text(one.ref.rpartition(":")[2]) for one in found.values())
    assert "DUPONT" not in repr(found)


def test_a_flow_that_makes_no_such_reference_is_left_out(settings):
    with open_workspace(settings) as workspace:
        assert find_handles(workspace, "essai:visit:1") == {}
        assert find_handles(workspace, "essai:persons:1") == {}


def test_two_flows_into_one_place_for_one_purpose_name_a_person_alike(settings, tmp_path):
    with (tmp_path / "passerelle.toml").open("a", encoding="utf-8") as stream:
        stream.write(FLOW.format(name="cinq", purpose="support", folder="a"))
    with open_workspace(load_settings(tmp_path / "passerelle.toml")) as workspace:
        found = find_handles(workspace, KEY)
    assert found["un"].ref == found["cinq"].ref


def test_an_installation_that_moves_as_a_whole_keeps_its_handles(settings, tmp_path):
    with open_workspace(settings) as workspace:
        before = find_handles(workspace, KEY)
    elsewhere = tmp_path.rename(tmp_path.with_name("ailleurs"))
    with open_workspace(load_settings(elsewhere / "passerelle.toml")) as workspace:
        assert find_handles(workspace, KEY) == before
