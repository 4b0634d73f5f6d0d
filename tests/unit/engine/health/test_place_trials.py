"""Whether a folder can be written or made is found by doing it, and nothing of that stays."""

from __future__ import annotations

import pytest

from passerelle.engine.health import place_trials
from passerelle.engine.health.findings import Severity
from passerelle.engine.health.place_trials import can_make, can_write, examine_own_places, examine_room
from passerelle.engine.settings.workspace_settings import load_settings


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "passerelle.toml").write_text('[passerelle]\nstate = "a/etat"\nkey_file = "cle"\n', "utf-8")
    return load_settings(tmp_path / "passerelle.toml")


def test_a_folder_that_is_there_or_can_be_made_is_one(tmp_path):
    assert can_make(tmp_path)
    assert can_make(tmp_path / "a" / "b" / "c")
    assert can_write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_a_link_to_nowhere_and_a_place_where_nothing_can_be_made_are_none(tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "link", tmp_path / "link" / "below"):
        assert not can_make(path)
    assert not can_write(tmp_path / "nowhere")


def test_state_key_and_keyring_that_a_run_makes_are_no_alarm_and_what_it_cannot_make_is(settings, tmp_path):
    assert list(examine_own_places(settings)) == []
    (tmp_path / "a").write_text("x", "utf-8")
    assert {one.severity for one in examine_own_places(settings)} == {Severity.WRONG}


@pytest.mark.parametrize(("free", "severity"), [(10 << 20, Severity.DOUBTFUL), (100 << 20, Severity.GOOD)])
def test_the_room_is_compared_with_what_the_last_runs_brought(settings, monkeypatch, free, severity):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(place_trials.shutil, "disk_usage", lambda _path: usage)
    assert [one.severity for one in examine_room(settings, (1,))] == [severity]
    assert [one.severity for one in examine_room(settings, (1 << 30,))] == [Severity.DOUBTFUL]
