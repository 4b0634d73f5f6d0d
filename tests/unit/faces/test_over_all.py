"""Commands go through the organisations of an installation, or ask which one is meant; they never guess."""

from __future__ import annotations

import shutil

import pytest
from federations import EXPORT, INSTALLATION, add_member, drop_export, make_federation

CHANNEL = '[notify.command]\nrun = ["true"]\n'


@pytest.fixture
def federation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_federation(tmp_path, ["una-35", "admr-81"])
    return tmp_path


def test_a_run_answers_for_each_and_ends_with_the_most_pressing_code(program, federation):
    drop_export(federation, "una-35")
    add_member(federation, "admr-81", settings="[")
    result = program("run", "--format", "json")
    assert (result.code, result.json["exit"], result.json["schema"]) == (64, 64, "passerelle.organisations.run/1")
    first, second = result.json["organisations"]
    assert (first["organisation"], first["run"], first["exit"]) == ("admr-81", None, 64)
    assert (first["error"]["code"], first["error"]["problems"][0]["where"]) == (
        "settings.file.invalid",
        "passerelle.toml, line 1",
    )
    assert second["error"] is None
    assert second["run"]["flows"][0]["balance"]["received"] > 0
    text = program("run")
    assert text.code == 64
    assert text.out.index("admr-81") < text.out.index("passerelle.toml, line 1") < text.out.index("una-35")
    assert "2 organisations" in text.out


def test_one_organisation_answers_as_if_it_were_alone(program, federation):
    del federation
    for line in (["run", "--organisation", "una-35"], ["--organisation", "una-35", "run"]):
        assert program(*line, "--format", "json").json["schema"] == "passerelle.run/1"
    alone = program("--settings", "organisations/una-35/passerelle.toml", "status", "--format", "json")
    assert alone.json["flows"] == program("status", "--organisation", "una-35", "--format", "json").json["flows"]


def test_some_organisations_are_run_and_the_others_are_not(program, federation):
    add_member(federation, "uniopss", settings="[")
    named = ["--organisation", "una-35", "--organisation", "admr-81"]
    result = program("run", *named, "--format", "json")
    assert [one["organisation"] for one in result.json["organisations"]] == ["una-35", "admr-81"]
    assert not (federation / "organisations" / "uniopss" / "etat").exists()


@pytest.mark.parametrize(
    "line", [["quarantine", "list"], ["run", "visites"], ["status", "visites"], ["watch"], ["status", "--mail"]]
)
def test_what_is_about_one_asks_which(program, federation, line):
    del federation
    result = program(*line)
    assert result.code == 64
    assert "--organisation" in result.err
    assert "admr-81, una-35" in result.err


def test_a_name_that_is_not_there_is_refused_with_the_nearest_and_nothing_is_done(program, federation):
    result = program("run", "--organisation", "una-53", "--organisation", "admr-81")
    assert result.code == 64
    assert "una-35" in result.err
    assert not list(federation.rglob("journal.sqlite3"))


def test_a_command_about_one_goes_where_it_is_sent(program, federation):
    drop_export(federation, "una-35")
    program("run", "--organisation", "una-35")
    assert program("--organisation", "una-35", "flow", "resume", "visites").code == 0
    assert not (federation / "organisations" / "admr-81" / "etat").exists()


def test_organisations_are_named_in_vain_where_there_is_one(program, folder):
    del folder
    for line in (["run"], ["status"], ["doctor"], ["notify"], ["quarantine", "list"], ["organisation", "list"]):
        result = program("--organisation", "una-35", *line)
        assert result.code == 64, line
        assert "several organisations" in result.err


def test_the_state_of_all_is_counts_in_every_form(program, federation):
    drop_export(federation, "una-35", rows=2)
    program("run")
    result = program("status", "--format", "json")
    assert (result.code, result.json["schema"]) == (0, "passerelle.organisations.status/1")
    assert {one["organisation"]: one["flows"] for one in result.json["organisations"]} == {"admr-81": 1, "una-35": 1}
    assert "2 organisations, 1 needs somebody" in program("status").out
    page = program("status", "--format", "html").out
    assert "una-35" in page
    assert "visites" not in page
    assert 'passerelle_organisation_flows{organisation="una-35"} 1' in program("status", "--format", "prometheus").out


