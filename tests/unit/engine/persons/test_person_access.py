"""A request for access is answered from every store, after it was written into the trail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from access_house import CONTACT, FILES, JEANNE, WORKER, AccessHouse

from passerelle.contracts.field_meta import DataSubject
from passerelle.engine.persons.person_access import EXPORT, answer_access
from passerelle.engine.persons.person_erasing import erase_persons
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.runs.worker import run_flow
from passerelle.stores.consents import Statement
from passerelle.vocabulary.errors import UsageError


@pytest.fixture
def house(tmp_path) -> AccessHouse:
    return AccessHouse.filled(tmp_path)


def _answer(house, ref=JEANNE):
    with house.open() as workspace:
        return answer_access(workspace, ref, why="demande écrite", who="moi")


def test_nothing_is_opened_without_a_reason_and_the_act_stands_in_the_trail(house):
    with house.open() as workspace:
        with pytest.raises(UsageError):
            answer_access(workspace, JEANNE, why="oui", who="moi")
        assert workspace.journal.list_audit_entries() == ()
        answer_access(workspace, JEANNE, why="demande écrite", who="moi")
        (entry,) = workspace.journal.list_audit_entries()
    assert (entry.action, entry.subject, entry.who) == (EXPORT, JEANNE, "moi")
    assert entry.purpose


def test_records_files_rows_and_recipients_are_all_there(house):
    access = _answer(house)
    assert access.is_known
    assert access.asker is DataSubject.PERSON
    assert {record.contract for record in access.own_records} == {"person/1", "visit/1", "interaction/1"}
    assert {transfer.flow for transfer in access.transfers} == {"gens", "visites", "entretiens"}
    assert [(row.flow, row.is_readable) for row in access.waiting] == [("visites", True), ("entretiens", True)]
    assert {file.flow for file in access.files} == {"gens", "visites", "entretiens"}
    assert all(file.is_readable and file.until > file.received_at for file in access.files)


def test_a_row_that_was_replayed_and_waits_again_is_told_once(house):
    with house.open() as workspace:
        (row,) = workspace.quarantine.list_rows(flow="visites")
        replay_items(workspace, QuarantineSelection(flow="visites"))
        run_flow(workspace, "visites", run=workspace.journal.begin_run(["visites"], datetime.now(UTC)))
    waiting = [item for item in _answer(house).waiting if item.flow == "visites"]
    assert len(waiting) == 1
    assert waiting[0].number != row.id


def test_who_was_never_here_is_unknown_however_often_they_ask(house):
    for _time in range(2):
        access = _answer(house, "essai:person:77")
        assert not access.is_known
        assert (access.records, access.transfers, access.waiting, access.files) == ((), (), (), ())


def test_what_they_said_and_what_was_done_is_told_without_who_did_it(house):
    now = datetime.now(UTC)
    with house.open() as workspace:
        workspace.consents.append([Statement(subject=JEANNE, accepted=False, since=now)], now)
        workspace.journal.append_audit("quarantine.reveal", "quarantine 1 7", "corriger", now, "moi")
        workspace.journal.append_audit("quarantine.reveal", "quarantine 71", "corriger", now, "moi")
    access = _answer(house)
    assert [entry.statement.accepted for entry in access.statements] == [False]
    assert [act.action for act in access.acts] == ["quarantine.reveal"]
    assert [act.action for act in _answer(house).acts] == ["quarantine.reveal", EXPORT]


def test_a_contact_and_a_professional_can_ask_too(house):
    contact, worker = _answer(house, CONTACT), _answer(house, WORKER)
    assert [record.contract for record in contact.own_records] == ["related_contact/1"]
    assert worker.asker is DataSubject.WORKER
    assert {"professional/1", "visit/1"} == {record.contract for record in worker.own_records}
    assert worker.waiting
    assert all(transfer.may_object for transfer in worker.transfers)


def test_nobody_learns_from_their_own_answer_what_somebody_else_answered(house):
    now = datetime.now(UTC)
    with house.open() as workspace:
        workspace.consents.append([Statement(subject=JEANNE, accepted=False, since=now)], now)
    house.send("visites", "b.csv", FILES["visites"][0], "13;1;p1;05/03/2026 09:00;05/03/2026 09:01;Rien;")
    house.send("gens", "b.csv", FILES["gens"][0], FILES["gens"][1].replace("Martin", "Martine"))

    def list_reasons(ref):
        return {row.reason for row in _answer(house, ref).waiting if row.reason.startswith("gate.")}

    assert list_reasons(JEANNE) == {"gate.consent.refused"}
    assert list_reasons(WORKER) == {"gate.consent.others"}
    assert list_reasons(CONTACT) == {"gate.consent.others"}


def test_files_of_a_flow_that_left_the_settings_are_named_for_nothing_reads_them(house):
    text = house.path.read_text("utf-8")
    house.path.write_text(text[: text.index("[flow.equipe]")], "utf-8")
    assert _answer(house).lost_flows == ("equipe",)


def test_after_an_erasure_the_answer_is_that_nothing_is_known(house):
    with house.open() as workspace:
        erase_persons(workspace, [JEANNE], why="demande écrite", who="moi")
    access = _answer(house)
    assert (access.is_known, access.records, access.files, access.waiting) == (False, (), (), ())


def test_an_erasure_of_a_contact_reaches_their_own_record(house):
    with house.open() as workspace:
        erased = erase_persons(workspace, [CONTACT], why="demande écrite", who="moi")
    assert sum(flow.withdrawn for flow in erased.flows) == 1
    assert not _answer(house, CONTACT).is_known
