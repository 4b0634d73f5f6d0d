"""A rehearsal: what a run would do, on a copy, at one moment, with neither source nor destination touched."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from people_flow import open_people, run_once, run_people, settle_people

from passerelle.engine.rehearsal import rehearsing
from passerelle.engine.rehearsal.rehearsing import FrozenClock, rehearse
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.stores.filelock import FileLock
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Fate

STRUCTURES = Path(__file__).parents[4] / "plugins/carnet_de_bord/samples/structures-csv/nominal.csv"
NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return settle_people(tmp_path)


def drop(path, name, *rows):
    (path.parent / "entrees" / name).write_text("\n".join(["id;nom;note", *rows]) + "\n", "utf-8")


def photograph(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_time_stands_still_for_the_whole_rehearsal():
    clock = FrozenClock(NOW)
    clock.sleep(0)
    assert clock.now() == clock.now() == NOW


def test_what_is_rehearsed_is_what_the_run_then_does_and_nothing_was_touched(path):
    run_people(path, "1.csv", ("1", "ALPHA", "vu"))
    drop(path, "2.csv", "1;ALPHA;revu", "2;BETA;", "3;;")
    before = photograph(path.parent)
    (rehearsal,) = rehearse(load_settings(path), ["un"])
    assert photograph(path.parent) == before
    change = rehearsal.changes["person/1"]
    assert (change.new, change.changed, dict(change.fields)) == (2, 1, {"comment": 1})
    outcome = run_people(path, "9.csv")
    assert outcome.balance.fates == rehearsal.outcome.balance.fates


def test_the_first_rehearsal_of_all_needs_no_journal_and_leaves_none(path):
    drop(path, "1.csv", "1;ALPHA;")
    (rehearsal,) = rehearse(load_settings(path), ["un"])
    assert rehearsal.changes["person/1"].new == 1
    assert not (path.parent / "base.db").exists()
    assert not any(file.suffix == ".sqlite3" for file in path.parent.rglob("*"))


def test_a_suspended_flow_is_rehearsed_and_its_reason_is_told(path):
    run_people(path, "1.csv", ("1", "ALPHA", ""))
    with open_people(path) as workspace:
        workspace.journal.suspend("un", "incident.access.refused", NOW)
    drop(path, "2.csv", "2;BETA;")
    (rehearsal,) = rehearse(load_settings(path), ["un"])
    assert (rehearsal.suspended, rehearsal.changes["person/1"].new) == ("incident.access.refused", 1)
    with open_people(path) as workspace:
        assert workspace.journal.find_suspension("un").code == "incident.access.refused"


def test_causes_are_those_of_the_rehearsal_and_not_of_earlier_runs(path):
    run_people(path, "1.csv", ("1", "NULL", ""))
    drop(path, "2.csv", "2;BETA;")
    (rehearsal,) = rehearse(load_settings(path), ["un"])
    assert dict(rehearsal.causes) == {}


def test_a_journal_that_another_process_writes_is_waited_for_and_not_for_ever(path, monkeypatch):
    run_people(path, "1.csv", ("1", "ALPHA", ""))
    monkeypatch.setattr(rehearsing, "_SECONDS", 0.01)
    (gate,) = path.parent.rglob("journal*-gate")
    lock = FileLock(gate)
    assert lock.acquire(wait=1)
    try:
        with pytest.raises(FatalError) as busy:
            rehearse(load_settings(path), ["un"])
    finally:
        lock.release()
    assert busy.value.code == "incident.database.busy"


SHARED_ROWS = """
[passerelle]
plugins = ["carnet-de-bord"]
[flow.un]
connector = "carnet-de-bord-structures-csv"
purpose = "portability"
source = { kind = "folder", path = "entrees", quiet_seconds = 0 }
destination = { kind = "folder", path = "sorties", layout = "carnet-de-bord-structures-csv" }
"""


def test_records_that_no_row_of_a_layout_could_hold_are_refused_in_the_rehearsal_as_in_the_run(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_text(SHARED_ROWS, "utf-8")
    (tmp_path / "entrees").mkdir()
    (tmp_path / "sorties").mkdir()
    (tmp_path / "entrees" / "1.csv").write_bytes(STRUCTURES.read_bytes())
    (rehearsal,) = rehearse(load_settings(path), ["un"])
    assert not list((tmp_path / "sorties").iterdir())
    outcome = run_once(path)
    assert outcome.balance.fates == rehearsal.outcome.balance.fates
    assert rehearsal.outcome.balance.fates[Fate.REFUSED] > 0
    assert {reason.code for reason in rehearsal.causes} == {"deliver.row.incomplete"}
    assert sum(change.new for change in rehearsal.changes.values()) == rehearsal.outcome.balance.fates[Fate.DELIVERED]
