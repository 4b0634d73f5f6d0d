"""Whom delivered records are about is found again by person, forgotten for good, and joined without loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from sqlalchemy import text

from passerelle.stores import subjects
from passerelle.stores.database import open_reader
from passerelle.stores.journal import Journal
from passerelle.stores.keyring import Keyring
from passerelle.stores.subjects import find_subjects


@pytest.fixture
def keyed(engine, seal, make, tmp_path):
    keyring = Keyring.open(tmp_path / "ring", seal.derive_keyring_key(), create=True)
    journal = Journal(engine, seal.attach(keyring))
    journal.register(make.parcel())
    journal.begin_run([make.flow], make.now)
    yield journal
    keyring.close()


def settle(journal, make, number: int, *pairs: tuple[str, str]):
    frame = pl.DataFrame({"person_ref": [pair[0] for pair in pairs], "ref": [pair[1] for pair in pairs]})
    about = find_subjects(frame, "person_ref")
    known = replace(make.known(b"%d" % number), subjects=about)
    journal.settle(make.settlement(number, known=[known]))


def find(journal, *persons: str) -> set[tuple[str, str]]:
    return {row for frame in journal.find_records_about(persons).values() for row in frame.iter_rows()}


def count(engine) -> int:
    with open_reader(engine) as connection:
        return connection.execute(text("SELECT count(*) FROM subject_list")).scalar_one()


def test_records_are_found_by_person_each_once(keyed, make):
    settle(keyed, make, 0, ("p1", "v1"), ("p2", "v2"))
    settle(keyed, make, 1, ("p1", "v1"), ("p1", "v3"))
    assert find(keyed, "p1") == {("p1", "v1"), ("p1", "v3")}
    assert list(keyed.find_records_about(["p1"])) == [(make.flow, "visit/1")]
    assert find(keyed, "p9") == set()


def test_records_that_name_nobody_have_no_list(keyed, make, engine):
    assert find_subjects(pl.DataFrame({"ref": ["a"]}), "person_ref") is None
    assert find_subjects(pl.DataFrame({"ref": ["a"]}), "") is None
    assert find_subjects(pl.DataFrame({"person_ref": [None], "ref": ["a"]}), "person_ref") is None
    keyed.settle(make.settlement(0, known=[make.known(b"a")]))
    nobody = pl.DataFrame({"person_ref": [None], "ref": ["a"]}, schema=dict.fromkeys(("person_ref", "ref"), pl.String))
    keyed.settle(make.settlement(1, known=[replace(make.known(b"b"), subjects=find_subjects(nobody, "person_ref"))]))
    assert count(engine) == 0


def test_a_forgotten_person_is_in_no_list_and_no_copy_of_one_and_the_others_stay(keyed, make, engine, seal):
    settle(keyed, make, 0, ("p1", "v1"), ("p2", "v2"))
    settle(keyed, make, 1, ("p1", "v3"))
    with open_reader(engine) as connection:
        copies = [bytes(cell) for cell in connection.execute(text("SELECT content FROM subject_list")).scalars()]
    assert keyed.forget_subjects(["p1"]) == 2
    assert find(keyed, "p1", "p2") == {("p2", "v2")}
    assert count(engine) == 1
    assert keyed._seal.destroy(copies) == 0, "their keys are gone already"


def test_many_short_lists_are_joined_without_loss(keyed, make, engine, monkeypatch):
    monkeypatch.setattr(subjects, "_FEW", 3)
    for number in range(5):
        settle(keyed, make, number, (f"p{number}", f"v{number}"), ("p", "v"))
    before = find(keyed, "p", *(f"p{number}" for number in range(5)))
    assert keyed.join_subjects() == 4
    assert keyed.join_subjects() == 0
    assert find(keyed, "p", *(f"p{number}" for number in range(5))) == before
    assert count(engine) == 1


def test_lists_of_another_season_are_left_apart_so_that_the_old_ones_can_go(keyed, make, monkeypatch):
    monkeypatch.setattr(subjects, "_FEW", 1)
    later = make.now + timedelta(days=400)
    for number, at in enumerate((make.now, make.now, later, later)):
        about = pl.DataFrame({"person": ["p"], "ref": [f"v{number}"]})
        known = replace(make.known(b"%d" % number), subjects=about)
        keyed.settle(replace(make.settlement(number, known=[known]), at=at))
    assert keyed.join_subjects() == 2
    assert keyed.forget_subjects_before(later) == 1
    assert find(keyed, "p") == {("p", "v2"), ("p", "v3")}


def test_lists_go_when_their_time_is_over(keyed, make, engine):
    settle(keyed, make, 0, ("p1", "v1"))
    assert keyed.forget_subjects_before(make.now) == 0
    assert keyed.forget_subjects_before(make.now + timedelta(seconds=1)) == 1
    assert count(engine) == 0
