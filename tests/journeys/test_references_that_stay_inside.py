"""Persons known by their names, night after night: the destination knows them by handles, and everything finds back."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from people_flow import SUPPLIER, run_people, settle_people

from passerelle.engine.rehearsal.rehearsing import rehearse
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.handle_texts import is_handle_text

NAMES = ("DUPONT", "DURAND")


@pytest.fixture
def natural(tmp_path):
    """Write a flow of whole exports of persons, whose references are their names; what vanishes is deleted."""
    path = settle_people(tmp_path)
    (tmp_path / "essai.toml").write_text(SUPPLIER.replace(", opaque = true", ""), "utf-8")
    path.write_text(
        path.read_text("utf-8")
        .replace('purpose = "support"', 'purpose = "support"\nvanished = "delete"\nmost_vanished = 1.0')
        .replace("quiet_seconds = 0 }", "quiet_seconds = 0, whole = true }"),
        "utf-8",
    )
    return path


def _look(path) -> dict[str, tuple[str, int]]:
    with closing(sqlite3.connect(path.parent / "base.db")) as connection:
        rows = connection.execute("SELECT ref, comment, passerelle_version FROM passerelle_person_1").fetchall()
    return {ref: (comment, version) for ref, comment, version in rows}


def _read(file) -> list[str]:
    return file.read_text("utf-8").splitlines()


def _run(path, turn: int, **notes: str):
    # blank lines make each export a parcel of its own, whatever it says
    return run_people(path, f"{turn}.csv", *((name, "A", note) for name, note in notes.items()), blank_lines=turn)


def test_a_record_that_changes_is_found_under_its_handle(natural):
    _run(natural, 1, DUPONT="un", DURAND="un")
    before = _look(natural)
    _run(natural, 2, DUPONT="deux", DURAND="un")
    after = _look(natural)
    assert before.keys() == after.keys()
    assert all(is_handle_text(ref.removeprefix("essai:person:")) for ref in after)
    assert sorted(after.values()) == [("deux", 2), ("un", 1)]


def test_a_record_that_vanishes_is_deleted_under_its_handle_and_comes_back_under_it(natural):
    _run(natural, 1, DUPONT="un", DURAND="deux")
    before = _look(natural)
    outcome = _run(natural, 2, DUPONT="un")
    assert (outcome.balance.vanished, outcome.balance.withdrawn) == (1, 1)
    assert list(_look(natural).values()) == [("un", 1)]
    _run(natural, 3, DUPONT="un", DURAND="deux")
    assert _look(natural).keys() == before.keys()


def test_a_deletion_that_is_told_in_a_file_names_a_handle(natural):
    natural.write_text(
        natural.read_text("utf-8").replace('kind = "database", url = "base.db"', 'kind = "folder", path = "out"'),
        "utf-8",
    )
    _run(natural, 1, DUPONT="un", DURAND="deux")
    _run(natural, 2, DUPONT="un")
    files = sorted((natural.parent / "out").iterdir())
    delivered, withdrawn = (
        {json.loads(line)["ref"] for file in files if file.stem.endswith("withdrawn") is told for line in _read(file)}
        for told in (False, True)
    )
    assert len(withdrawn) == 1
    assert withdrawn < delivered
    assert not any(name in file.name + file.read_text("utf-8") for file in files for name in NAMES)


def test_after_a_restore_of_the_state_the_destination_is_asked_by_handles_and_has_the_latest_again(natural):
    _run(natural, 1, DUPONT="un", DURAND="un")
    shutil.copytree(natural.parent / "etat", natural.parent / "hier")
    _run(natural, 2, DUPONT="deux", DURAND="un")
    shutil.rmtree(natural.parent / "etat")
    shutil.copytree(natural.parent / "hier", natural.parent / "etat")
    # what the journal of yesterday takes for unchanged is not what the destination has
    _run(natural, 3, DUPONT="un", DURAND="un")
    assert sorted(_look(natural).values()) == [("un", 1), ("un", 3)]


def test_rows_from_before_stay_apart_and_are_not_taken_for_records(natural):
    _run(natural, 1, DUPONT="un")
    with closing(sqlite3.connect(natural.parent / "base.db")) as connection, connection:
        connection.execute(
            "INSERT INTO passerelle_person_1 (ref, comment, passerelle_version, passerelle_key) "
            "VALUES ('essai:person:DUPONT', 'ancien', 7, 'k')"
        )
        connection.execute("DELETE FROM passerelle_last_batch")
    _run(natural, 2, DUPONT="un")
    assert sorted(version for _comment, version in _look(natural).values()) == [1, 7]


def test_a_rehearsal_compares_what_would_go_with_what_went(natural):
    _run(natural, 1, DUPONT="un", DURAND="un")
    rows = "id;nom;note\nDUPONT;A;deux\nDURAND;A;un\n"
    (natural.parent / "entrees" / "2.csv").write_text(rows, "utf-8")
    told: list = []
    (rehearsal,) = rehearse(load_settings(natural), ["un"], on_record=told.append)
    change = rehearsal.changes["person/1"]
    assert (change.changed, dict(change.fields), change.uncompared) == (1, {"comment": 1}, 0)
    assert told[0]["before"] == {"comment": "un"}
    assert told[0]["record"]["ref"] in _look(natural)
