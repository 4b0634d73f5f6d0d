"""People are told of each fault once and of its end once, by what a scheduler starts, whatever stops it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

from passerelle.vocabulary.failpoints import ALERT_FAILPOINTS, VARIABLE

SECRET_NAME = "BERTHE-QUI-EST-SECRETE"  # a value of a record, which no message may hold
TAKER = """
import os, pathlib, sys
if pathlib.Path("muet").exists():
    raise SystemExit(1)
with open("recu.txt", "ab") as file:
    file.write(sys.stdin.buffer.read() + b"\\n=====\\n")
"""
NOTIFY = """
[notify]
after = "1m"
[notify.command]
run = [{python}, "{folder}/preneur.py"]
"""


@pytest.fixture
def told(folder):
    """A folder whose settings name a program to tell; returns what it was told, message by message."""
    (folder / "preneur.py").write_text(TAKER, "utf-8")
    notify = NOTIFY.format(python=f'"{sys.executable}"', folder=folder)
    path = folder / "passerelle.toml"
    path.write_text('[passerelle]\nkey_file = "cle"\n' + notify + path.read_text("utf-8"), "utf-8")

    def read():
        file = folder / "recu.txt"
        return file.read_text("utf-8").split("\n=====\n")[:-1] if file.exists() else []

    return read


def _drop(folder, name="a.csv"):
    (folder / "entrees" / name).write_text(f"n'importe;quoi\n{SECRET_NAME};1\n", "utf-8")


def _spoil(folder):
    """Leave something in the place of the source that no run can read, and that does not pass by itself."""
    shutil.rmtree(folder / "entrees")
    (folder / "entrees").write_bytes(b"a file where the folder should be")


def test_nothing_is_told_where_nothing_is_wrong(program, folder, told):
    assert folder.is_dir()
    assert program("run").code == 0
    assert program("notify").code == 0
    assert told() == []


def test_a_fault_is_told_once_and_its_end_once_and_no_value_of_it(program, folder, told):
    _spoil(folder)
    assert [program("run").code for _night in range(3)] == [2, 2, 2]
    (begun,) = told()
    assert "incident.folder.unreadable" in begun
    assert "visites" in begun
    (folder / "entrees").unlink()
    (folder / "entrees").mkdir()
    program("flow", "resume", "visites")
    assert [program("run").code for _night in range(3)] == [0, 0, 0]
    _begun, over = told()
    assert "Resolved" in over
    _drop(folder)
    assert program("run").code == 1
    assert len(told()) == 3
    assert SECRET_NAME not in "".join(told())


@pytest.mark.parametrize(
    ("breaks", "code", "reason"),
    [
        (lambda folder: (folder / "cle").rename(folder / "cle-ailleurs"), 3, "incident.key.missing"),
        (lambda folder: (folder / "passerelle.toml").open("a").write("\n[flow.x]\nconnector = 3\n"), 64, "settings."),
    ],
    ids=["key", "settings"],
)
def test_what_stops_a_process_is_told_once_and_its_end_once(program, folder, told, breaks, code, reason):
    assert program("run").code == 0
    before = (folder / "passerelle.toml").read_text("utf-8")
    breaks(folder)
    assert [program("run").code for _night in range(3)] == [code] * 3
    (begun,) = told()
    assert reason in begun
    (folder / "passerelle.toml").write_text(before, "utf-8")
    if not (folder / "cle").exists():
        (folder / "cle-ailleurs").rename(folder / "cle")
    assert [program("run").code for _night in range(2)] == [0, 0]
    _begun, over = told()
    assert "Resolved" in over
    assert not list(folder.glob("*alerte*"))


def test_a_channel_that_fails_gets_the_same_message_later_and_the_run_keeps_its_code(program, folder, told):
    (folder / "muet").touch()
    _spoil(folder)
    ran = program("run", "--format", "json")
    assert ran.code == 2
    assert [one["reason"] for one in ran.json["unsent"]] == ["incident.channel.failed"]
    assert program("notify").code == 75
    (folder / "muet").unlink()
    assert program("notify").code == 0
    assert program("notify").code == 0
    assert len(told()) == 1


@pytest.mark.parametrize("place", [name for name in ALERT_FAILPOINTS if name != "alert.stop_sent"])
def test_a_process_that_is_killed_while_it_tells_tells_the_same_again_and_nothing_else(program, folder, told, place):
    _spoil(folder)
    environment = {**os.environ, VARIABLE: place}
    command = [sys.executable, "-m", "passerelle.faces.cli.main", "run"]
    killed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert program("run").code == 2
    # what was sent and not noted comes again under the same number, for readers and servers to know it by
    assert len({message.rpartition("Message ")[2] for message in told()}) == 1
    assert len(told()) <= 2


def test_a_trial_is_told_and_without_a_channel_there_is_nothing_to_try(program, folder, told):
    assert program("notify", "--test").code == 0
    assert len(told()) == 1
    settings = (folder / "passerelle.toml").read_text("utf-8")
    (folder / "passerelle.toml").write_text(settings.replace("[notify.command]\nrun", "[passerelle2]\nrun"), "utf-8")
    assert program("notify", "--test").code == 64
