"""To whom the records of a person go is told from the settings and the journal, flow by flow."""

from __future__ import annotations

import pytest
from access_house import JEANNE, AccessHouse

from passerelle.contracts.field_meta import RecipientKind
from passerelle.engine.persons.person_finding import SoughtPersons, find_traces
from passerelle.engine.persons.person_recipients import list_transfers
from passerelle.engine.persons.person_withdrawing import withdraw_person


@pytest.fixture
def house(tmp_path) -> AccessHouse:
    return AccessHouse.filled(tmp_path)


def _list(house, ref=JEANNE, flows=("gens", "visites", "equipe")):
    with house.open() as workspace:
        traces = find_traces(workspace, SoughtPersons.of([ref]))
        return {entry.flow: entry for entry in list_transfers(workspace, traces, flows)}


def test_each_flow_says_who_receives_what_and_what_stays(house):
    people = _list(house)["gens"]
    assert (people.processing.recipient.kind, people.supplier) == (RecipientKind.PARTNER, "Logiciel Essai")
    person = next(entry for entry in people.contracts if entry.contract == "person/1")
    assert "birth_name" in person.sent
    assert person.kept == ("identifiers",)
    assert (person.there, people.there) == (1, 2)
    assert people.first_at is not None
    assert people.first_at <= people.last_at


def test_a_flow_that_has_nothing_of_them_has_no_day_and_one_that_is_not_asked_for_is_absent(house):
    found = _list(house, "essai:person:77", ("gens",))
    assert list(found) == ["gens"]
    assert (found["gens"].there, found["gens"].first_at) == (0, None)


def test_what_was_taken_back_is_counted_apart(house):
    with house.open() as workspace:
        withdraw_person(workspace, [JEANNE], who="moi", why="demande écrite")
    people = _list(house)["gens"]
    assert people.there == 0
    assert sum(entry.withdrawn for entry in people.contracts) == 2
