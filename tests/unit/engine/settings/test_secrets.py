"""References to secrets, and values that do not show themselves."""

from __future__ import annotations

import copy
import pickle

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from passerelle.engine.settings.secrets import Secret, is_reference, resolve
from passerelle.vocabulary.errors import SettingsError


def test_a_secret_shows_itself_only_when_asked():
    secret = Secret("hunter2")
    assert secret.reveal() == "hunter2"
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"


@pytest.mark.parametrize("travel", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_does_not_travel(travel):
    with pytest.raises(TypeError):
        travel(Secret("hunter2"))


@pytest.mark.parametrize("text", ["env:NAME", "file:secrets/a", "keyring:service/name", "keyring:a/b/name"])
def test_references_are_recognised(text):
    assert is_reference(text)


@pytest.mark.parametrize("text", ["", "hunter2", "env:", "env: ", "ENV:NAME", "vault:x", "keyring:name", "keyring:/n"])
def test_anything_else_is_no_reference(text):
    assert not is_reference(text)


def test_a_variable_of_the_environment_is_read(monkeypatch):
    monkeypatch.setenv("PASSERELLE_TEST_SECRET", "hunter2")
    assert resolve("env:PASSERELLE_TEST_SECRET").reveal() == "hunter2"


def test_a_file_is_read_without_its_last_line_break(tmp_path):
    (tmp_path / "token").write_text("hun ter2\r\n", encoding="utf-8")
    assert resolve("file:token", folder=tmp_path).reveal() == "hun ter2"
    assert resolve(f"file:{tmp_path / 'token'}").reveal() == "hun ter2"


class Drawer(KeyringBackend):
    """A keyring in memory, or one that is locked."""

    priority = 1
    locked = False

    def get_password(self, service, username):
        if self.locked:
            raise KeyringError("locked hunter2")
        return {("grc/contacts", "client"): "hunter2"}.get((service, username))

    def set_password(self, service, username, password):
        raise KeyringError

    def delete_password(self, service, username):
        raise KeyringError


@pytest.fixture
def drawer():
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def test_each_service_of_systemd_reads_its_own_copy_of_a_credential(monkeypatch, tmp_path):
    (tmp_path / "smtp").write_text("mot\n", "utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert resolve("file:/run/credentials/passerelle.service/smtp").reveal() == "mot"
    for elsewhere in ("file:/run/credentials/smtp", "file:/run/credentials/a/b/smtp", "file:/etc/credentials/a/smtp"):
        with pytest.raises(SettingsError):
            resolve(elsewhere)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(SettingsError):
        resolve("file:/run/credentials/passerelle.service/smtp")


def test_a_keyring_entry_is_read(drawer):
    assert resolve("keyring:grc/contacts/client").reveal() == "hunter2"


def test_a_locked_keyring_has_nothing_and_says_nothing_of_its_own(drawer):
    drawer.locked = True
    with pytest.raises(SettingsError) as caught:
        resolve("keyring:grc/contacts/client")
    assert caught.value.code == "settings.secret.absent"
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize("reference", ["env:PASSERELLE_TEST_ABSENT", "file:absent", "keyring:grc/absent"])
def test_nothing_behind_a_reference_is_told_with_the_reference(reference, tmp_path, drawer):
    with pytest.raises(SettingsError) as caught:
        resolve(reference, folder=tmp_path)
    assert caught.value.code == "settings.secret.absent"
    assert caught.value.details["reference"] == reference


def test_a_literal_is_refused_without_an_echo():
    with pytest.raises(SettingsError) as caught:
        resolve("hunter2")
    assert "hunter2" not in f"{caught.value} {caught.value.details}"
