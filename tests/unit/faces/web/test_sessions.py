"""Links open once and soon, sessions end by themselves, and a clock that is set back keeps none alive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from turned_clock import TurnedClock
from workbench_room import PLUGINS, SETTINGS, settle_in

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.faces.web.rights import Role, Visitor
from passerelle.faces.web.sessions import IDLE_TIME, LINK_TIME, LONGEST, Doorkeeper

MARIE = Visitor("marie", frozenset({Role.READER}))
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(NOW)


@pytest.fixture
def doorkeeper(clock) -> Doorkeeper:
    return Doorkeeper(clock)


def test_a_link_opens_once(doorkeeper):
    link = doorkeeper.issue_link(MARIE)
    token = doorkeeper.open_session(link)
    assert doorkeeper.find_session(token).visitor == MARIE
    assert doorkeeper.open_session(link) == ""
    assert doorkeeper.find_session(link) is None


def test_a_new_link_closes_the_one_before(doorkeeper):
    before, after = doorkeeper.issue_link(MARIE), doorkeeper.issue_link(MARIE)
    assert doorkeeper.open_session(before) == ""
    assert doorkeeper.open_session(after)


@pytest.mark.parametrize("shift", [LINK_TIME, timedelta(seconds=-1)])
def test_a_link_is_good_for_some_minutes_and_not_before_it_was_made(doorkeeper, clock, shift):
    link = doorkeeper.issue_link(MARIE)
    clock.moment += shift
    assert doorkeeper.open_session(link) == ""


def test_a_session_ends_when_nothing_is_done(doorkeeper, clock):
    token = doorkeeper.open_session(doorkeeper.issue_link(MARIE))
    clock.moment += IDLE_TIME - timedelta(seconds=1)
    assert doorkeeper.find_session(token)
    clock.moment += IDLE_TIME
    assert doorkeeper.find_session(token) is None


def test_a_session_ends_after_a_day_of_work_however_busy(doorkeeper, clock):
    token = doorkeeper.open_session(doorkeeper.issue_link(MARIE))
    while clock.moment < NOW + LONGEST - IDLE_TIME / 2:
        clock.moment += IDLE_TIME / 2
        assert doorkeeper.find_session(token) or clock.moment >= NOW + LONGEST
    clock.moment = NOW + LONGEST
    assert doorkeeper.find_session(token) is None


def test_a_clock_set_back_ends_sessions(doorkeeper, clock):
    token = doorkeeper.open_session(doorkeeper.issue_link(MARIE))
    clock.moment -= timedelta(seconds=1)
    assert doorkeeper.find_session(token) is None
    clock.moment = NOW
    assert doorkeeper.find_session(token) is None


def test_nobody_tries_links_without_end(doorkeeper, clock):
    assert [doorkeeper.may_try() for _try in range(12)] == [True] * 10 + [False] * 2
    clock.moment += timedelta(minutes=2)
    assert doorkeeper.may_try()


def test_neither_keys_nor_tokens_are_in_a_repr(doorkeeper):
    token = doorkeeper.open_session(doorkeeper.issue_link(MARIE))
    session = doorkeeper.find_session(token)
    assert session.form_key not in repr(session)
    assert token not in repr(vars(doorkeeper))


def test_whoever_guesses_locks_out_neither_another_address_nor_another_name(doorkeeper, clock):
    assert [doorkeeper.may_sign_in("marie", "192.0.2.1") for _try in range(99)] == [True] * 5 + [False] * 94
    assert doorkeeper.may_sign_in("marie", "192.0.2.2")
    assert doorkeeper.may_sign_in("ali", "192.0.2.1")
    tried = [doorkeeper.may_sign_in(f"nom {nth}", "192.0.2.1") for nth in range(40)]
    assert tried == [True] * 24 + [False] * 16
    assert doorkeeper.may_sign_in("ali", "192.0.2.3")
    clock.moment += timedelta(minutes=2)
    assert doorkeeper.may_sign_in("marie", "192.0.2.1")


def test_a_name_that_many_addresses_try_is_shut_for_a_while(doorkeeper):
    tried = [doorkeeper.may_sign_in("marie", f"192.0.2.{nth}") for nth in range(35)]
    assert tried == [True] * 30 + [False] * 5


def test_a_kept_session_ends_as_one_in_memory_does(clock, tmp_path):
    with open_workspace(load_settings(settle_in(tmp_path, SETTINGS)), plugins=PLUGINS) as workspace:
        make_keeper = lambda: Doorkeeper(clock, book=workspace.journal)  # noqa: E731  said once
        token = make_keeper().open_account(MARIE, 7)
        assert make_keeper().restore_session(token, lambda _number: MARIE).account == 7
        assert make_keeper().restore_session("autre", lambda _number: MARIE) is None
        clock.moment += IDLE_TIME
        assert make_keeper().restore_session(token, lambda _number: MARIE) is None
        keeper = make_keeper()
        token = keeper.open_account(MARIE, 7)
        clock.moment += timedelta(minutes=5)
        keeper.note_seen(token, keeper.find_session(token))
        clock.moment -= timedelta(seconds=1)
        assert keeper.find_session(token) is None
        clock.moment += timedelta(seconds=1)
        assert keeper.restore_session(token, lambda _number: MARIE) is None
        assert make_keeper().restore_session(token, lambda _number: MARIE) is None
