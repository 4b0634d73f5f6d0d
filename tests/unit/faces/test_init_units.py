"""`passerelle init --systemd`, `--cron`, `--windows-task`: written beside the settings or shown, never replaced."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("--systemd", ["passerelle.service", "passerelle.timer"]),
        ("--cron", ["passerelle.crontab"]),
        ("--windows-task", ["passerelle.xml"]),
    ],
)
def test_files_are_written_beside_the_settings_once(program, folder, option, names):
    shown = program("init", option, "--print")
    assert shown.code == 0
    assert str(folder / "passerelle.toml") in shown.out
    assert not (folder / "demarrage").exists()
    made = program("init", option, "--format", "json").json
    assert made["made"] == [f"demarrage/{name}" for name in names]
    assert sorted(path.name for path in (folder / "demarrage").iterdir()) == names
    before = [path.read_bytes() for path in sorted((folder / "demarrage").iterdir())]
    assert program("init", option).code == 64
    assert [path.read_bytes() for path in sorted((folder / "demarrage").iterdir())] == before


def test_without_settings_there_is_nothing_to_write_units_for(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert program("init", "--systemd").code == 64
    assert list(tmp_path.iterdir()) == []
