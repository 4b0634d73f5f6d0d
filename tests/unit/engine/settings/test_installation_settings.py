"""An installation says where its organisations are and what they share, and nothing that is of one of them."""

from __future__ import annotations

import pytest

from passerelle.engine.settings.installation_settings import find_installation, read_installation
from passerelle.engine.settings.workspace_settings import load_notify, load_settings
from passerelle.vocabulary.errors import SettingsError

PATTERN = 'organisations = "organisations/*/passerelle.toml"\n'
COMMAND = '[notify.command]\nrun = ["dire"]\n'


@pytest.fixture
def write(tmp_path):
    def call(text: str = "", **members: str):
        (tmp_path / "passerelle.toml").write_text(f"[passerelle]\n{PATTERN}{text}", "utf-8")
        for name, said in members.items():
            folder = tmp_path / "organisations" / name
            folder.mkdir(parents=True)
            (folder / "passerelle.toml").write_text(said, "utf-8")
        return tmp_path / "passerelle.toml"

    return call


def find_codes(error: SettingsError) -> list[str]:
    return [problem.code for problem in error.problems]


def test_settings_without_the_key_are_of_one_organisation(tmp_path):
    path = tmp_path / "passerelle.toml"
    for text in (
        "",
        "[passerelle]\nlanguage = 'fr'\n",
        "# organisations\n",
        "organisations = 3\n",
        "organisations = [",
    ):
        path.write_text(text, "utf-8")
        assert read_installation(path) is None
    assert read_installation(tmp_path / "absent.toml") is None


def test_what_is_said_is_read_and_what_is_not_has_its_default(write):
    found = read_installation(write('language = "en"\nsuppliers = ["e/*.toml"]\n[fleet]\nslice_batches = 3\n'))
    assert (found.pattern, found.shared.language, found.shared.suppliers) == (
        "organisations/*/passerelle.toml",
        "en",
        ("e/*.toml",),
    )
    assert (found.fleet.slice_batches, found.fleet.slice_seconds, found.notify.channels) == (3, 30, ())


def test_a_flow_and_what_is_of_one_organisation_are_refused_each_with_its_line(write):
    path = write('state = "etat"\n[flow.visites]\nconnector = "x"\n[web]\nsign_in = "local"\n')
    with pytest.raises(SettingsError) as caught:
        read_installation(path)
    told = {(problem.code, problem.details["line"]) for problem in caught.value.problems}
    assert told == {("settings.installation.flow", "4"), ("settings.key.unknown", "3"), ("settings.key.unknown", "6")}


@pytest.mark.parametrize(
    "pattern",
    [
        *("passerelle.toml", "*", "*/*", "a/*/b/passerelle.toml", "a*/passerelle.toml", "/srv/*/passerelle.toml"),
        *("../*/passerelle.toml", "**/passerelle.toml", "organisations/?/passerelle.toml", "o/[ab]/*/passerelle.toml"),
    ],
)
def test_a_pattern_that_leads_elsewhere_is_refused(tmp_path, pattern):
    path = tmp_path / "passerelle.toml"
    path.write_text(f'[passerelle]\norganisations = "{pattern}"\n', "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_installation(path)
    assert find_codes(caught.value) == ["settings.installation.pattern"]


def test_folders_are_found_with_and_without_settings_and_hidden_ones_are_not(write, tmp_path):
    found = read_installation(write(b="", a=""))
    (tmp_path / "organisations" / "vide").mkdir()
    (tmp_path / "organisations" / ".git").mkdir()
    (tmp_path / "organisations" / "lisez-moi.txt").write_text("", "utf-8")
    assert [folder.name for folder in found.list_folders()] == ["a", "b", "vide"]
    assert found.locate_folder("c") == tmp_path / "organisations" / "c"


def test_an_organisation_finds_its_installation_by_its_path_and_no_other(write, tmp_path):
    path = write(a="")
    assert find_installation(tmp_path / "organisations" / "a" / "passerelle.toml").path == path
    for elsewhere in ("organisations/a/autre.toml", "organisations/a/b/passerelle.toml", "autres/a/passerelle.toml"):
        assert find_installation(tmp_path / elsewhere) is None
    assert find_installation(path) is None


def test_language_and_channels_are_those_of_the_installation_where_an_organisation_says_none(write, tmp_path):
    write(f'language = "en"\n{COMMAND}', a="", b='[passerelle]\nlanguage = "fr"\n[notify.command]\nrun = ["crier"]\n')
    first, second = (load_settings(tmp_path / "organisations" / name / "passerelle.toml") for name in "ab")
    assert (first.language, first.notify.command.run) == ("en", ("dire",))
    assert (second.language, second.notify.command.run) == ("fr", ("crier",))


def test_what_an_organisation_says_of_when_it_is_told_holds_with_the_channels_of_the_installation(write, tmp_path):
    write(COMMAND, a='[notify]\nafter = "2d"\n')
    notify = load_settings(tmp_path / "organisations" / "a" / "passerelle.toml").notify
    assert (notify.after.days, notify.channels) == (2, ("command",))


@pytest.mark.parametrize("text", ["[", "[flow.x]\nconnector = 3\n", "[passerelle]\nstate = 3\n"])
def test_whom_to_tell_is_known_where_the_settings_of_an_organisation_are_broken(write, tmp_path, text):
    write(COMMAND, a=text)
    assert load_notify(tmp_path / "organisations" / "a" / "passerelle.toml").notify.channels == ("command",)


def test_a_broken_installation_is_told_and_not_taken_for_none(write, tmp_path):
    write("plugin = []\n", a="")
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "organisations" / "a" / "passerelle.toml")
    assert find_codes(caught.value) == ["settings.key.misspelt"]
