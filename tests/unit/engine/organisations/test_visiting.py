"""What fails at one organisation fails there: it is returned, logged and told, and the others go on."""

from __future__ import annotations

import errno
import io
import json
import os
import sqlite3

import pytest
from federations import ROOT, add_member, drop_export, make_federation

from passerelle.engine import log
from passerelle.engine.organisations.members import choose_members
from passerelle.engine.organisations.running_all import run_organisation
from passerelle.engine.organisations.visiting import OrganisationRound
from passerelle.engine.settings.installation_settings import read_installation
from passerelle.vocabulary.errors import SettingsError

NAMES = ("a", "b", "c")


def run_all(installation, names=()) -> dict[str, str]:
    """Run the organisations; how each ended: a code of an error, or the state of its run."""
    visits = OrganisationRound().ask_all(
        choose_members(installation, names), lambda workspace: run_organisation(workspace, lambda *_told: ())
    )
    return {visit.organisation: visit.error.code if visit.error else visit.answer.report.state.name for visit in visits}


@pytest.fixture
def installation(tmp_path):
    made = make_federation(tmp_path, NAMES)
    for name in NAMES:
        drop_export(tmp_path, name)
    return made


def test_each_organisation_is_run_and_delivers_into_its_own_folder(installation, tmp_path):
    assert set(run_all(installation)) == set(NAMES)
    assert all(list((tmp_path / "organisations" / name / "sorties").glob("*.ndjson")) for name in NAMES)


def test_broken_settings_of_one_leave_the_others_alone(installation, tmp_path):
    add_member(tmp_path, "b", settings='[flow.x]\nconnector = "compani-interventions"\n')
    ended = run_all(installation)
    assert ended["b"] == "settings.file.invalid"
    assert {ended["a"], ended["c"]}.isdisjoint({"settings.file.invalid"})
    assert list((tmp_path / "organisations" / "c" / "sorties").glob("*.ndjson"))


def test_a_locked_journal_of_one_leaves_the_others_alone(installation, tmp_path):
    run_all(installation)
    for name in NAMES:
        drop_export(tmp_path, name, "b.csv", rows=1)
    with sqlite3.connect(tmp_path / "organisations" / "b" / "etat" / "journal.sqlite3") as locked:
        locked.execute("BEGIN EXCLUSIVE")
        ended = run_all(installation)
    assert ended["b"] == "incident.database.busy"
    assert {ended["a"], ended["c"]}.isdisjoint({"incident.database.busy"})


def test_a_missing_key_of_one_leaves_the_others_alone_and_none_is_made_anew(installation, tmp_path):
    run_all(installation)
    key = tmp_path / "organisations" / "b" / "cle"
    key.unlink()
    ended = run_all(installation)
    assert ended["b"] == "incident.key.missing"
    assert ended["a"] == ended["c"] != ended["b"]
    assert not key.exists()


def test_a_full_disk_of_one_leaves_the_others_alone(installation, tmp_path, monkeypatch):
    full, really_open = str(tmp_path / "organisations" / "b"), os.open

    def open_file(path, flags, *rest, **options):
        if str(path).startswith(full) and flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "x")
        return really_open(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", open_file)
    ended = run_all(installation)
    assert ended["b"] == "incident.disk.full"
    assert ended["a"] == ended["c"] != ended["b"]
    monkeypatch.undo()
    assert run_all(installation)["b"] == ended["a"], "and it goes on once there is room"


def test_a_fault_of_the_program_is_returned_without_its_words_and_logged_with_the_name(installation):
    said = io.StringIO()
    log.configure(form="json", stream=said)

    def fail(workspace):
        if workspace.settings.path.parent.name == "b":
            raise ValueError("Marie Durand")
        return "done"

    visits = list(OrganisationRound().ask_all(choose_members(installation), fail))
    assert [visit.answer for visit in visits] == ["done", None, "done"]
    assert visits[1].error.code == "incident.organisation.fault"
    (line,) = [json.loads(line) for line in said.getvalue().splitlines()]
    assert (line["event"], line["organisation"]) == ("organisation_failed", "b")
    assert "Durand" not in said.getvalue()


def test_every_line_of_the_log_says_for_whom_the_process_worked(installation):
    said = io.StringIO()
    log.configure(form="json", stream=said)
    run_all(installation, ["a", "c"])
    named = [json.loads(line).get("organisation") for line in said.getvalue().splitlines()]
    assert set(named) == {"a", "c"}
    assert named == sorted(named), "one after the other, and no line in between"


def test_what_stops_one_is_told_to_whom_the_installation_names_once(tmp_path):
    told = tmp_path / "told"
    notify = f'[notify.command]\nrun = ["sh", "-c", "cat >> {told}"]\n'
    installation = make_federation(tmp_path, ["a"], notify)
    add_member(tmp_path, "b", settings="[")
    rounds = OrganisationRound(tells_stops=True)
    for _night in range(2):
        visits = list(rounds.ask_all(choose_members(installation), lambda _workspace: None))
    assert isinstance(visits[1].error, SettingsError)
    assert told.read_text("utf-8").count("passerelle.toml") == 1
    assert "b" in told.read_text("utf-8")


def test_a_shared_description_that_changes_is_read_again(tmp_path):
    folder = tmp_path / "editeurs"
    folder.mkdir()
    (folder / "annuaire.toml").write_bytes((ROOT / "examples/demo/editeurs/annuaire.toml").read_bytes())
    make_federation(tmp_path, ["a"])
    path = tmp_path / "passerelle.toml"
    path.write_text(path.read_text("utf-8") + 'suppliers = ["editeurs/*.toml"]\n', "utf-8")
    member = choose_members(read_installation(path))[0]
    rounds, seen = OrganisationRound(), []
    for title in ("Annuaire (inventé)", "Annuaire (changé)"):
        text = (folder / "annuaire.toml").read_text("utf-8")
        (folder / "annuaire.toml").write_text(text.replace("Annuaire (inventé)", title), "utf-8")
        seen.append(rounds.ask(member, lambda workspace: workspace.plugins.get_supplier("annuaire").title).answer)
    assert seen == ["Annuaire (inventé)", "Annuaire (changé)"]


def test_plugins_that_organisations_share_are_loaded_once(installation, tmp_path):
    rounds = OrganisationRound()
    first, second = rounds.ask_all(choose_members(installation, ["a", "b"]), lambda workspace: workspace.plugins)
    assert first.answer is second.answer
