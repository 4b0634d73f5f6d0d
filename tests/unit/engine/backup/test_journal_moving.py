"""A journal is carried to a shared one whole or not at all, and never onto another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shared_journals import make_settings, serve_shared

from passerelle.engine.backup import journal_moving
from passerelle.engine.backup.journal_moving import share_journal, withdraw_journal
from passerelle.engine.settings.general_settings import SharedPlaces
from passerelle.engine.settings.workspace_settings import Settings, load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import JOURNAL, LEFT
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.vocabulary.errors import FatalError, PasserelleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared_journals import SharedServer

OWN = "una-35"
SHARED = SharedPlaces("env:PASSERELLE_JOURNAL", OWN, "env:PASSERELLE_TROUSSEAU")


@pytest.fixture
def server(monkeypatch) -> Iterator[SharedServer]:
    with serve_shared() as running:
        for name, value in running.variables.items():
            monkeypatch.setenv(name, value)
        yield running


def _settle(folder: Path, name: str = "") -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "passerelle.toml").write_text(make_settings(name), "utf-8")
    return load_settings(folder / "passerelle.toml")


def _use(settings: Settings) -> int:
    """Write an entry into the trail, and return how many open."""
    with open_workspace(settings) as workspace:
        workspace.journal.append_audit("quarantine.reveal", "un sujet", "canari", workspace.clock.now(), "q")
        return sum(entry.why == "canari" for entry in workspace.journal.list_audit_entries())


def _refuse(act) -> str:
    with pytest.raises(PasserelleError) as caught:
        act()
    return caught.value.code


def test_what_was_sealed_before_opens_there_and_back_again(tmp_path, server):
    alone = _settle(tmp_path / "maison")
    key = tmp_path / "installation.cle"
    assert _use(alone) == 1
    assert share_journal(alone, SHARED, key, who="q").settings["organisation"] == OWN
    assert (alone.state / LEFT).exists()
    # nothing is left that a key could be destroyed beside
    assert not (alone.keyring_folder / KEYRING).exists()
    assert _refuse(lambda: _use(alone)) == "incident.journal.moved"
    shared = _settle(tmp_path / "maison", OWN)
    assert _use(shared) == 2
    assert _refuse(lambda: share_journal(shared, SHARED, key, who="q")) == "usage.move.shared"
    back = tmp_path / "cle2"
    withdraw_journal(shared, back, who="q")
    assert server.act("SELECT count(*) FROM audit", database="journal") == [(0,)]
    assert server.act("SELECT count(*) FROM key_block", database="trousseau") == [(0,)]
    (tmp_path / "maison" / "passerelle.toml").write_text(make_settings(), "utf-8")
    (alone.state / "cle").write_bytes(back.read_bytes())
    assert _use(alone) == 3
    with open_workspace(alone) as workspace:
        assert workspace.journal.verify_audit() == 5


def test_what_fails_half_way_leaves_the_journal_where_it_was(tmp_path, server, monkeypatch):
    alone = _settle(tmp_path / "maison")
    _use(alone)

    def fail(*_engines: object) -> None:
        raise FatalError("incident.move.books")

    with monkeypatch.context() as patch:
        patch.setattr(journal_moving, "carry_journal", fail)
        without = SharedPlaces(SHARED.journal, OWN)
        assert _refuse(lambda: share_journal(alone, without, tmp_path / "i.cle", who="q")) == "incident.move.books"
    assert _use(alone) == 2
    # the same once more ends it: the key that was kept is the same
    assert share_journal(alone, SharedPlaces(SHARED.journal, OWN), tmp_path / "i.cle", who="q").rows > 0
    assert server.act("SELECT count(*) FROM organisation", database="journal") == [(1,)]


def test_two_journals_are_never_put_together(tmp_path, server):
    alone, other = _settle(tmp_path / "maison"), _settle(tmp_path / "autre", OWN)
    key = other.key_file
    assert _use(alone) == _use(other) == 1
    assert _refuse(lambda: share_journal(alone, SHARED, key, who="q")) == "usage.move.taken"
    assert (_use(alone), _use(other)) == (2, 2)
    (other.state / JOURNAL).touch()
    assert _refuse(lambda: withdraw_journal(other, tmp_path / "cle2", who="q")) == "usage.move.taken"
    (other.state / JOURNAL).unlink()
    (tmp_path / "cle2").write_bytes((alone.state / "cle").read_bytes())
    (tmp_path / "cle2").chmod(0o600)
    assert _refuse(lambda: withdraw_journal(other, tmp_path / "cle2", who="q")) == "usage.file.exists"
    assert _use(other) == 3
    assert server.act("SELECT count(DISTINCT organisation) FROM audit", database="journal") == [(1,)]


def test_a_journal_that_nobody_shares_is_not_carried_out(tmp_path):
    with pytest.raises(UsageError) as caught:
        withdraw_journal(_settle(tmp_path / "maison"), tmp_path / "cle2", who="q")
    assert caught.value.code == "usage.journal.unshared"