def test_doctor_tells_of_each_what_is_wrong(program, federation):
    shutil.rmtree(federation / "organisations" / "una-35" / "entrees")
    result = program("doctor", "--offline", "--format", "json")
    assert (result.code, result.json["exit"]) == (64, 64)
    codes = {one["organisation"]: one["exit"] for one in result.json["organisations"]}
    assert codes == {"admr-81": 0, "una-35": 64}
    text = program("doctor", "--offline")
    assert "WRONG" in text.out.split("\nuna-35\n")[1]
    assert "WRONG" not in text.out.split("\nuna-35\n")[0]


def test_people_are_told_for_each_over_the_channels_of_the_installation(program, federation):
    assert program("notify").code == 64
    (federation / "passerelle.toml").write_text(INSTALLATION + CHANNEL, "utf-8")
    result = program("notify", "--format", "json")
    assert result.code == 0
    told = [(one["organisation"], one["channels"]) for one in result.json["organisations"]]
    assert told == [(name, [{"channel": "command", "failure": None}]) for name in ("admr-81", "una-35")]
    (federation / "passerelle.toml").write_text(INSTALLATION + CHANNEL.replace("true", "false"), "utf-8")
    result = program("notify", "--test")
    assert result.code == 75
    assert "una-35" in result.out


def test_an_organisation_is_added_with_what_init_makes_and_a_key_outside_of_its_state(program, federation):
    result = program("organisation", "add", "adessa-14", "--format", "json")
    assert (result.code, result.json["organisation"]) == (0, "adessa-14")
    folder = federation / "organisations" / "adessa-14"
    assert {path.name for path in folder.iterdir()} == {*result.json["made"], "passerelle.cle"}
    assert not list((folder / "etat").iterdir())
    listed = program("organisation", "list", "--format", "json")
    assert [one["organisation"] for one in listed.json["organisations"]] == ["adessa-14", "admr-81", "una-35"]
    keys = {path.read_bytes() for path in (folder / "passerelle.cle",)}
    program("organisation", "add", "adessa-15")
    keys.add((folder.parent / "adessa-15" / "passerelle.cle").read_bytes())
    assert len(keys) == 2, "each has a key of its own"


@pytest.mark.parametrize("name", ["una-35", "Una", "../una", "a/b", "é", "", "a" * 41])
def test_a_name_that_is_taken_or_cannot_be_one_adds_nothing(program, federation, name):
    before = sorted(federation.rglob("*"))
    assert program("organisation", "add", name).code == 64
    assert sorted(federation.rglob("*")) == before


def test_the_list_says_what_is_wrong_with_each_and_an_empty_one_is_no_fault(program, federation):
    add_member(federation, "admr-81", settings="[")
    result = program("organisation", "list")
    assert result.code == 64
    assert "una-35: 1 flow is described" in result.out
    shutil.rmtree(federation / "organisations")
    assert program("organisation", "list").code == 0
    assert program("run").code == 64


def test_a_broken_installation_stops_every_command_with_its_line(program, federation):
    (federation / "passerelle.toml").write_text(INSTALLATION + "[flow.x]\n", "utf-8")
    for line in (["run"], ["status"], ["organisation", "list"], ["--organisation", "una-35", "run"]):
        result = program(*line)
        assert result.code == 64
        assert "passerelle.toml, line 4" in result.err


def test_commands_that_a_run_advises_name_whose_they_are(program, federation):
    shutil.copy(EXPORT.with_name("oddities.csv"), federation / "organisations" / "una-35" / "entrees")
    told = program("run").out
    assert "→ passerelle --organisation una-35 quarantine list --flow" in told
    assert "passerelle quarantine" not in told


def test_a_list_is_asked_of_an_installation_and_nobody_is_told_to_leave_out_what_was_not_given(program, folder):
    del folder
    result = program("organisation", "list")
    assert result.code == 64
    assert "--organisation" not in result.err
    assert "organisations" in result.err


def test_the_name_in_a_shared_journal_says_which_folder_is_meant(program, federation, monkeypatch):
    monkeypatch.setattr("click.prompt", lambda *_words, **_more: "una-35-bis")
    shared = 'journal = "env:PASSERELLE_NULLE_PART"\norganisation = "una-35-bis"\n'
    add_member(federation, "una-35", settings=f"[passerelle]\n{shared}")
    result = program("organisation", "shred", "una-35-bis", "--why", "fin de son adhésion")
    assert result.code == 64
    assert "PASSERELLE_NULLE_PART" in result.err
    unknown = program("organisation", "shred", "una-36", "--why", "fin de son adhésion")
    assert "una-35" in unknown.err
