"""What has something to do: a file that arrived, once; what is due; and what nothing wakes is known."""

from __future__ import annotations

import shutil

import pytest

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.starting.work_watch import WorkWatch, find_asleep
from passerelle.engine.workspace.assembly import open_workspace

FLOW = """
[flow.{name}]
connector = "compani-interventions"
purpose = "effectivity"
{schedule}
source = {{ {source} }}
destination = {{ kind = "folder", path = "sorties" }}
"""
FOLDER = 'kind = "folder", path = "entrees", glob = "*.csv", after = "keep", quiet_seconds = 0'


@pytest.fixture
def workspace(tmp_path):
    flows = [
        FLOW.format(name="depot", schedule="", source=FOLDER),
        FLOW.format(name="nuit", schedule='schedule = "30 2 30 2 *"', source=FOLDER.replace("entrees", "autres")),
        FLOW.format(name="api", schedule="", source='kind = "api", base_url = "https://exemple.invalid"'),
    ]
    (tmp_path / "passerelle.toml").write_text("".join(flows), "utf-8")
    for name in ("entrees", "autres"):
        (tmp_path / name).mkdir()
    with open_workspace(load_settings(tmp_path / "passerelle.toml")) as opened:
        yield opened


def test_a_file_that_arrives_is_work_once_until_it_is_written_again(workspace, tmp_path):
    watch, names = WorkWatch(), ["depot", "nuit", "api"]
    assert watch.find_work(workspace, names) == []
    file = tmp_path / "entrees" / "a.csv"
    file.write_text("a;b\n", "utf-8")
    (tmp_path / "entrees" / "a.txt").write_text("not of this flow", "utf-8")
    assert watch.find_work(workspace, names) == ["depot"]
    assert watch.find_work(workspace, names) == []
    file.write_text("a;b\n1;2\n", "utf-8")
    assert watch.find_work(workspace, names) == ["depot"]
    file.unlink()
    assert watch.find_work(workspace, names) == []


def test_a_folder_that_is_gone_is_told_by_one_run(workspace, tmp_path):
    watch = WorkWatch()
    shutil.rmtree(tmp_path / "entrees")
    assert [watch.find_work(workspace, ["depot"]) for _look in range(3)] == [["depot"], [], []]


def test_a_flow_that_nothing_wakes_is_known(workspace):
    assert find_asleep(workspace, ["depot", "nuit", "api"]) == ["api"]
