"""After an erasure nothing opens to the person: here, at recipients, and in copies of the state taken before."""

from __future__ import annotations

import stat

import pytest
from person_acts import CANARY, FOLDER, PersonHouse

from passerelle.engine.decisions.parcel_acts import drop_parcel
from passerelle.engine.persons.person_erasing import erase_persons
from passerelle.engine.persons.person_withdrawing import WITHDRAW
from passerelle.engine.persons.subject_lookup import find_known_subjects
from passerelle.engine.runs.taking_again import ParcelChoice, take_again
from passerelle.stores.parcels import ParcelState
from passerelle.vocabulary.errors import FlowError, TransientError, UsageError

REF = "essai:person:1"


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    return PersonHouse.filled(tmp_path)


def erase(house, *refs: str, why: str = "asked in writing"):
    with house.open() as workspace:
        return erase_persons(workspace, refs or [REF], why=why, who="somebody")


def test_everything_is_reached_and_counted(house):
    with house.open() as workspace:
        workspace.journal.append_audit("person.show", REF, f"{CANARY} asked", workspace.clock.now(), "somebody")
        workspace.consents.record(REF, "steering", True, workspace.clock.now())
        workspace.consents.record(REF, "billing", False, workspace.clock.now())
        workspace.journal.append_audit("person.find", f"essai:person:77 {REF}", "", workspace.clock.now(), "somebody")
    erased = erase(house)
    assert (erased.known, erased.items, erased.deposits, erased.entries, erased.answers) == (3, 1, 3, 2, 1)
    assert {flow.flow: flow.withdrawn for flow in erased.flows} == {"gens": 1, "suivis": 2}
    assert erased.is_finished
    assert erased.list_file is None
    opened = house.open_all()
    assert CANARY.encode() not in opened
    assert REF.encode() not in opened
    with house.open() as workspace:
        now = workspace.clock.now()
        assert workspace.consents.find_answers("steering", [REF], now) == {}
        assert workspace.consents.find_answers("billing", [REF], now) == {REF: False}, "a refusal still binds"
        assert find_known_subjects(workspace, [REF], {}).flows == {}
        assert find_known_subjects(workspace, ["essai:person:01"], {}).alike == frozenset()


def test_flows_that_may_send_nothing_any_more_keep_nobody_from_being_erased(house):
    house.forbid_all()
    with house.open() as workspace, pytest.raises(FlowError), workspace.open_flow("gens"):
        pass
    with house.open() as workspace, pytest.raises(FlowError), workspace.open_flow("suivis"):
        pass
    erased = erase(house)
    assert erased.is_finished
    assert (erased.items, erased.deposits) == (1, 3)
    assert CANARY.encode() not in house.open_all()


def test_a_copy_of_the_state_taken_before_opens_nothing_of_the_person_and_all_of_the_others(house):
    house.copy_state()
    assert CANARY.encode() in house.open_all()
    erase(house)
    house.put_back()
    opened = house.open_all()
    assert CANARY.encode() not in opened
    assert REF.encode() not in opened
    assert b"MARTIN" in opened


def test_what_was_superseded_before_the_erasure_opens_from_no_copy_either(house):
    house.copy_state()
    # the same faulty row in a later file takes the place of the first one in quarantine
    house.send_people(f"1;{CANARY}-FAUX;99/99/1950", "4;SEUL;01/01/1960", name="c.csv")
    erase(house)
    house.put_back()
    assert CANARY.encode() not in house.open_all()


def test_no_byte_of_the_person_is_left_in_a_file_of_state_or_keyring(house):
    erase(house)
    for folder in ("etat", "etat-trousseau"):
        for path in (house.folder / folder).rglob("*"):
            if path.is_file():
                assert CANARY.encode() not in path.read_bytes(), path.name


def test_the_record_of_the_act_names_nobody(house):
    erase(house)
    with house.open() as workspace:
        entry = workspace.journal.list_audit_entries()[-1]
        assert (entry.action, entry.subject, entry.why) == ("person.erase", "1", "asked in writing")
        assert workspace.journal.list_acts() == ()


