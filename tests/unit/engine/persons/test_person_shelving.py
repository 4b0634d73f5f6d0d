"""After an erasure or a refusal nothing of the person opens on a shelf, and readers learn what to drop (law 8)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import polars as pl
import pytest
from person_acts import CANARY, PersonHouse
from shelving import Reader
from sqlalchemy import select
from turned_clock import TurnedClock

from passerelle.engine.api.event_sending import RUN, SERVER, notify_subscribers
from passerelle.engine.persons.consent_answers import (
    ACCEPT,
    REFUSE,
    WITHDRAW,
    AnswerParticulars,
    forget_answers,
    record_answers,
)
from passerelle.engine.persons.person_erasing import erase_persons
from passerelle.engine.persons.person_shelving import renew_on_shelves, renew_under_rules
from passerelle.engine.persons.person_withdrawing import withdraw_person
from passerelle.engine.runs.housekeeping import tidy
from passerelle.engine.workspace.subject_references import read_references
from passerelle.stores.database import open_reader
from passerelle.stores.settlement import ShelfEntries
from passerelle.stores.shelf_schema import shelf_body
from passerelle.vocabulary.errors import FatalError, ParcelError
from passerelle.vocabulary.failpoints import SHELF_FAILPOINTS, VARIABLE
from passerelle.vocabulary.shelf import RemovalCause

REF = "essai:person:1"


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    house = PersonHouse(tmp_path)
    text = house.path.read_text("utf-8")
    for destination in ('"base.db" }\n', '"sorties" }\n'):
        text = text.replace(destination, f"{destination}shelf = {{ days = 400 }}\n")
    house.path.write_text(text, "utf-8")
    house.fill()
    house.send_needs(f"10;1;Autre aide de {CANARY}", name="suite.csv")  # the state before stays in its segment
    return house


def _read_all(house) -> dict[str, dict[str, bytes]]:
    with house.open() as workspace:
        return {one.contract: Reader(workspace.shelf, one).finish() for one in workspace.shelf.list_scopes()}


def _open_segments(house) -> bytes:
    """Return everything that segments hold, the replaced states too, as far as they open."""
    found = []
    with house.open() as workspace:
        with open_reader(workspace.shelf._engine) as connection:
            rows = connection.execute(select(shelf_body)).all()
        for row in rows:
            try:
                content = workspace.seal.open(row.body, about=f"shelf/{row.scope_id}/{row.first}".encode())
            except FatalError:
                continue
            found += [cell for cell in pl.read_ipc_stream(BytesIO(content)).row(0) if isinstance(cell, bytes)]
    return b"".join(found)


def _erase(house) -> int:
    with house.open() as workspace:
        return erase_persons(workspace, [REF], why="asked in writing", who="somebody").shelved


def _list_causes(house) -> dict[str, RemovalCause]:
    with house.open() as workspace:
        changes = [
            change
            for scope in workspace.shelf.list_scopes()
            for change in workspace.shelf.read_changes(scope, 0, 100)
            if change.record is None
        ]
    return {change.ref: change.cause for change in changes}


def test_what_is_erased_is_nowhere_and_readers_are_told(house):
    with house.open() as workspace:
        readers = [Reader(workspace.shelf, scope) for scope in workspace.shelf.list_scopes()]
        for reader in readers:
            reader.finish()
    assert CANARY.encode() in _open_segments(house)
    house.copy_state()
    assert _erase(house) == 3
    assert _list_causes(house) == dict.fromkeys((REF, "essai:need:10", "essai:need:12"), RemovalCause.ERASED)
    with house.open() as workspace:
        for reader in readers:
            reader.shelf = workspace.shelf
            reader.finish()
    assert sorted(ref for reader in readers for ref in reader.has) == sorted(
        ref for records in _read_all(house).values() for ref in records
    )
    assert CANARY.encode() not in _open_segments(house)
    files = [path for path in house.folder.glob("etat*/**/*") if path.is_file()]
    assert len(files) > 3
    assert [path.name for path in files if CANARY.encode() in path.read_bytes()] == []
    house.put_back()
    opened = _open_segments(house)
    assert CANARY.encode() not in opened, "nor in a copy made before"


def test_what_a_person_refuses_is_taken_off_the_shelves_of_these_flows_alone(house):
    with house.open() as workspace:
        withdraw_person(workspace, [REF], ["billing"], who="somebody")
    assert _list_causes(house) == {}
    with house.open() as workspace:
        withdraw_person(workspace, [REF], ["support"], who="somebody")
    assert set(_list_causes(house).values()) == {RemovalCause.REFUSED}
    assert REF not in _read_all(house)["person/1"]
    assert CANARY.encode() not in _open_segments(house)


def test_others_stay_as_they_are(house):
    before = _read_all(house)
    _erase(house)
    after = _read_all(house)
    for contract, records in before.items():
        kept = {ref: line for ref, line in records.items() if CANARY.encode() not in line}
        assert after[contract] == kept


@pytest.mark.parametrize("place", [*SHELF_FAILPOINTS, "shelf.written:2", "shelf.committed:2", "person.shelved"])
def test_an_erasure_that_was_killed_is_finished_by_the_same_command(house, place):
    line = [sys.executable, "-m", "passerelle.faces.cli.main", "person", "erase", REF, "--why", "asked in writing"]
    environment = {**os.environ, "PASSERELLE_LANG": "en"}
    killed = subprocess.run(
        line, cwd=house.folder, env={**environment, VARIABLE: place}, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    done = subprocess.run(line, cwd=house.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert _list_causes(house) == dict.fromkeys((REF, "essai:need:10", "essai:need:12"), RemovalCause.ERASED)
    assert CANARY.encode() not in _open_segments(house)


def test_a_flow_that_gives_its_shelf_up_is_emptied_at_the_end_of_a_run(house):
    text = house.path.read_text("utf-8").replace("shelf = { days = 400 }\n", "", 1)
    house.path.write_text(text, "utf-8")
    with house.open() as workspace:
        tidy(workspace)
        assert [scope.flow for scope in workspace.shelf.list_scopes()] == ["suivis"]


def _keep_for_a_day(house) -> None:
    house.path.write_text(house.path.read_text("utf-8").replace("days = 400", "days = 1"), "utf-8")


def test_what_was_kept_long_enough_goes_at_the_end_of_a_run(house):
    _keep_for_a_day(house)
    with house.open() as workspace:
        tidy(workspace)
        assert len(_list_states(workspace)) == 2
        tidy(replace(workspace, clock=TurnedClock(workspace.clock.now() + timedelta(2))))
        assert set(_list_states(workspace).values()) == {0}
    assert set(_list_causes(house).values()) == {RemovalCause.EXPIRED}
    assert CANARY.encode() not in _open_segments(house)


def _list_states(workspace) -> dict[str, int]:
    return {state.flow: state.records for state in workspace.shelf.list_states()}


def test_a_shelf_that_does_not_open_is_told_and_the_others_are_tidied(house):
    _keep_for_a_day(house)
    with house.open() as workspace:
        with open_reader(workspace.shelf._engine) as connection:
            first = connection.execute(select(shelf_body).order_by(shelf_body.c.scope_id)).first()
        workspace.seal.destroy([first.body])
        tidy(replace(workspace, clock=TurnedClock(workspace.clock.now() + timedelta(2))))
        notices = {(notice.flow, notice.code) for notice in workspace.journal.list_notices()}
        assert ("gens", "incident.shelf.damaged") in notices
        assert ("suivis", "incident.shelf.damaged") not in notices
        assert _list_states(workspace)["suivis"] == 0
        workspace.shelf.empty("gens")
        tidy(workspace)


def _read_later(workspace, ends) -> dict[str, tuple[str, bool]]:
    """Return by ref what stands on the shelves behind these ends: its flow, and whether it is there."""
    return {
        change.ref: (scope.flow, change.record is not None)
        for scope in workspace.shelf.list_scopes()
        for change in workspace.shelf.read_changes(scope, ends[scope.flow, scope.contract], 100)
    }


def _find_ends(workspace) -> dict[tuple[str, str], int]:
    return {(scope.flow, scope.contract): scope.last for scope in workspace.shelf.list_scopes()}


def test_who_follows_a_shelf_comes_by_the_records_of_a_person_whose_answer_changed(house):
    before = _read_all(house)
    with house.open() as workspace:
        moments = [state.records for state in workspace.shelf.list_states()]
        for answer in (REFUSE, ACCEPT, ""):
            ends = _find_ends(workspace)
            typed = read_references([REF])
            if answer:
                record_answers(workspace, typed, AnswerParticulars(), answer, who="somebody")
            else:
                forget_answers(workspace, typed, who="somebody")
            later = _read_later(workspace, ends)
            assert later[REF] == ("gens", True)
            assert ("suivis", True) in later.values(), "what is about the person too"
            assert "essai:person:2" not in later
        assert [state.records for state in workspace.shelf.list_states()] == moments
    assert _read_all(house) == before


def test_an_answer_keeps_no_record_longer(house):
    with house.open() as workspace:
        scopes = workspace.shelf.list_scopes()
        settled = {one.ref: one.at for scope in scopes for one in workspace.shelf.read_changes(scope, 0, 100)}
    with house.open() as workspace:
        later = replace(workspace, clock=TurnedClock(workspace.clock.now() + timedelta(days=30)))
        record_answers(later, read_references([REF]), AnswerParticulars(), REFUSE, who="somebody")
        scopes = workspace.shelf.list_scopes()
        assert {one.ref: one.at for scope in scopes for one in workspace.shelf.read_changes(scope, 0, 100)} == settled


def test_what_is_withdrawn_is_told_once(house):
    with house.open() as workspace:
        ends = _find_ends(workspace)
        record_answers(workspace, read_references([REF]), AnswerParticulars(), WITHDRAW, who="somebody")
        later = _read_later(workspace, ends)
        assert later[REF] == ("gens", False)
        count = sum(scope.last - ends[scope.flow, scope.contract] for scope in workspace.shelf.list_scopes())
        assert count == len(later)


def test_an_answer_that_ends_brings_followers_by_once_and_one_that_was_cut_off_again(house, monkeypatch):
    def cut(*_arguments):
        raise ParcelError("incident.shelf.damaged")

    with house.open() as workspace:
        last_day = (workspace.clock.now() + timedelta(days=2)).date()
        with monkeypatch.context() as patch:
            patch.setattr(type(workspace.shelf), "renew", cut)
            record_answers(
                workspace, read_references([REF]), AnswerParticulars(last_day=last_day), REFUSE, who="somebody"
            )
        ends = _find_ends(workspace)
        assert renew_on_shelves(workspace) > 0, "what was cut off is due"
        assert _read_later(workspace, ends)[REF] == ("gens", True)
        assert renew_on_shelves(workspace) == 0
        later = replace(workspace, clock=TurnedClock(workspace.clock.now() + timedelta(days=4)))
        ends = _find_ends(workspace)
        assert notify_subscribers(later).failed == 0
        assert set(_read_later(workspace, ends)) == {REF, "essai:need:10", "essai:need:12"}
        assert renew_on_shelves(later) == 0


def test_whoever_a_record_names_counts_when_followers_are_brought_by(house):
    record = b'{"ref":"essai:visit:1","person_ref":"essai:person:1","professional_ref":"essai:professional:9"}'
    with house.open() as workspace:
        key = workspace.seal.pseudonymise("ref", "essai:visit:1")
        workspace.shelf.put(
            "suivis",
            [ShelfEntries("visit/1", "support", key, ["essai:visit:1"], [1], [record])],
            workspace.clock.now(),
        )
        ends = _find_ends(workspace)
        typed = read_references(["essai:professional:9"])
        record_answers(workspace, typed, AnswerParticulars(), REFUSE, who="somebody")
        assert set(_read_later(workspace, ends)) == {"essai:visit:1"}


def _ask_for_acceptance(house) -> None:
    text = house.path.read_text("utf-8").replace("[flow.gens]\n", '[flow.gens]\nconsent = "required"\n')
    house.path.write_text(text, "utf-8")


def test_a_rule_of_consent_that_changed_brings_followers_by_all_records_of_its_flow_once(house):
    with house.open() as workspace:
        assert notify_subscribers(workspace).failed == 0
        ends = _find_ends(workspace)
        assert notify_subscribers(workspace).failed == 0
        assert _find_ends(workspace) == ends, "the first run under a rule notes it"
    _ask_for_acceptance(house)
    before = _read_all(house)
    with house.open() as workspace:
        assert notify_subscribers(workspace).failed == 0
        later = _read_later(workspace, ends)
        assert later == dict.fromkeys(before["person/1"], ("gens", True))
        ends = _find_ends(workspace)
        assert notify_subscribers(workspace).failed == 0
        assert _find_ends(workspace) == ends
    assert _read_all(house) == before


def test_a_server_that_read_the_older_rule_brings_followers_by_when_it_begins_anew(house):
    with house.open() as workspace:
        for reader in (RUN, SERVER):
            assert renew_under_rules(workspace, reader) == 0
        older = workspace.settings
    _ask_for_acceptance(house)
    with house.open() as workspace:
        count = renew_under_rules(workspace, RUN)
        assert count > 0
        # it goes on by the settings that it read, and brings nobody back
        assert renew_under_rules(replace(workspace, settings=older), SERVER) == 0
        assert renew_under_rules(workspace, SERVER) == count
        assert renew_under_rules(workspace, RUN) == 0


def test_a_change_of_rule_that_was_cut_off_is_due_again(house, monkeypatch):
    def cut(*_arguments):
        raise ParcelError("incident.shelf.damaged")

    with house.open() as workspace:
        renew_under_rules(workspace, RUN)
    _ask_for_acceptance(house)
    with house.open() as workspace:
        with monkeypatch.context() as patch:
            patch.setattr(type(workspace.shelf), "renew", cut)
            assert notify_subscribers(workspace).failed == 1
        assert renew_under_rules(workspace, RUN) > 0
