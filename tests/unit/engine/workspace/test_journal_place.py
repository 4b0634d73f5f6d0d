"""Where a shared workspace has its parts, and what its settings may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerelle.engine.backup.backup_writing import write_backup
from passerelle.engine.clock import SystemClock
from passerelle.engine.health.safety_checks import list_references
from passerelle.engine.settings.workspace_settings import Settings, load_settings
from passerelle.engine.starting.unit_files import list_written_places
from passerelle.engine.workspace.journal_place import DEPOT, find_deposits, find_keyring_address, open_journal
from passerelle.vocabulary.errors import FatalError, SettingsError, UsageError


def _load(folder: Path, *lines: str) -> Settings:
    path = folder / "passerelle.toml"
    path.write_text("\n".join(("[passerelle]", *lines)), "utf-8")
    return load_settings(path)


def test_settings_of_one_machine_share_nothing(tmp_path):
    settings = _load(tmp_path)
    assert find_deposits(settings, DEPOT) == tmp_path / "etat" / "depot"
    assert find_keyring_address(settings) == ""
    assert (settings.shared.journal, settings.shared.organisation) == ("", "")


def test_each_organisation_has_a_folder_of_its_own_in_a_shared_one(tmp_path):
    settings = _load(tmp_path, 'depot = "partage"', 'organisation = "una-35"')
    assert find_deposits(settings, DEPOT) == tmp_path / "partage" / "una-35" / "depot"


def test_the_service_may_write_what_is_shared_and_is_handed_what_opens_it(tmp_path):
    shared = ('depot = "/partage"', 'journal = "env:J"', 'keyring = "file:trousseau"', 'organisation = "una-35"')
    settings = _load(tmp_path, *shared)
    assert Path("/partage") in list_written_places(settings)
    assert list_references(settings) == ["env:J", f"file:{tmp_path / 'trousseau'}"]


def test_keyring_and_journal_are_never_in_one_database(tmp_path, monkeypatch):
    settings = _load(tmp_path, 'journal = "env:J"', 'keyring = "env:K"', 'organisation = "una-35"')
    monkeypatch.setenv("J", "postgresql://un@serveur/journal")
    monkeypatch.setenv("K", "postgresql://deux@serveur:5432/journal?sslmode=require")
    with pytest.raises(FatalError) as caught:
        find_keyring_address(settings)
    assert caught.value.code == "incident.keyring.together"
    monkeypatch.setenv("K", "postgresql://deux@serveur/trousseau")
    assert find_keyring_address(settings) == "postgresql://deux@serveur/trousseau"


@pytest.mark.parametrize("address", ["sqlite:///ailleurs.db", "mysql://serveur/x", "journal.db"])
def test_a_journal_that_is_shared_is_on_postgresql(tmp_path, monkeypatch, address):
    monkeypatch.setenv("J", address)
    with pytest.raises(FatalError) as caught:
        open_journal(_load(tmp_path, 'journal = "env:J"', 'organisation = "una-35"'))
    assert caught.value.code == "incident.database.unsupported"


def test_a_reference_that_leads_nowhere_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("J", raising=False)
    with pytest.raises(SettingsError) as caught:
        open_journal(_load(tmp_path, 'journal = "env:J"', 'organisation = "una-35"'))
    assert caught.value.code == "settings.secret.absent"


def test_a_part_of_a_state_is_never_saved_as_if_it_were_all(tmp_path):
    settings = _load(tmp_path, 'depot = "partage"', 'organisation = "una-35"')
    with pytest.raises(UsageError) as caught:
        write_backup(settings, tmp_path, clock=SystemClock())
    assert caught.value.code == "usage.backup.shared"