def test_a_reference_that_is_known_nowhere_is_told_and_nothing_is_erased(house):
    with pytest.raises(UsageError) as caught:
        erase(house, REF, "essai:person:99", "Dupont Jean")
    assert caught.value.code == "usage.person.unknown"
    assert caught.value.details == {"count": "2", "known": "1", "places": "2, 3"}
    assert REF in house.list_people()
    with house.open() as workspace:
        assert workspace.journal.list_acts() == ()


def test_a_withdrawal_that_is_under_way_makes_nobody_known(house):
    with house.open() as workspace:
        now = workspace.clock.now()
        workspace.journal.begin_act(WITHDRAW, ["essai:person:99"], why="asked in writing", who="somebody", now=now)
    with pytest.raises(UsageError) as caught:
        erase(house, "essai:person:99")
    assert caught.value.code == "usage.person.unknown"


@pytest.mark.parametrize(
    ("refs", "why", "code"), [([], "two words", "usage.references.none"), ([REF], "x", "usage.reveal.unexplained")]
)
def test_without_a_reference_or_a_reason_nothing_begins(house, refs, why, code):
    with house.open() as workspace, pytest.raises(UsageError) as caught:
        erase_persons(workspace, refs, why=why, who="somebody")
    assert caught.value.code == code


def test_several_persons_go_together(house):
    erased = erase(house, REF, "essai:person:2")
    assert erased.persons == 2
    assert house.list_people() == ["essai:person:3"]
    assert b"MARTIN" not in house.open_all()


def test_a_person_who_was_only_set_aside_is_known_and_erased(house):
    house.send_people("7;JAMAIS;99/99/1990", name="d.csv")
    erased = erase(house, "essai:person:7")
    assert (erased.items, erased.known) == (1, 0)
    assert b"JAMAIS" not in house.open_all()


def test_a_file_that_is_not_finished_keeps_the_erasure_from_its_end_and_the_same_call_ends_it(house):
    with house.open() as workspace:
        row = workspace.journal.list_parcels("gens")[0]
        (stopped,) = workspace.journal.list_parcels("suivis")
        assert row.state == ParcelState.DONE
    (house.folder / "entrees" / "gens" / "e.csv").write_text(f"id;nom\n1;{CANARY}\n8;AUTRE\n", "utf-8")
    with house.open() as workspace:
        take_again(workspace, "suivis", ParcelChoice(digests=(stopped.digest,)), who="somebody")
    erased = erase(house)
    assert erased.held == (stopped.digest,)
    assert not erased.is_finished
    with house.open() as workspace:
        assert len(workspace.journal.list_acts()) == 1
        (waiting,) = [one for one in workspace.journal.list_parcels("suivis") if one.state == ParcelState.OPEN]
        drop_parcel(workspace, "suivis", waiting.key, why="it holds her", who="somebody")
    assert erase(house).is_finished
    assert CANARY.encode() not in house.open_all()


def test_what_a_recipient_cannot_delete_is_in_a_dated_list_for_its_owner_alone(tmp_path):
    layout = FOLDER + ', layout = "gens"'
    house = PersonHouse(tmp_path, people=layout)
    house.send_people(f"1;{CANARY};01/02/1950", "2;MARTIN;03/04/1951")
    erased = erase(house)
    assert [len(flow.remaining) for flow in erased.flows] == [1]
    assert stat.S_IMODE(erased.list_file.stat().st_mode) == 0o600
    header, line = erased.list_file.read_text("utf-8-sig").splitlines()
    assert header == "flow;contract;ref;id;reason;day"
    assert line.startswith(f"gens;person/1;{house.to_outside('gens', [REF])[0]};;whole.deletion.impossible;")
    assert erased.is_finished


def test_while_a_flow_runs_nothing_is_erased(house):
    busy = pytest.raises(TransientError)
    with house.open() as workspace, workspace.journal.claim("gens"), house.open() as other, busy:
        erase_persons(other, [REF], why="asked in writing", who="somebody")
    assert REF in house.list_people()


def test_an_erased_person_who_comes_again_is_new(house):
    erase(house)
    assert house.send_people(f"1;{CANARY};01/02/1950", name="f.csv").balance.fates == {"delivered": 1}
    assert REF in house.list_people()
