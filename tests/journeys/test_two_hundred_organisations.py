"""A federation of two hundred: made by the command, worked for by one process, told of in one answer."""

from __future__ import annotations

import json

import pytest
from federations import FLOW, INSTALLATION, drop_export

from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak

COUNT = 200


def call(capsys, *line: str) -> dict:
    speak("fr")
    capsys.readouterr()
    run([*line, "--format", "json"], language_asked=True)
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_two_hundred_organisations_are_added_worked_for_and_told_of_by_one_process(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passerelle.toml").write_text(INSTALLATION, "utf-8")
    names = [f"adherent-{nth:03}" for nth in range(COUNT)]
    for nth, name in enumerate(names):
        assert call(capsys, "organisation", "add", name)["organisation"] == name
        with (tmp_path / "organisations" / name / "passerelle.toml").open("a", encoding="utf-8") as settings:
            settings.write(FLOW.format(name="visites", path="entrees"))
        if nth % 20 == 0:
            drop_export(tmp_path, name, rows=1)
    worked = call(capsys, "work", "--once")
    assert worked["exit"] == 0
    received = {
        one["organisation"]: sum(turn["outcome"]["balance"]["received"] for turn in one["turns"])
        for one in worked["organisations"]
    }
    assert list(received) == names
    assert {name: count for name, count in received.items() if count} == {
        name: 1 for nth, name in enumerate(names) if nth % 20 == 0
    }
    overview = call(capsys, "status")["organisations"]
    assert sorted(one["organisation"] for one in overview) == names
    assert all(one["error"] is None and one["last_run"] for one in overview)
    keys = {(tmp_path / "organisations" / name / "passerelle.cle").read_bytes() for name in names}
    assert len(keys) == COUNT, "each has a key of its own"
