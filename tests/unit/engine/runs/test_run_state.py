"""How a run ended is what its flows need most urgently; what only foretells an end needs nobody today."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passerelle.engine.runs.run_state import RunState, find_balance_state, find_exit_code, find_flows_state, is_pressing
from passerelle.engine.runs.worker import FlowOutcome
from passerelle.stores.notices import Notice
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Balance, Fate

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
BOOKS = Balance(1, {Fate.DELIVERED: 1})
CERTIFICATE, LATE = "certificate.source.ends", "silence.flow.late"


def make(**more):
    if notice := more.pop("notice", None):
        more["notices"] = (Notice("un", notice, NOW, NOW, {}),)
    return FlowOutcome("un", **{"balance": BOOKS, **more})


@pytest.mark.parametrize(
    ("flows", "state"),
    [
        ([], RunState.SETTLED),
        ([make()], RunState.SETTLED),
        ([make(notice=CERTIFICATE)], RunState.SETTLED),
        ([make(notice=LATE)], RunState.ASIDE),
        ([make(notice=CERTIFICATE), make(parked=1)], RunState.ASIDE),
        ([make(parked=1), make(waiting=1)], RunState.WAITING),
        ([make(waiting=1), make(suspended="incident.folder.lost")], RunState.SUSPENDED),
        ([make(suspended="incident.folder.lost"), make(failure=FatalError("incident.flow.fault"))], RunState.STOPPED),
        ([make(balance=Balance(1, {Fate.REJECTED: 1}))], RunState.ASIDE),
    ],
)
def test_the_most_pressing_thing_decides(flows, state):
    assert find_flows_state(flows) is state


def test_what_is_withheld_on_purpose_needs_nobody():
    assert find_balance_state(Balance(1, {Fate.WITHHELD: 1})) is RunState.SETTLED
    assert find_balance_state(Balance(1, {Fate.UNKNOWN: 1})) is RunState.ASIDE


@pytest.mark.parametrize(
    ("code", "pressing"), [(CERTIFICATE, False), ("certificate.destination.ends", False), (LATE, True)]
)
def test_only_the_end_of_a_certificate_can_wait(code, pressing):
    assert is_pressing(code) is pressing


@pytest.mark.parametrize(("word", "code"), [("settled", 0), ("faulty", 3), ("usage", 64), ("waiting", 75), ("", None)])
def test_the_word_in_the_journal_has_its_code(word, code):
    assert find_exit_code(word) == code
