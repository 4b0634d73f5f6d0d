"""Deletions, restored states and clocks that jump do not get into each other's way."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta

from whole_exports import Exports, write_persons

from passerelle.edges.destinations.database import DatabaseDestination


def find_last_batches(exports: Exports):
    """Return the batch that the database took last, and the one that the journal knows as such."""
    with closing(DatabaseDestination(f"sqlite:///{exports.folder / 'sortie.sqlite'}")) as there, exports.open() as here:
        return there.find_last_batch("un"), here.journal.find_last_delivered("un")


def test_after_a_deletion_journal_and_database_agree_on_what_came_last(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=0.5)
    exports.send(write_persons(range(4)))
    assert exports.send(write_persons(range(3))).balance.withdrawn == 1
    there, settled = find_last_batches(exports)
    assert there == settled is not None
    assert there.number == 1, "the batch behind the one batch of the export"
    assert exports.send(write_persons(range(3)) + "\n").balance.fates == {"unchanged": 3}


def test_after_a_restore_what_the_database_is_ahead_with_is_still_there_and_can_vanish(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete", most_vanished=0.5)
    exports.send(write_persons(range(4)))
    shutil.copytree(tmp_path / "etat", tmp_path / "sauvegarde")
    exports.send(write_persons(range(4), tag="x"))
    shutil.rmtree(tmp_path / "etat")
    shutil.copytree(tmp_path / "sauvegarde", tmp_path / "etat")
    outcome = exports.send(write_persons(range(3)))
    assert (outcome.balance.fates, outcome.balance.withdrawn) == ({"delivered": 3}, 1)
    assert exports.list_rows() == {f"essai:person:{one}": 3 for one in range(3)}


def test_a_held_parcel_asks_its_question_as_any_parked_one_does(tmp_path):
    exports = Exports.at(tmp_path, vanished="delete")
    exports.send(write_persons(range(10)))
    (question,) = exports.send(write_persons(range(5))).questions
    assert question.code == "whole.parcel.held"
    assert question.details == {"contract": "person/1", "count": "5", "earlier": "10"}


def test_a_clock_that_jumps_forgets_no_list(tmp_path):
    exports = Exports.at(tmp_path, most_vanished=0.9)
    exports.send(write_persons(range(4)))
    exports.clock.sleep(timedelta(days=400).total_seconds())
    exports.run()
    exports.clock.sleep(-timedelta(days=400).total_seconds() + 3600)
    assert exports.send(write_persons(range(3))).balance.vanished == 1
