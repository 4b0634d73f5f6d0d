"""Answers are recorded with who is known by them, and with their entry in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from old_software import open_people
from turned_clock import TurnedClock

from passerelle.engine.api.token_acts import TokenRequest, issue_token
from passerelle.engine.persons.consent_answers import (
    ACCEPT,
    REFUSE,
    WITHDRAW,
    AnswerParticulars,
    forget_answers,
    list_history,
    record_answers,
)
from passerelle.engine.runs.running import run_flows
from passerelle.engine.workspace.subject_references import read_references
from passerelle.vocabulary.errors import TransientError, UsageError

ANNE, NOBODY = "ancien:person:1", "ancien:person:9"
EVERYTHING = AnswerParticulars()


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, (1, "Essai", "Pro1")) as opened:
        run_flows(opened, ["personnes"])
        yield opened


def record(workspace, act, *refs, particulars=EVERYTHING):
    return record_answers(workspace, read_references(refs), particulars, act, who="essai")


def test_lines_of_unknown_and_of_like_looking_references_are_told(workspace):
    recorded = record(workspace, REFUSE, ANNE, NOBODY, "ancien:person:001")
    assert (recorded.met.count, recorded.met.known) == (3, 1)
    assert recorded.met.unknown_lines == (2, 3)
    assert recorded.met.alike_lines == (3,)


def test_each_answer_is_in_the_trail_with_its_purpose(workspace):
    record(workspace, REFUSE, ANNE, NOBODY, particulars=AnswerParticulars(purpose="steering"))
    forget_answers(workspace, read_references([ANNE]), who="essai")
    entries = workspace.journal.list_audit_entries()
    assert [(entry.action, entry.subject, entry.purpose) for entry in entries] == [
        ("consent.refuse", ANNE, "steering"),
        ("consent.refuse", NOBODY, "steering"),
        ("consent.forget", ANNE, "*"),
    ]


def test_an_acceptance_that_a_later_refusal_outweighs_is_told_by_its_line(workspace):
    tomorrow = replace(workspace, clock=TurnedClock(workspace.clock.now() + timedelta(days=1)))
    record(tomorrow, REFUSE, ANNE)  # by a clock that was ahead
    recorded = record(workspace, ACCEPT, NOBODY, ANNE)
    assert recorded.overruled_lines == (2,)
    assert record(workspace, REFUSE, ANNE).overruled_lines == ()


def test_forgetting_who_never_answered_leaves_no_trace(workspace):
    assert forget_answers(workspace, read_references([ANNE]), who="essai").ended == 0
    assert workspace.journal.list_audit_entries() == ()
    assert list_history(workspace, [ANNE]) == {ANNE: []}


def test_a_refusal_towards_one_flow_withholds_from_that_flow_alone(workspace):
    record(workspace, REFUSE, ANNE, particulars=AnswerParticulars(recipient="personnes"))
    now = workspace.clock.now()
    assert workspace.consents.find_answers("portability", [ANNE], now, recipients=("personnes",)) == {ANNE: False}
    assert workspace.consents.find_answers("portability", [ANNE], now, recipients=("autre",)) == {}


def test_a_withdrawal_names_the_flows_and_counts_as_a_refusal(workspace):
    record(workspace, ACCEPT, ANNE)
    recorded = record(workspace, WITHDRAW, ANNE, NOBODY)
    assert recorded.flows == ("personnes",)
    assert recorded.withdrawal is not None
    assert [(flow.flow, flow.withdrawn) for flow in recorded.withdrawal.flows] == [("personnes", 1)]
    assert workspace.consents.find_answers("support", [ANNE], workspace.clock.now()) == {ANNE: False}


def test_while_a_flow_runs_a_withdrawal_is_recorded_and_the_same_call_takes_the_rest_back(workspace):
    with workspace.journal.claim("personnes"), pytest.raises(TransientError):
        record(workspace, WITHDRAW, ANNE)
    assert workspace.consents.find_answers("support", [ANNE], workspace.clock.now()) == {ANNE: False}
    assert record(workspace, WITHDRAW, ANNE).withdrawal.withdrawn == 1


@pytest.mark.parametrize("wrong", [{"recipient": "personne"}, {"last_day": date(2001, 1, 1)}, {"proof": "nowhere"}])
def test_what_would_bind_nobody_is_refused_and_nothing_is_recorded(workspace, tmp_path, wrong):
    given = {key: tmp_path / value if key == "proof" else value for key, value in wrong.items()}
    with pytest.raises(UsageError):
        record(workspace, REFUSE, ANNE, particulars=AnswerParticulars(**given))
    assert list_history(workspace, [ANNE]) == {ANNE: []}


def test_an_answer_holds_to_the_end_of_its_last_day_in_france(workspace):
    record(workspace, ACCEPT, ANNE, particulars=AnswerParticulars(last_day=date(2999, 7, 1)))
    (said,) = list_history(workspace, [ANNE])[ANNE]
    assert said.statement.until is not None
    assert said.statement.until.isoformat() == "2999-07-01T22:00:00+00:00"


def test_a_refusal_may_be_towards_who_reads_through_the_api_with_a_token(workspace):
    asked = TokenRequest(client="agenda", contracts=("visit/1",), purposes=("planning",), days=9)
    issue_token(workspace, asked, why="agenda du service", who="essai")
    record(workspace, REFUSE, ANNE, particulars=AnswerParticulars(recipient="agenda"))
    now = workspace.clock.now()
    assert workspace.consents.find_answers("planning", [ANNE], now, recipients=("agenda",)) == {ANNE: False}
    assert workspace.consents.find_answers("planning", [ANNE], now, recipients=("personnes",)) == {}
