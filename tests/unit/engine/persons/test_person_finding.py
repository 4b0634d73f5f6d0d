"""Persons are found under whatever the supplier calls them, in rows that cannot be read too, and nobody else is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from person_acts import PersonHouse

from passerelle.engine.persons.person_finding import SoughtPersons, find_traces

ALICE = SoughtPersons.of(["essai:person:12", "essai:person:12"])


def test_each_person_is_sought_once_in_every_form():
    composed = SoughtPersons.of(["essai:person:%C3%A9"])
    assert ALICE.refs == ("essai:person:12",)
    assert set(composed.forms.values()) == {"essai:person:%C3%A9"}
    assert "essai:person:e%CC%81" in composed.forms


@given(st.integers(0, 999), st.sampled_from(["", "x", "0", "é"]), st.sampled_from(["", "7", "b"]))
def test_a_number_inside_another_is_not_the_number(number, before, after):
    found = SoughtPersons.of([f"essai:person:{number}"]).find_in_text(f"a;{before}{number}{after};b")
    assert bool(found) == (before == after == "")


def test_all_parts_of_a_composite_number_are_asked_for():
    sought = SoughtPersons.of(["cnaf:person:123~1950-02-01"])
    assert sought.find_in_cells(["123", "x", " 1950-02-01 "])
    assert not sought.find_in_cells(["123", None, ""])


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    return PersonHouse.filled(tmp_path)


def test_records_about_a_person_rows_and_files_are_found_and_those_of_others_are_not(house):
    with house.open() as workspace:
        traces = find_traces(workspace, SoughtPersons.of(["essai:person:1"]))
        items = [row.id for row in workspace.quarantine.list_rows()]
    assert traces.records == {
        ("gens", "person/1"): {"essai:person:1"},
        ("suivis", "need/1"): {"essai:need:10", "essai:need:12"},
    }
    assert traces.items == {items[0]}
    assert len(traces.deposits) == 3
    assert traces.found == {"essai:person:1"}


def test_of_somebody_who_was_never_here_nothing_is_found(house):
    with house.open() as workspace:
        traces = find_traces(workspace, SoughtPersons.of(["essai:person:77"]))
    assert (traces.records, traces.items, traces.deposits, traces.found) == ({}, set(), set(), set())


def test_a_row_that_is_no_row_is_taken_for_theirs_by_its_number(house):
    house.send_people("9;A;01/01/1950;de trop;et encore", "2;B;01/01/1950", name="z.csv")
    with house.open() as workspace:
        traces = find_traces(workspace, SoughtPersons.of(["essai:person:9"]))
    assert traces.found == {"essai:person:9"}
    assert len(traces.items) == 1


def test_the_own_record_of_a_person_is_found_when_files_and_lists_of_whom_records_are_about_are_gone(house):
    with house.open() as workspace:
        for name in workspace.settings.flows:
            for row in workspace.journal.list_parcels(name):
                workspace.depot.remove(row.digest)
        workspace.journal.forget_subjects_before(workspace.clock.now() + timedelta(days=1))
        traces = find_traces(workspace, SoughtPersons.of(["essai:person:3"]))
    assert traces.records == {("gens", "person/1"): {"essai:person:3"}}
    assert traces.found == {"essai:person:3"}
