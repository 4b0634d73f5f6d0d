"""Received files are carried whole, and nothing leaves its old place before it opens in the new one."""

from __future__ import annotations

import io

import pytest

from passerelle.engine.backup import deposit_moving
from passerelle.engine.backup.deposit_moving import move_deposits
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import FatalError, UsageError


@pytest.fixture
def sides(tmp_path):
    before, now = tmp_path / "avant.toml", tmp_path / "passerelle.toml"
    before.write_text("[passerelle]\n", "utf-8")
    now.write_text('[passerelle]\ndepot = "partage"\n', "utf-8")
    earlier = load_settings(before)
    with open_workspace(earlier) as workspace:
        workspace.depot.put(io.BytesIO(b"x"), name="x.csv")
        workspace.wholes.put(io.BytesIO(b"y"), name="whole")
    return earlier, load_settings(now)


def test_what_was_carried_is_there_alone_and_in_the_trail(sides, tmp_path):
    assert move_deposits(*sides, who="essai").files == 2
    with open_workspace(sides[1]) as workspace:
        (digest,) = workspace.depot.list_digests()
        assert workspace.depot.is_sound(digest)
        assert workspace.depot.read_name(digest) == "x.csv"
        assert [entry.action for entry in workspace.journal.list_audit_entries()][-1:] == ["depot.move"]
    assert list((tmp_path / "etat" / "depot").iterdir()) == []
    assert move_deposits(*sides, who="essai").files == 0


def test_one_that_does_not_open_there_leaves_all_where_it_was(sides, tmp_path, monkeypatch):
    def spoil(_source, target, _size):
        target.write(b"half")

    monkeypatch.setattr(deposit_moving.shutil, "copyfileobj", spoil)
    with pytest.raises(FatalError) as caught:
        move_deposits(*sides, who="essai")
    assert caught.value.code == "incident.move.files"
    assert len(list((tmp_path / "etat" / "depot").iterdir())) == 1


def test_a_place_is_not_carried_to_itself(sides):
    with pytest.raises(UsageError):
        move_deposits(sides[0], sides[0], who="essai")
