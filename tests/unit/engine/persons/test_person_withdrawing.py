"""A withdrawal reaches every recipient for the purposes named, once; what cannot be deleted is in a list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from person_acts import FOLDER, PersonHouse

from passerelle.engine.persons.person_withdrawing import withdraw_person
from passerelle.engine.runs.taking_again import ParcelChoice, take_again
from passerelle.switching.exit_pack import held_parcels
from passerelle.vocabulary.errors import UsageError

REF = "essai:person:1"


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    return PersonHouse.filled(tmp_path)


def withdraw(house, *refs: str, purposes=None):
    with house.open() as workspace:
        return withdraw_person(workspace, refs, purposes, who="somebody", why="a refusal")


def test_each_recipient_is_told_once_and_the_books_say_so(house):
    done = withdraw(house, REF)
    assert (done.persons, done.withdrawn, done.remaining, done.list_file) == (1, 3, 0, None)
    assert house.list_people() == ["essai:person:2", "essai:person:3"]
    assert withdraw(house, REF).withdrawn == 0
    with house.open() as workspace:
        rows = [row for row in workspace.journal.list_parcels() if row.kind == "withdrawn"]
        assert sorted((row.flow, row.balance.withdrawn, row.state) for row in rows) == [
            ("gens", 1, "done"),
            ("suivis", 2, "done"),
        ]
        assert [entry.action for entry in workspace.journal.list_audit_entries()] == ["person.withdraw"] * 2
        assert workspace.journal.list_acts() == ()


def test_other_purposes_are_left_alone(house):
    assert withdraw(house, REF, purposes=["billing"]).flows == ()
    assert REF in house.list_people()
    assert withdraw(house, REF, purposes=["support", "billing"]).withdrawn == 3


def test_flows_that_may_send_nothing_any_more_are_taken_back_from_all_the_same(house):
    house.forbid_all()
    done = withdraw(house, REF)
    assert (done.withdrawn, done.remaining) == (3, 0)


def test_what_comes_again_is_delivered_as_the_next_version(house):
    withdraw(house, REF)
    assert house.send_people("1;Zyxoline;01/02/1950", name="n.csv").balance.fates == {"delivered": 1}
    assert REF in house.list_people()


def test_without_a_reference_nothing_begins(house):
    with pytest.raises(UsageError):
        withdraw(house)


def test_a_record_that_no_recipient_can_delete_stays_known_and_is_listed_with_no_formula(tmp_path):
    house = PersonHouse(tmp_path, people=FOLDER + ', layout = "gens"')
    house.send_people("1;A;01/02/1950")
    done = withdraw(house, REF)
    assert (done.withdrawn, done.remaining) == (0, 1)
    assert done.list_file.read_text("utf-8-sig").count("\n") == 2
    assert house.send_people("1;A;01/02/1950", "2;B;01/02/1950", name="n.csv").balance.fates == {
        "unchanged": 1,
        "delivered": 1,
    }


def test_records_that_stay_are_counted_under_their_reason(tmp_path):
    house = PersonHouse(tmp_path, people=FOLDER + ', layout = "gens"')
    house.send_people("1;A;01/02/1950", "2;B;01/02/1950")
    assert withdraw(house, REF, "essai:person:2").remaining == 2
    with house.open() as workspace:
        (parcel,) = (row for row in workspace.journal.list_parcels() if row.kind == "withdrawn")
        counted = workspace.journal.count_reasons(parcel.flow, parcel=parcel.key)
    assert list(counted.values()) == [2]


def test_a_withdrawal_is_no_file_that_could_be_taken_again_or_packed(house):
    withdraw(house, REF)
    with house.open() as workspace:
        taken = take_again(workspace, "gens", ParcelChoice(since=datetime(2020, 1, 1, tzinfo=UTC)), who="somebody")
        assert (len(taken.taken), taken.gone) == (2, ())
        assert {parcel.row.kind for parcel in held_parcels.list_parcels(workspace)} == {"supplied"}
