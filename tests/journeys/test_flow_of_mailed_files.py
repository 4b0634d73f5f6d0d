"""A flow from a mailbox into a folder, on a real server: settings, doctor, runs, kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from journeying import take_some
from mail_house import PASSWORD, USER, make_mail, run_mail_house
from people_flow import SUPPLIER
from tls_servers import make_trusted

SENDER = "export@editeur.fr"
SETTINGS = """
[passerelle]
suppliers = ["essai.toml"]
language = "fr"
[flow.un]
connector = "gens"
purpose = "support"
destination = {{ kind = "folder", path = "entree" }}
[flow.un.source]
kind = "mailbox"
host = "127.0.0.1"
port = {port}
user = "{user}"
password = "env:BOITE_MOT"
senders = ["export@editeur.fr"]
glob = "*.csv"
"""
STEPS = ("collect.seen", "collect.copied", "collect.registered", "collect.acknowledged", "settle.committed")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield make_trusted(tmp_path_factory.mktemp("tls"), patch, 30)[0]


@pytest.fixture(scope="module")
def running(certificate):
    with run_mail_house() as house, house.serve_tls(certificate):
        yield house


@pytest.fixture
def site(running, tmp_path):
    running.empty()
    (tmp_path / "essai.toml").write_text(SUPPLIER, "utf-8")
    (tmp_path / "passerelle.toml").write_text(SETTINGS.format(port=running.port, user=USER), "utf-8")

    def run(*arguments, kill="", word=PASSWORD):
        code = "from passerelle.faces.cli.main import main; main()"
        environment = os.environ | {
            "PYTHONUTF8": "1",
            "COLUMNS": "200",
            "BOITE_MOT": word,
            "PASSERELLE_FAILPOINT": kill,
        }
        command = [sys.executable, "-W", "error", "-c", code, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def read_names(folder):
    lines = [json.loads(line) for path in folder.glob("*.ndjson") for line in path.read_text("utf-8").splitlines()]
    return sorted(line["birth_name"] for line in lines)


def test_what_is_mailed_is_delivered_once_and_the_mail_is_put_away(site, running, tmp_path):
    files = ("a.csv", b"id;nom;note\n1;ALPHA;\n"), ("b.csv", b"id;nom;note\n2;BETA;\n")
    running.send(make_mail(SENDER, *files, subject="un"), make_mail("autre@ailleurs.fr", *files, subject="autre"))
    told = site("doctor")
    assert "un : connecteur, source et destination" in told.stdout.replace("\u00a0", " "), told.stdout
    ended = site("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert read_names(tmp_path / "entree") == ["ALPHA", "BETA"]
    assert (running.read(), running.read("Passerelle")) == ([("autre", "")], [("un", "")])
    assert site("run").returncode == 0
    assert read_names(tmp_path / "entree") == ["ALPHA", "BETA"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", take_some(STEPS, 1, 2))
def test_after_a_kill_the_same_command_delivers_everything_once(site, running, tmp_path, step):
    running.send(make_mail(SENDER, ("a.csv", b"id;nom;note\n1;ALPHA;\n"), ("b.csv", b"id;nom;note\n2;BETA;\n")))
    killed = site("run", kill=step)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    ended = site("run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert read_names(tmp_path / "entree") == ["ALPHA", "BETA"]
    assert running.read() == []
    assert len(running.read("Passerelle")) == 1


def test_a_wrong_password_suspends_with_what_to_correct(site, running, tmp_path):
    running.send(make_mail(SENDER, ("a.csv", b"id;nom;note\n1;ALPHA;\n")))
    ended = site("run", word="mot-faux")
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "refuse nos identifiants" in " ".join(ended.stdout.split()), ended.stdout
    assert "mot-faux" not in ended.stdout + ended.stderr
    assert site("flow", "resume", "un").returncode == 0
    assert site("run").returncode == 0
    assert read_names(tmp_path / "entree") == ["ALPHA"]
