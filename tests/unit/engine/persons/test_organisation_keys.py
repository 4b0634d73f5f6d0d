"""The key of an organisation ends for good, that of the installation changes; killed in between, both go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shared_journals import make_settings, serve_shared

from passerelle.engine.persons import organisation_keys
from passerelle.engine.persons.organisation_keys import replace_installation_key, shred_organisation
from passerelle.engine.settings.workspace_settings import Settings, load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.key_places import NEXT
from passerelle.stores.keyring import Keyring
from passerelle.vocabulary.errors import FatalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared_journals import SharedServer

OWN, OTHER = "una-35", "admr-81"


@pytest.fixture(scope="module")
def server() -> Iterator[SharedServer]:
    with serve_shared() as running:
        yield running


@pytest.fixture
def houses(tmp_path, server, monkeypatch) -> dict[str, Settings]:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    server.act(*(f"DROP DATABASE {name} WITH (FORCE)" for name in ("journal", "trousseau")))
    server.act(*(f"CREATE DATABASE {name} OWNER passerelle" for name in ("journal", "trousseau")))
    made = {name: _settle(tmp_path, name) for name in (OWN, OTHER)}
    for settings in made.values():
        _use(settings)
    return made


def _settle(folder: Path, name: str) -> Settings:
    (folder / name).mkdir()
    (folder / name / "passerelle.toml").write_text(make_settings(name), "utf-8")
    return load_settings(folder / name / "passerelle.toml")


def _use(settings: Settings) -> int:
    """Write an entry into the trail, and return how many open."""
    with open_workspace(settings) as workspace:
        workspace.journal.append_audit("quarantine.reveal", "un sujet", "canari", workspace.clock.now(), "q")
        return sum(entry.why == "canari" for entry in workspace.journal.list_audit_entries())


def _open(settings: Settings) -> str:
    try:
        _use(settings)
    except FatalError as error:
        return error.code
    return ""


def _stop_at(monkeypatch, place: str) -> None:
    def stop(name: str) -> None:
        if name == place:
            raise KeyboardInterrupt

    monkeypatch.setattr(organisation_keys, "hit_failpoint", stop)


@pytest.mark.parametrize("place", ["rotate.kept", "rotate.locked"])
def test_a_change_of_the_installation_that_was_killed_loses_nobody(houses, monkeypatch, place):
    key = houses[OWN].key_file
    before = key.read_bytes()
    with monkeypatch.context() as patch:
        _stop_at(patch, place)
        with pytest.raises(KeyboardInterrupt):
            replace_installation_key(houses[OWN], why="une machine est partie", who="q")
    assert [_open(settings) for settings in houses.values()] == ["", ""]
    assert replace_installation_key(houses[OTHER], why="une machine est partie", who="q").organisations == 2
    assert [_open(settings) for settings in houses.values()] == ["", ""]
    assert key.read_bytes() != before
    assert not key.with_name(key.name + NEXT).exists()
    key.write_bytes(before)
    assert [_open(settings) for settings in houses.values()] == ["incident.key.other"] * 2


def test_an_end_that_was_killed_is_an_end_and_the_same_command_clears_away(houses, server, monkeypatch):
    def die(_keyring: Keyring) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "destroy_all", die)
        with pytest.raises(KeyboardInterrupt):
            shred_organisation(houses[OWN], OWN, why="fin d'adhésion", who="q")
    assert _open(houses[OWN]) == "incident.key.shredded"
    left = "SELECT DISTINCT organisation FROM key_block ORDER BY 1"
    assert server.act(left, database="trousseau") == [(OTHER,), (OWN,)]
    ended = shred_organisation(houses[OWN], OWN, why="fin d'adhésion", who="q")
    assert (ended.blocks, ended.others) == (0, 1)
    assert server.act(left, database="trousseau") == [(OTHER,)]
    assert _use(houses[OTHER]) == 2


def test_who_ends_an_organisation_says_why_and_names_its_own(houses):
    with pytest.raises(UsageError):
        shred_organisation(houses[OWN], OWN, why="", who="q")
    with pytest.raises(UsageError) as caught:
        shred_organisation(houses[OWN], OTHER, why="fin d'adhésion", who="q")
    assert caught.value.code == "usage.organisation.other"
    assert [_open(settings) for settings in houses.values()] == ["", ""]


def test_where_no_journal_is_shared_there_is_nothing_of_that_kind(tmp_path):
    (tmp_path / "passerelle.toml").write_text(make_settings(), "utf-8")
    settings = load_settings(tmp_path / "passerelle.toml")
    for act in (
        lambda: shred_organisation(settings, OWN, why="fin d'adhésion", who="q"),
        lambda: replace_installation_key(settings, why="fin d'adhésion", who="q"),
    ):
        with pytest.raises(UsageError) as caught:
            act()
        assert caught.value.code == "usage.journal.unshared"
