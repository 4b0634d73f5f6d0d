"""`work` shows each turn, answers for each organisation, and ends with the most pressing code, or at a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from federations import add_member, drop_export, make_federation


@pytest.fixture
def federation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_federation(tmp_path, ["una-35", "admr-81"])
    for name in ("una-35", "admr-81"):
        drop_export(tmp_path, name, rows=1)
    return tmp_path


def test_it_shows_each_turn_and_says_at_the_end_how_they_are(program, federation):
    add_member(federation, "admr-81", settings="[")
    result = program("work", "--once")
    assert result.code == 64
    assert "admr-81" in result.out
    assert "passerelle.toml, line 1" in result.out
    assert "una-35/visites: received 1" in result.out
    assert result.out.count("admr-81") == 1


def test_it_answers_for_each_organisation(program, federation):
    del federation
    result = program("work", "--once", "--format", "json")
    assert (result.code, result.json["schema"], result.json["exit"]) == (0, "passerelle.work/1", 0)
    turns = {one["organisation"]: one["turns"] for one in result.json["organisations"]}
    assert {name: [turn["flow"] for turn in some] for name, some in turns.items()} == {
        "admr-81": ["visites"],
        "una-35": ["visites"],
    }
    assert turns["una-35"][0]["outcome"]["balance"]["received"] == 1
    assert turns["una-35"][0]["has_more"] is False


def test_only_what_is_named_is_worked_for(program, federation):
    del federation
    result = program("work", "--once", "--organisation", "una-35", "--format", "json")
    assert [one["organisation"] for one in result.json["organisations"]] == ["una-35"]
    wrong = program("work", "--once", "--organisation", "una-53")
    assert wrong.code == 64
    assert "una-35" in wrong.err


def test_settings_of_one_organisation_are_no_work_for_several(program, folder):
    del folder
    result = program("work", "--once")
    assert result.code == 64
    assert "an installation of several" in result.err


def test_nothing_to_do_is_said(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_federation(tmp_path, [])
    add_member(tmp_path, "una-35", settings="")
    result = program("work", "--once")
    assert (result.code, result.out.strip()) == (0, "Nothing was to be done.")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process hears")
def test_a_worker_that_stays_takes_what_comes_and_ends_at_a_signal(federation):
    line = [sys.executable, "-m", "passerelle.faces.cli.main", "work", "--every", "1"]
    with subprocess.Popen(
        line, cwd=federation, env={**os.environ, "PASSERELLE_LANG": "en"}, stdout=subprocess.PIPE, text=True
    ) as worker:
        try:
            assert worker.stdout.readline().startswith("Working.")
            assert {worker.stdout.readline().split(":")[0] for _turn in range(2)} == {
                "admr-81/visites",
                "una-35/visites",
            }
            drop_export(federation, "una-35", "b.csv", rows=1, first=1)
            assert worker.stdout.readline().startswith("una-35/visites: received 1")
            worker.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 120
            while worker.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert worker.poll() == 0
        finally:
            worker.kill()
