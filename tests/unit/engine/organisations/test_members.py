"""Organisations are known by their folders; those that would not be kept apart are refused, with both named."""

from __future__ import annotations

import pytest
from federations import MEMBER, add_member, make_federation

from passerelle.engine.organisations.members import choose_member, choose_members, list_members
from passerelle.vocabulary.errors import SettingsError, UsageError


def find_mistakes(installation) -> dict[str, str]:
    return {member.name: member.mistake.code for member in list_members(installation) if member.mistake}


def test_organisations_come_by_name_and_their_settings_are_their_own(tmp_path):
    installation = make_federation(tmp_path, ["una-35", "admr-81"])
    members = choose_members(installation)
    assert [member.name for member in members] == ["admr-81", "una-35"]
    settings = [member.load_settings() for member in members]
    assert [one.state for one in settings] == [member.path.parent / "etat" for member in members]
    assert all(one.installation is installation for one in settings)


def test_a_name_that_is_not_there_is_refused_with_the_nearest(tmp_path):
    installation = make_federation(tmp_path, ["una-35", "admr-81"])
    with pytest.raises(UsageError) as caught:
        choose_members(installation, ["admr-81", "una-53"])
    assert (caught.value.code, caught.value.details["nearest"]) == ("usage.organisation.unknown", "una-35")
    assert [member.name for member in choose_members(installation, ["una-35", "una-35"])] == ["una-35"]


def test_no_organisation_at_all_is_an_error_and_not_a_night_without_work(tmp_path):
    with pytest.raises(SettingsError) as caught:
        choose_members(make_federation(tmp_path, []))
    assert caught.value.code == "settings.organisation.absent"


@pytest.mark.parametrize("names", [[], ["a", "b"]])
def test_which_one_is_never_guessed(tmp_path, names):
    installation = make_federation(tmp_path, ["a", "b"])
    with pytest.raises(UsageError) as caught:
        choose_member(installation, names)
    assert caught.value.code == "usage.organisation.needed"
    assert choose_member(installation, ["b", "b"]).name == "b"


@pytest.mark.parametrize("name", ["Una-35", "una 35", "una_35", "é", "a" * 41])
def test_a_folder_that_cannot_be_a_name_fails_alone(tmp_path, name):
    installation = make_federation(tmp_path, ["a", name])
    assert find_mistakes(installation) == {name: "settings.organisation.name"}
    with pytest.raises(SettingsError):
        choose_members(installation, [name])[0].load_settings()


def test_a_folder_without_settings_is_told(tmp_path):
    installation = make_federation(tmp_path, ["a"])
    (tmp_path / "organisations" / "b").mkdir()
    assert [member.name for member in list_members(installation)] == ["a", "b"]
    with pytest.raises(SettingsError) as caught:
        list_members(installation)[1].load_settings()
    assert caught.value.code == "settings.organisation.unsettled"


SHARED = {
    "the same state": 'state = "../a/etat"\nkey_file = "cle"\nkeyring = "trousseau"\n',
    "the same key": 'key_file = "../a/cle"\n',
    "the same keyring": 'key_file = "cle"\nkeyring = "../a/etat-trousseau"\n',
    "a key in the state of the other": 'key_file = "../a/etat/autre-cle"\n',
    "a state around the other": 'state = "../a"\nkey_file = "cle"\nkeyring = "trousseau"\n',
}


@pytest.mark.parametrize("said", SHARED.values(), ids=SHARED)
def test_two_organisations_that_share_a_place_are_refused_with_both_named(tmp_path, said):
    installation = make_federation(tmp_path, ["a", "c"])
    add_member(tmp_path, "b", settings=f"[passerelle]\n{said}")
    found = {member.name: member.mistake for member in list_members(installation) if member.mistake}
    assert {name: sorted(mistake.details.values()) for name, mistake in found.items()} == {
        "a": ["a", "b"],
        "b": ["a", "b"],
    }
    assert {mistake.code for mistake in found.values()} == {"settings.organisation.shared"}
    assert choose_members(installation, ["c"])[0].load_settings().flows


def test_a_place_that_is_shared_through_a_link_is_found(tmp_path):
    installation = make_federation(tmp_path, ["a", "b"])
    (tmp_path / "organisations" / "a" / "etat").mkdir()
    (tmp_path / "organisations" / "b" / "etat").symlink_to(tmp_path / "organisations" / "a" / "etat")
    assert find_mistakes(installation) == dict.fromkeys("ab", "settings.organisation.shared")


def test_settings_that_cannot_be_read_share_nothing_and_say_so_when_they_are_read(tmp_path):
    installation = make_federation(tmp_path, ["a"])
    add_member(tmp_path, "b", settings="[")
    add_member(tmp_path, "d", settings=f"{MEMBER}state = 3\n")
    assert find_mistakes(installation) == {}
    for member in choose_members(installation, ["b", "d"]):
        with pytest.raises(SettingsError):
            member.load_settings()


def test_in_a_shared_journal_the_key_of_the_installation_is_common_and_a_name_is_not(tmp_path):
    installation = make_federation(tmp_path, [])
    shared = 'journal = "env:J"\nkeyring = "env:T"\nkey_file = "../../installation.cle"\n'
    for folder, name in (("a", "una-35"), ("b", "admr-81"), ("c", "ccas-7"), ("d", "ccas-7")):
        add_member(tmp_path, folder, settings=f'[passerelle]\n{shared}organisation = "{name}"\n')
    assert find_mistakes(installation) == dict.fromkeys("cd", "settings.organisation.shared")
    assert choose_members(installation, ["a"])[0].load_settings().shared.organisation == "una-35"
