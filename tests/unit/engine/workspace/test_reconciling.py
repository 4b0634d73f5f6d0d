"""Delivered means written: after a restore or a loss of the state, the destination has the latest state again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from people_flow import run_people, settle_people

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.health_checks import examine_workspace
from passerelle.engine.rehearsal.rehearsing import rehearse
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import begin_journal, open_workspace
from passerelle.vocabulary.errors import FatalError, UsageError


class Flow:
    """One flow of exports into a SQLite database; its state can be copied and put back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.turn = folder, 0
        self.path = settle_people(folder)

    @property
    def settings(self):
        return load_settings(self.path)

    def run(self, *notes: str):
        self.turn += 1
        rows = [(str(number), "A", note) for number, note in enumerate(notes, start=1)]
        # blank lines make each export a parcel of its own, whatever it says
        return run_people(self.path, f"{self.turn:03}.csv", *rows, blank_lines=self.turn - 1)

    def save(self, name: str, what: str = "etat") -> None:
        (shutil.copytree if what == "etat" else shutil.copyfile)(self.folder / what, self.folder / name)

    def restore(self, name: str, what: str = "etat") -> None:
        if what == "etat":
            shutil.rmtree(self.folder / what)
            shutil.copytree(self.folder / name, self.folder / what)
        else:
            shutil.copyfile(self.folder / name, self.folder / what)

    def look(self) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self.folder / "base.db")) as connection:
            return connection.execute(
                "SELECT comment, passerelle_version FROM passerelle_person_1 ORDER BY ref"
            ).fetchall()


@pytest.fixture
def flow(tmp_path) -> Flow:
    return Flow(tmp_path)


def test_after_a_restore_what_changes_is_written_as_the_version_after_the_one_that_is_there(flow):
    flow.run("a")
    flow.save("copie")
    for note in "bcd":
        flow.run(note)
    flow.restore("copie")
    assert flow.run("e").balance.fates == {"delivered": 1}
    assert flow.look() == [("e", 5)]
    assert flow.run("f").balance.fates == {"delivered": 1}
    assert flow.look() == [("f", 6)], "later versions go on from there"


def test_after_a_restore_what_changed_back_is_not_taken_for_unchanged(flow):
    flow.run("a", "z")
    flow.save("copie")
    flow.run("b", "z")
    flow.restore("copie")
    assert flow.run("a", "z").balance.fates == {"delivered": 1, "unchanged": 1}
    assert flow.look() == [("a", 3), ("z", 1)]


def test_a_database_that_was_restored_gets_the_latest_state_again(flow):
    flow.run("a", "z")
    flow.save("base-copie.db", "base.db")
    flow.run("b", "z")
    flow.restore("base-copie.db", "base.db")
    flow.run("b", "z")
    assert [note for note, _version in flow.look()] == ["b", "z"]


def test_a_database_that_lost_everything_gets_what_comes_and_is_not_told_to_have_it(flow):
    flow.run("a", "z")
    flow.run("b", "z")
    (flow.folder / "base.db").unlink()
    assert flow.run("b", "z").balance.fates == {"delivered": 2}
    assert flow.look() == [("b", 3), ("z", 2)]
    assert flow.run("b", "z").balance.fates == {"unchanged": 2}


def test_a_row_that_somebody_deleted_from_a_database_is_left_to_them(flow):
    flow.run("a", "z")
    with closing(sqlite3.connect(flow.folder / "base.db")) as connection, connection:
        connection.execute("DELETE FROM passerelle_person_1 WHERE comment = 'z'")
    assert flow.run("a", "z").balance.fates == {"unchanged": 2}


def test_a_new_state_beside_a_database_of_before_writes_what_it_says_is_delivered(flow):
    for note in "abc":
        flow.run(note)
    for part in ("etat", "etat-trousseau"):  # the key lies in the state: without it, nobody opens the keyring
        shutil.rmtree(flow.folder / part)
    assert flow.run("d").balance.fates == {"delivered": 1}
    assert flow.look() == [("d", 4)]


@settings(max_examples=count_examples(12))
@given(
    before=st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=1, max_size=4),
    after=st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=1, max_size=2),
    data=st.data(),
)
def test_whatever_copy_of_the_state_is_put_back_the_destination_has_the_latest_state(before, after, data):
    with TemporaryDirectory() as folder:
        flow = Flow(Path(folder))
        for number, notes in enumerate(before):
            flow.run(*notes)
            flow.save(f"copie-{number}")
        flow.restore(f"copie-{data.draw(st.integers(0, len(before) - 1))}")
        for notes in after:
            balance = flow.run(*notes).balance
            assert balance.adds_up
            assert balance.aside == 0
            assert [note for note, _version in flow.look()] == list(notes)
        assert flow.run(*after[-1]).balance.fates == {"unchanged": 2}


def test_while_both_agree_nothing_is_forgotten(flow):
    flow.run("a")
    for _again in range(3):
        assert flow.run("a").balance.fates == {"unchanged": 1}


def _lose_journal(flow: Flow) -> None:
    for path in (flow.folder / "etat").glob("journal.sqlite3*"):
        path.unlink()


def test_a_journal_that_is_gone_is_told_and_never_a_fresh_start(flow):
    flow.run("a")
    _lose_journal(flow)
    for act in (lambda: flow.run("b"), lambda: rehearse(flow.settings, ["un"])):
        with pytest.raises(FatalError) as caught:
            act()
        assert caught.value.code == "incident.journal.gone"
    assert not (flow.folder / "etat" / "journal.sqlite3").exists()
    findings = [
        finding for title, finding in examine_workspace(lambda: flow.settings, offline=True) if title == "database"
    ]
    assert [finding.severity for finding in findings] == [Severity.WRONG]
    # an empty file in its place is no journal either
    (flow.folder / "etat" / "journal.sqlite3").touch()
    with pytest.raises(FatalError):
        flow.run("b")


def test_a_new_journal_is_begun_knowingly_and_only_where_one_is_lost(flow):
    flow.run("a")
    with pytest.raises(UsageError):
        begin_journal(flow.settings, who="essai")
    _lose_journal(flow)
    begin_journal(flow.settings, who="essai")
    assert flow.run("b").balance.fates == {"delivered": 1}
    assert flow.look() == [("b", 1)]
    with open_workspace(flow.settings) as workspace:
        assert [entry.action for entry in workspace.journal.list_audit_entries()] == ["journal.begun_anew"]


def test_a_key_without_any_received_file_or_keyring_is_a_first_start(flow):
    with open_workspace(flow.settings):
        pass
    _lose_journal(flow)
    shutil.rmtree(flow.settings.keyring_folder)
    assert flow.run("a").settled == 1


def test_a_state_whose_whole_folder_is_away_is_no_first_start(flow, tmp_path):
    flow.run("a")
    key = flow.settings.key_file.read_bytes()
    shutil.move(flow.settings.state, tmp_path / "away")
    flow.settings.key_file.parent.mkdir(exist_ok=True)
    flow.settings.key_file.write_bytes(key)
    flow.settings.key_file.chmod(0o600)
    with pytest.raises(FatalError) as caught:
        flow.run("b")
    assert caught.value.code == "incident.journal.gone"
    begin_journal(flow.settings, who="essai")
    # the file of the run that was refused, and this one's
    assert flow.run("b").balance.fates == {"delivered": 1, "unchanged": 1}
