"""A flow from one folder of an SFTP server into another, on a real server: settings, doctor, runs, kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from journeying import take_some
from people_flow import SUPPLIER
from sftp_server import run_sftp_server

SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
language = "fr"
[flow.un]
connector = "gens"
purpose = "support"
[flow.un.source]
kind = "sftp"
{login}
path = "{depot}/sortie"
glob = "*.csv"
quiet_seconds = 0
[flow.un.destination]
kind = "sftp"
{login}
path = "{depot}/entree"
"""
STEPS = (
    *("collect.seen", "collect.copied", "collect.registered", "collect.acknowledged"),
    *("folder.written", "folder.renamed", "settle.committed", "parcel.closed"),
)
MOMENT = 1_772_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with run_sftp_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running


class Site:
    """An installation, and the depot on the server."""

    def __init__(self, folder, server):
        self.folder, self.depot, self.server = folder, folder / "depot", server
        for name in ("sortie", "entree"):
            (self.depot / name).mkdir(parents=True)
        (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
        self.settle()

    def settle(self, **changes):
        key = self.server.folder / "key"
        facts = {
            "host": "127.0.0.1",
            "user": self.server.user,
            "host_key": self.server.fingerprint,
            "key": f"file:{key}",
        }
        lines = [f"port = {self.server.port}"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in (facts | changes).items() if value is not None]
        text = SETTINGS.format(login="\n".join(lines), depot=self.depot)
        (self.folder / "passerelle.toml").write_text(text, "utf-8")

    def drop(self, name, *rows):
        path = self.depot / "sortie" / name
        path.write_text("\n".join(["id;nom;note", *rows]) + "\n", "utf-8")
        os.utime(path, (MOMENT, MOMENT))  # as a transfer that keeps the time of its files

    def run(self, *arguments, kill=""):
        code = "from passerelle.faces.cli.main import main; main()"
        environment = os.environ | {"PYTHONUTF8": "1", "COLUMNS": "200", "PASSERELLE_FAILPOINT": kill}
        command = [sys.executable, "-W", "error", "-c", code, *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def read_records(self):
        """Return what is in the destination: reference and name, file by file."""
        files = sorted((self.depot / "entree").iterdir())
        assert not [path for path in files if path.suffix != ".ndjson"]
        lines = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
        return sorted((line["ref"], line["birth_name"]) for line in lines)


@pytest.fixture
def site(tmp_path, server):
    return Site(tmp_path, server)


def test_files_go_from_one_folder_of_a_server_to_another(site):
    site.drop("a.csv", "1;ALPHA;", "2;BETA;")
    ended = site.run("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [name for _ref, name in site.read_records()] == ["ALPHA", "BETA"]
    assert (site.depot / "sortie" / "archives" / "a.csv").exists()
    assert site.run("run").returncode == 0
    assert len(site.read_records()) == 2


def test_a_file_that_takes_a_change_back_is_news_though_nothing_of_it_differs(site):
    for name in ("ALPHA", "OMEGA", "ALPHA"):
        site.drop("a.csv", f"1;{name};")
        ended = site.run("run")
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert sorted(name for _ref, name in site.read_records()) == ["ALPHA", "ALPHA", "OMEGA"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", take_some(STEPS, 1, 3))
def test_after_a_kill_the_same_command_delivers_everything_once_and_whole(site, step):
    site.drop("a.csv", "1;ALPHA;", "2;BETA;")
    killed = site.run("run", kill=step)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    ended = site.run("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [name for _ref, name in site.read_records()] == ["ALPHA", "BETA"]
    assert [path.name for path in (site.depot / "sortie").iterdir()] == ["archives"]
    assert [path.name for path in (site.depot / "sortie" / "archives").iterdir()] == ["a.csv"]


def test_the_doctor_tells_the_key_that_it_sees_and_how_to_pin_it(site):
    site.settle(host_key=None)
    told = site.run("doctor")
    assert told.returncode != 0
    assert f'host_key = "ssh-ed25519 {site.server.fingerprint}"' in " ".join(told.stdout.split())
    site.settle(host_key=f"ssh-ed25519 {site.server.fingerprint}")
    told = site.run("doctor")
    assert "un : connecteur, source et destination" in told.stdout.replace("\u00a0", " "), told.stdout
    assert list((site.depot / "entree").iterdir()) == []


def test_another_key_suspends_the_flow_with_what_to_correct_and_an_absent_folder_waits(site):
    site.drop("a.csv", "1;ALPHA;")
    (site.depot / "sortie").rename(site.depot / "ailleurs")
    ended = site.run("run")
    assert ended.returncode == 75, ended.stdout + ended.stderr
    (site.depot / "ailleurs").rename(site.depot / "sortie")
    site.settle(host_key="SHA256:" + "A" * 43)
    ended = site.run("run")
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert site.server.fingerprint in ended.stdout
    site.settle()
    assert site.run("run").returncode == 2
    assert site.run("flow", "resume", "un").returncode == 0
    assert site.run("run").returncode == 0
    assert [name for _ref, name in site.read_records()] == ["ALPHA"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", take_some(("file.joined", "file.cleared", "file.placed"), 1, 2))
def test_one_file_of_a_fixed_name_is_placed_once_also_after_a_kill(site, step):
    settings = site.folder / "passerelle.toml"
    site.settle()
    settings.write_text(settings.read_text("utf-8") + 'format = "csv"\nfile_name = "usagers.csv"\n', "utf-8")
    site.drop("a.csv", "1;ALPHA;", "2;BETA;")
    killed = site.run("run", kill=step)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert site.run("run").returncode == 0
    (placed,) = (site.depot / "entree").iterdir()
    assert placed.name == "usagers.csv"
    assert placed.read_text("utf-8-sig").count("\n") == 3
    site.drop("b.csv", "3;GAMMA;")
    assert site.run("run").returncode == 75
    placed.unlink()
    assert site.run("run").returncode == 0
    assert "GAMMA" in placed.read_text("utf-8-sig")
    assert [path.name for path in (site.depot / "entree").iterdir()] == ["usagers.csv"]
