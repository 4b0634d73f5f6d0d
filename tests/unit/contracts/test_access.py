"""What somebody reads who asks for their own data: theirs, nobody else's, of professionals what the matrix allows."""

from __future__ import annotations

import pytest

from passerelle import contracts
from passerelle.contracts.access import ASKERS, Showing, find_showing, find_subject
from passerelle.contracts.field_meta import DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.release import NEVER, OPEN, find_release

PERSON, RELATED, WORKER = ASKERS.values()
EVERY = [
    (contract, name) for contract in map(contracts.get, contracts.catalogue()) for name in contract.describe_fields()
]


def _meta(contract, name):
    return contract.describe_fields()[name]


@pytest.mark.parametrize("asker", ASKERS.values())
def test_what_is_under_secrecy_or_described_by_nobody_is_shown_to_nobody(asker):
    secret = [(one, name) for one, name in EVERY if _meta(one, name).sensitivity is Sensitivity.SECRET]
    assert len(secret) >= 3
    assert {find_showing(one, name, asker) for one, name in secret} == {Showing.RESERVED}
    assert {find_showing(one, "extra", asker) for one, _name in EVERY} == {Showing.UNDESCRIBED}


def test_a_person_reads_of_professionals_what_the_matrix_lets_a_partner_of_their_support_have():
    of_workers = [(one, name) for one, name in EVERY if find_subject(one, name) is WORKER and name != "extra"]
    for one, name in of_workers:
        showing = find_showing(one, name, PERSON)
        release = find_release(one, name, Purpose.SUPPORT, RecipientKind.PARTNER)
        if release == NEVER:
            assert showing not in (Showing.OPEN, Showing.NUMBERED), (one, name)
        if showing is Showing.OPEN:
            assert release == OPEN
            assert _meta(one, name).sensitivity is Sensitivity.ORDINARY
    shown = {find_showing(one, name, PERSON) for one, name in of_workers}
    assert {Showing.NUMBERED, Showing.PROFESSIONAL} <= shown


def test_no_trace_of_work_and_nobody_s_name_but_their_own_is_read_by_a_person():
    for one, name in EVERY:
        if find_showing(one, name, PERSON) is Showing.OPEN:
            assert find_subject(one, name) is not RELATED
            assert _meta(one, name).sensitivity is not Sensitivity.SURVEILLANCE
            assert one.about.family not in ("related_contact", "professional")
    for family, name in (("note", "author"), ("document", "author"), ("interaction", "contact_person")):
        assert find_showing(contracts.get(f"{family}/1"), name, PERSON) is Showing.OTHERS


def test_a_professional_reads_their_own_data_traces_included_and_nothing_of_persons():
    visit = contracts.get("visit/1")
    assert find_showing(visit, "stamped_start", WORKER) is Showing.OPEN
    assert find_showing(visit, "comment", WORKER) is Showing.OTHERS
    for one, name in EVERY:
        if find_showing(one, name, WORKER) is Showing.OPEN:
            assert find_subject(one, name) is WORKER


def test_somebody_close_to_a_person_reads_their_own_record_alone():
    contact, person = contracts.get("related_contact/1"), contracts.get("person/1")
    assert find_showing(contact, "last_name", RELATED) is Showing.OPEN
    assert find_showing(contact, "person_ref", RELATED) is Showing.TECHNICAL
    assert find_showing(person, "birth_name", RELATED) is Showing.OTHERS


def test_numbers_of_a_professional_s_record_are_theirs_though_every_contract_has_the_field():
    assert find_subject(contracts.get("professional/1"), "identifiers") is WORKER
    assert find_subject(contracts.get("related_contact/1"), "identifiers") is RELATED
    assert find_subject(contracts.get("organisation/1"), "identifiers") is DataSubject.ORGANISATION
    assert find_subject(contracts.get("visit/1"), "identifiers") is PERSON


def test_a_field_that_no_contract_has_is_shown_to_nobody():
    assert find_showing(contracts.get("visit/1"), "invented", PERSON) is Showing.OTHERS
