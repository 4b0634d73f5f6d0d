"""A flow from one folder of a server into another, on real servers of each kind: settings, doctor, runs, kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from journeying import take_some
from people_flow import SUPPLIER
from remote_depots import KINDS, WORD, WRONG, run_depot
from tls_servers import make_trusted

MOMENT = 1_772_000_000
STEPS = (
    *("collect.seen", "collect.copied", "collect.registered", "collect.acknowledged"),
    *("folder.written", "folder.renamed", "settle.committed", "parcel.closed"),
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield make_trusted(tmp_path_factory.mktemp("tls"), patch, 30)[0]


@pytest.fixture(scope="module", params=list(KINDS))
def depot(request, tmp_path_factory, certificate):
    with run_depot(request.param, tmp_path_factory.mktemp("depot"), certificate) as running:
        yield running


class RemoteSite:
    """An installation, and two folders on the server."""

    def __init__(self, folder, depot):
        self.folder, self.depot = folder, depot
        self.sortie, self.entree = f"sortie{folder.name}", f"entree{folder.name}"
        for name in (self.sortie, self.entree):
            depot.make_folder(name)
        (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        self.settle()

    def settle(self, sortie=None, **destination):
        text = '[passerelle]\nsuppliers = ["essai.toml"]\nlanguage = "fr"\n'
        text += '[flow.un]\nconnector = "gens"\npurpose = "support"\n'
        source = {"kind": self.depot.kind, **self.depot.settings(sortie or self.sortie)}
        source |= {"glob": "*.csv", "quiet_seconds": 0}
        destination = {"kind": self.depot.kind, **self.depot.settings(self.entree), **destination}
        for side, facts in (("source", source), ("destination", destination)):
            lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
            text += "\n".join([f"[flow.un.{side}]", *lines, ""])
        (self.folder / "passerelle.toml").write_text(text, "utf-8")

    def drop(self, name, *rows):
        self.depot.drop(self.sortie, name, ("\n".join(["id;nom;note", *rows]) + "\n").encode(), MOMENT)

    def run(self, *arguments, kill="", **words):
        code = "from passerelle.faces.cli.main import main; main()"
        environment = os.environ | WORD | words
        environment |= {"PYTHONUTF8": "1", "COLUMNS": "200", "PASSERELLE_FAILPOINT": kill}
        command = [sys.executable, "-W", "error", "-c", code, *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def read_records(self):
        """Return what is in the destination: the names of persons, file by file."""
        files = self.depot.read(self.entree)
        assert not [name for name in files if not name.endswith(".ndjson")]
        lines = [json.loads(line) for content in files.values() for line in content.decode().splitlines()]
        return sorted(line["birth_name"] for line in lines)


@pytest.fixture
def site(tmp_path, depot):
    return RemoteSite(tmp_path, depot)


def test_files_go_from_one_folder_of_a_server_to_another(site):
    site.drop("a.csv", "1;ALPHA;", "2;BETA;")
    ended = site.run("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert site.read_records() == ["ALPHA", "BETA"]
    assert list(site.depot.read(f"{site.sortie}/archives")) == ["a.csv"]
    assert site.run("run").returncode == 0
    assert len(site.read_records()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", take_some(STEPS, 1, 3))
def test_after_a_kill_the_same_command_delivers_everything_once_and_whole(site, step):
    site.drop("a.csv", "1;ALPHA;", "2;BETA;")
    killed = site.run("run", kill=step)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    ended = site.run("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert site.read_records() == ["ALPHA", "BETA"]
    assert site.depot.read(site.sortie) == {}
    assert list(site.depot.read(f"{site.sortie}/archives")) == ["a.csv"]


def test_the_doctor_tries_both_folders_and_leaves_nothing(site):
    told = site.run("doctor")
    assert "un : connecteur, source et destination" in told.stdout.replace("\u00a0", " "), told.stdout
    assert site.depot.read(site.entree) == {}
    told = site.run("doctor", **WRONG)
    assert told.returncode != 0
    assert "refuse nos identifiants" in " ".join(told.stdout.split()), told.stdout


def test_a_wrong_password_suspends_with_what_to_correct_and_an_absent_folder_waits(site):
    site.drop("a.csv", "1;ALPHA;")
    site.settle(sortie=site.depot.absent)
    ended = site.run("run")
    assert ended.returncode == 75, ended.stdout + ended.stderr
    site.settle()
    ended = site.run("run", **WRONG)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "faux" not in ended.stdout + ended.stderr
    assert site.run("run").returncode == 2
    assert site.run("flow", "resume", "un").returncode == 0
    assert site.run("run").returncode == 0
    assert site.read_records() == ["ALPHA"]


def test_a_server_that_is_away_is_waited_for_and_the_flow_goes_on_by_itself(site):
    site.drop("a.csv", "1;ALPHA;")
    site.depot.stop()
    try:
        ended = site.run("run")
        assert ended.returncode == 75, ended.stdout + ended.stderr
        assert "ne répond pas" in " ".join(ended.stdout.split()), ended.stdout
    finally:
        site.depot.start()
    assert site.run("run").returncode == 0
    assert site.read_records() == ["ALPHA"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", take_some(("file.joined", "file.cleared", "file.placed"), 1, 2))
def test_one_file_of_a_fixed_name_is_placed_once_also_after_a_kill(site, step):
    site.settle(format="csv", file_name="usagers.csv")
    site.drop("a.csv", "1;ALPHA;", "2;BETA;")
    killed = site.run("run", kill=step)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert site.run("run").returncode == 0
    assert list(site.depot.read(site.entree)) == ["usagers.csv"]
    assert site.depot.read(site.entree)["usagers.csv"].decode("utf-8-sig").count("\n") == 3
    site.drop("b.csv", "3;GAMMA;")
    assert site.run("run").returncode == 75
    site.depot.remove(site.entree, "usagers.csv")
    assert site.run("run").returncode == 0
    assert "GAMMA" in site.depot.read(site.entree)["usagers.csv"].decode("utf-8-sig")
    assert list(site.depot.read(site.entree)) == ["usagers.csv"]
