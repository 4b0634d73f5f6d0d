"""The head of the audit trail is kept outside, so that a cut end shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from old_software import open_people
from sqlalchemy import text

from passerelle.engine.audit.audit_trail import (
    keep_head,
    list_entries,
    read_anchor,
    reveal_entries,
    verify_trail,
)
from passerelle.engine.health.health_checks import examine_workspace
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.trail import find_heads
from passerelle.vocabulary.errors import FatalError, SettingsError, UsageError


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, (1, "Essai", "Pro1")) as opened:
        for number in range(3):
            opened.journal.append_audit("consent.refuse", f"x:person:{number}", "", opened.clock.now(), "essai", "*")
        opened.journal.append_audit("exit_pack", "MASSIF", "une raison", opened.clock.now(), "essai", "portability")
        yield opened


def cut(workspace, *, after: int) -> None:
    engine = open_database(workspace.settings.state / "journal.sqlite3")
    with open_writer(engine) as connection:
        connection.execute(text("DELETE FROM audit WHERE entry > :after"), {"after": after})
    engine.dispose()


def test_entries_are_chosen_by_their_day_and_act(workspace):
    assert [entry.entry for entry in list_entries(workspace, action="consent")] == [1, 2, 3]
    assert [entry.purpose for entry in list_entries(workspace, action="exit_pack")] == ["portability"]
    assert list_entries(workspace, action="cons") == []
    assert list_entries(workspace, since=workspace.clock.now() + timedelta(days=1)) == []


def test_reading_whom_entries_are_about_is_an_entry_itself(workspace):
    with pytest.raises(UsageError):
        reveal_entries(workspace, why="voir", who="essai")
    *_others, last = reveal_entries(workspace, why="question de la déléguée", who="essai")
    assert (last.action, last.why) == ("audit.reveal", "question de la déléguée")


def test_a_cut_end_shows_against_a_head_and_against_a_file_of_heads(workspace, tmp_path):
    file = tmp_path / "tetes.txt"
    head = keep_head(workspace, file)
    assert keep_head(workspace, file) == head
    assert len(file.read_text().splitlines()) == 1
    assert verify_trail(workspace, [head, str(file)]) == 4
    cut(workspace, after=2)
    assert verify_trail(workspace) == 2
    for anchor in (head, str(file), f"gardé par courriel : {head}."):
        with pytest.raises(FatalError) as caught:
            verify_trail(workspace, [anchor])
        assert caught.value.code == "incident.audit.truncated"
        assert caught.value.details == {"count": "2", "anchored": "4"}


def test_a_chain_written_anew_shows_where_a_head_stood(workspace):
    head = workspace.journal.get_audit_head()
    cut(workspace, after=3)
    for _ in range(3):
        workspace.journal.append_audit("exit_pack", "CIBLE", "une autre", workspace.clock.now(), "essai")
    assert verify_trail(workspace) == 6
    with pytest.raises(FatalError) as caught:
        verify_trail(workspace, [head])
    assert (caught.value.code, caught.value.details["entry"]) == ("incident.audit.broken", "4")


@pytest.mark.parametrize("anchor", ["", "nowhere.txt", "2026-11-30T05:00:00+00:00", "4:abc", "\0"])
def test_what_holds_no_head_anchors_nothing(anchor):
    with pytest.raises(UsageError) as caught:
        read_anchor(anchor)
    assert caught.value.code == "usage.audit.anchor"


def test_a_head_kept_beside_the_trail_is_refused(workspace, tmp_path):
    with pytest.raises(UsageError):
        keep_head(workspace, workspace.settings.state / "tetes.txt")
    with pytest.raises(UsageError):
        keep_head(workspace, tmp_path / "nowhere" / "tetes.txt")
    path = tmp_path / "reglages.toml"
    path.write_text('[passerelle]\nstate = "etat"\naudit_anchor = "etat/tetes.txt"\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert [problem.code for problem in caught.value.problems] == ["settings.audit_anchor.inside"]


def test_a_run_keeps_the_head_where_the_settings_say_and_doctor_sees_a_cut(workspace, tmp_path):
    file = tmp_path / "ailleurs.txt"
    anchored = replace(workspace, settings=replace(workspace.settings, audit_anchor=file))
    report = run_flows(anchored, ["personnes"])
    assert find_heads(file.read_text()) == {4: report.audit_head.partition(":")[2]}
    run_flows(anchored, ["personnes"])
    assert len(file.read_text().splitlines()) == 1
    assert verify_trail(anchored) == 4
    cut(workspace, after=1)
    with pytest.raises(FatalError):
        verify_trail(anchored)
    settings = tmp_path / "passerelle.toml"
    written = settings.read_text().replace("[passerelle]", '[passerelle]\naudit_anchor = "ailleurs.txt"', 1)
    settings.write_text(written)
    findings = [str(finding) for _title, finding in examine_workspace(lambda: load_settings(settings), offline=True)]
    assert any("4" in says and ("coupée" in says or "cut off" in says) for says in findings)


def test_a_head_that_cannot_be_kept_is_told(workspace, tmp_path):
    nowhere = tmp_path / "nowhere" / "tetes.txt"
    report = run_flows(replace(workspace, settings=replace(workspace.settings, audit_anchor=nowhere)), ["personnes"])
    assert [notice.code for notice in report.notices] == ["incident.audit.unanchored"]


def test_a_head_is_not_written_through_a_link(workspace, tmp_path):
    other = tmp_path / "autre.txt"
    other.write_text("")
    (tmp_path / "tetes.txt").symlink_to(other)
    with pytest.raises(UsageError):
        keep_head(workspace, tmp_path / "tetes.txt")
    assert other.read_text() == ""
