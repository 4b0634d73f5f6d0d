"""What a person reads at a terminal, and what a scheduler is told when something only has to pass."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from passerelle.faces.cli.exits import Exit, of_error
from passerelle.stores.filelock import FileLock
from passerelle.vocabulary.errors import FatalError

BROKEN = '[passerelle]\nstate = "etat"\nkey_file = "cle"\n'


def _run(folder, *, stdin, stderr):
    command = [sys.executable, "-m", "passerelle.faces.cli.main", "status"]
    return subprocess.run(command, cwd=folder, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, check=False)


@pytest.fixture
def lost(tmp_path):
    """A folder whose key is lost: a command stops, which is for the log too."""
    (tmp_path / "passerelle.toml").write_text(BROKEN, "utf-8")
    (tmp_path / "etat" / "depot" / "ab").mkdir(parents=True)
    return tmp_path


def test_no_json_reaches_the_terminal_of_a_person_through_a_pipe_but_a_scheduler_and_a_file_get_it(lost):
    watcher, terminal = pty.openpty()
    try:
        piped = _run(lost, stdin=terminal, stderr=subprocess.PIPE)
        scheduled = _run(lost, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with (lost / "log").open("wb") as file:
            kept = _run(lost, stdin=terminal, stderr=file)
    finally:
        os.close(watcher)
        os.close(terminal)
    assert [run.returncode for run in (piped, scheduled, kept)] == [3, 3, 3]
    assert b'{"' not in piped.stderr
    assert b"process_stopped" in piped.stderr
    assert b'{"' in scheduled.stderr
    assert b'{"' in (lost / "log").read_bytes()


def test_a_journal_that_somebody_else_holds_makes_the_scheduler_come_back(program, folder, monkeypatch):
    monkeypatch.setattr("passerelle.stores.database._GATE_SECONDS", 0)
    assert program("run").code == 0
    lock = FileLock(folder / "etat" / "journal.sqlite3-gate")
    assert lock.acquire()
    try:
        assert program("run").code == 75
    finally:
        lock.release()
    assert program("run").code == 0


def test_what_does_not_pass_by_itself_stops():
    assert of_error(FatalError("incident.database.busy")) is Exit.WAITING
    assert of_error(FatalError("incident.database.full")) is Exit.STOPPED
    assert of_error(FatalError("incident.journal.corrupt", cause="x")) is Exit.STOPPED


def test_nothing_answers_is_said_only_where_something_was_asked(program, folder):
    assert folder.is_dir()
    program("run")
    empty = program("quarantine", "export", "--output", "a.xlsx")
    asked = program("quarantine", "export", "--output", "a.xlsx", "--reason", "translate.row.no_table")
    unchosen = program("quarantine", "discard", "--why", "x")
    assert [said.code for said in (empty, asked, unchosen)] == [64, 64, 64]
    assert "Nothing waits in quarantine" in empty.err
    assert "answers to this" in asked.err
    assert "Nothing was chosen" in unchosen.err
