"""The keyring lies outside the state; one that is missing, older or another's is told, and never replaced."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from person_acts import CANARY, PersonHouse

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.key_places import find_key_places, is_keyring_lost
from passerelle.vocabulary.errors import FatalError


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    return PersonHouse.filled(tmp_path)


def test_by_default_the_keyring_is_beside_the_state_and_the_key_in_it_is_told(house):
    settings = load_settings(house.path)
    assert settings.keyring_folder == house.folder / "etat-trousseau"
    assert find_key_places(settings).inside == (house.folder / "etat" / "cle",)
    elsewhere = replace(settings, key_file=house.folder / "cle", keyring=house.folder / "etat" / "trousseau")
    assert find_key_places(elsewhere).inside == (house.folder / "etat" / "trousseau",)


def _code(house) -> str:
    with pytest.raises(FatalError) as caught, house.open():
        pass
    return caught.value.code


def test_a_keyring_that_is_gone_is_not_made_anew(house):
    shutil.move(house.folder / "etat-trousseau", house.folder / "ailleurs")
    assert _code(house) == "incident.keyring.missing"
    assert is_keyring_lost(load_settings(house.path))
    shutil.move(house.folder / "ailleurs", house.folder / "etat-trousseau")
    assert CANARY.encode() in house.open_all()


def test_the_keyring_of_another_installation_is_refused(house, tmp_path):
    other = tmp_path / "autre"
    other.mkdir()
    (other / "passerelle.toml").write_text("", "utf-8")
    (other / "etat").mkdir(mode=0o700)
    shutil.copy(house.folder / "etat" / "cle", other / "etat" / "cle")
    with open_workspace(load_settings(other / "passerelle.toml")):
        pass
    shutil.rmtree(house.folder / "etat-trousseau")
    shutil.copytree(other / "etat-trousseau", house.folder / "etat-trousseau")
    assert _code(house) == "incident.keyring.other"


def test_a_keyring_of_before_the_last_delivery_is_told_and_nothing_taken_for_erased(house):
    shutil.copytree(house.folder / "etat-trousseau", house.folder / "hier")
    house.send_people("5;NEUF;99/99/1950", name="n.csv")
    shutil.rmtree(house.folder / "etat-trousseau")
    shutil.copytree(house.folder / "hier", house.folder / "etat-trousseau")
    with house.open() as workspace, pytest.raises(FatalError) as caught:
        workspace.quarantine.open_payloads(row.id for row in workspace.quarantine.list_rows())
    assert caught.value.code == "incident.keyring.older"


def test_a_key_that_is_lost_is_told_as_lost_and_no_new_one_is_made(house):
    key = house.folder / "etat" / "cle"
    for without_keyring in (False, True):
        key.rename(house.folder / "ailleurs") if key.exists() else None
        if without_keyring:
            shutil.move(house.folder / "etat-trousseau", house.folder / "trousseau-ailleurs")
        assert _code(house) == "incident.key.missing"
        assert not key.exists()
    shutil.move(house.folder / "trousseau-ailleurs", house.folder / "etat-trousseau")
    (house.folder / "ailleurs").rename(key)
    assert CANARY.encode() in house.open_all()
