"""The records of one person are gathered whole, each state once; no value of anybody else is ever held."""

from __future__ import annotations

import pytest
from access_house import CONTACT, JEANNE, OTHERS, PAUL, WORKER, AccessHouse

from passerelle.contracts.access import Showing
from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.contracts.release_policy import ExtraColumn
from passerelle.engine.persons.person_finding import SoughtPersons, find_traces
from passerelle.engine.persons.person_records import NumberedProfessional, RecordGatherer, find_day, sort_records

ROUND = ExtraColumn(
    title="Tournée", subject=DataSubject.PERSON, sensitivity=Sensitivity.ORDINARY, purposes=(Purpose.SUPPORT,)
)


@pytest.fixture
def house(tmp_path) -> AccessHouse:
    return AccessHouse.filled(tmp_path)


def _gather(house, ref, columns=None):
    persons = SoughtPersons.of([ref])
    gatherer = RecordGatherer.of(persons, ref, columns or {})
    with house.open() as workspace:
        find_traces(workspace, persons, gatherer)
    return gatherer


def _by_contract(gatherer):
    found = {}
    for record in sort_records(gatherer.records.values()):
        found.setdefault(record.contract, []).append(record)
    return found


def test_own_fields_are_kept_with_a_number_in_place_of_a_professional(house):
    found = _by_contract(_gather(house, JEANNE))
    (person,) = found["person/1"]
    assert person.latest.values["birth_name"] == "Martin"
    assert person.latest.values["professional_ref"] == NumberedProfessional(1)
    assert person.latest.values["identifiers"][0]["value"] == "250025912345678"
    assert "ref" not in person.latest.values
    assert [find_day(one) for one in found["visit/1"]] == ["2026-03-04", "2026-03-03"]


@pytest.mark.parametrize("ref", [JEANNE, PAUL, CONTACT, WORKER])
def test_no_value_of_anybody_else_is_held(house, ref):
    own = {JEANNE: (), PAUL: ("Querkovitz", "Vrombault"), CONTACT: ("Zyxoline",), WORKER: ("Grimoire",)}[ref]
    held = repr([state.values for one in _gather(house, ref).records.values() for state in one.states])
    for word in OTHERS:
        assert (word in held) is (word in own), word


def test_what_is_withheld_is_noted_by_why_and_field(house):
    found = _by_contract(_gather(house, JEANNE))
    assert found["related_contact/1"][0].withheld[Showing.OTHERS] == {"last_name"}
    assert found["interaction/1"][0].withheld[Showing.RESERVED] == {"private_synthesis"}
    assert Showing.PROFESSIONAL in found["visit/1"][1].withheld
    assert Showing.UNDESCRIBED in found["visit/1"][1].withheld


def test_a_column_outside_the_contract_is_theirs_once_the_settings_describe_it_so(house):
    (_later, earlier) = _by_contract(_gather(house, JEANNE, {"visites": {"libre": ROUND}}))["visit/1"]
    assert earlier.latest.values["extra"] == {"Tournée": "Tapinois"}
    assert Showing.UNDESCRIBED not in earlier.withheld
    others = {"visites": {"libre": ExtraColumn(**{**_as_dict(ROUND), "subject": DataSubject.WORKER})}}
    (_later, earlier) = _by_contract(_gather(house, JEANNE, others))["visit/1"]
    assert "extra" not in earlier.latest.values


def _as_dict(column):
    return {name: getattr(column, name) for name in ("title", "subject", "sensitivity", "purposes")}


def test_a_row_that_was_set_aside_is_shown_as_received_where_it_could_not_be_read(house):
    house.send("gens", "b.csv", "id;nom;naissance;referent;nir;contact;contact_nom", "1;Martin;99/99/1950;p1;;;")
    (person,) = _by_contract(_gather(house, JEANNE))["person/1"]
    (unread,) = [state for state in person.states if state.as_received]
    assert unread.as_received == {"birth_date": "99/99/1950"}
    assert {code for code, _details in unread.reasons} == {"translate.date.impossible"}
    assert person.items


def test_a_trace_of_work_that_could_not_be_read_is_not_shown_as_received(house):
    later, _earlier = _by_contract(_gather(house, JEANNE))["visit/1"]
    assert later.items
    assert all("stamped_start" not in state.as_received for state in later.states)


def test_each_state_of_a_record_is_kept_once_and_the_latest_is_the_last_that_came(house):
    header = "id;nom;naissance;referent;nir;contact;contact_nom"
    house.send("gens", "b.csv", header, "1;Martin-Roux;01/02/1950;p1;250025912345678;;")
    house.send(
        "gens", "c.csv", header, "1;Martin-Roux;01/02/1950;p1;250025912345678;;", "2;Querkovitz;03/04/1951;p1;;;"
    )
    (person,) = _by_contract(_gather(house, JEANNE))["person/1"]
    assert len(person.states) == 2
    assert person.latest.values["birth_name"] == "Martin-Roux"
    assert len(person.latest.received) == 2


def test_a_professional_reads_their_traces_in_records_about_others(house):
    found = _by_contract(_gather(house, WORKER))
    assert found["professional/1"][0].is_own
    visits = found["visit/1"]
    assert not any(visit.is_own for visit in visits)
    assert sum("stamped_start" in visit.latest.values for visit in visits) == 2
    assert {name for visit in visits for name in visit.latest.values} == {"stamped_start"}
