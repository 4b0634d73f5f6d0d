"""The state of a workspace: of each flow that is asked for its books and what it waits for, before any run too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from people_flow import open_people, run_people, settle_people

from passerelle.engine.health.workspace_status import WaitingRecords, find_first_day, read_status
from passerelle.stores.quarantine_causes import QuarantineCause
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.outcomes import Fate

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return settle_people(tmp_path)


def test_before_the_first_run_there_is_a_flow_and_nothing_else(path):
    with open_people(path) as workspace:
        status = read_status(workspace)
    (flow,) = status.flows
    assert (status.last_run, status.has_suspended, flow.suspended) == (None, False, "")
    assert (flow.parcels, dict(flow.causes), flow.balance.received) == ((), {}, 0)


def test_the_books_of_all_parcels_add_up_since_the_beginning(path):
    run_people(path, "1.csv", ("1", "ALPHA", ""), ("2", "BETA", ""))
    run_people(path, "2.csv", ("1", "ALPHA", ""), ("3", "GAMMA", ""))
    with open_people(path) as workspace:
        status = read_status(workspace, ["un"])
    (flow,) = status.flows
    assert (flow.balance.received, flow.balance.fates) == (4, {Fate.DELIVERED: 3, Fate.UNCHANGED: 1})
    assert flow.balance.adds_up
    assert len(flow.parcels) == 2
    assert status.last_run.id == 2


def test_a_flow_that_waits_for_somebody_is_told_with_its_reason(path):
    with open_people(path) as workspace:
        workspace.journal.suspend("un", "incident.access.refused", NOW)
        status = read_status(workspace)
    assert (status.has_suspended, status.flows[0].suspended) == (True, "incident.access.refused")


def test_a_flow_that_is_not_in_the_settings_is_a_mistake_of_whoever_asks(path):
    with open_people(path) as workspace, pytest.raises(UsageError):
        read_status(workspace, ["un", "deux"])


def test_what_is_withheld_on_purpose_waits_for_nobody():
    causes = [QuarantineCause("un", fate, "x", "", "", "", "", 3) for fate in (Fate.REJECTED, Fate.WITHHELD)]
    waiting = WaitingRecords(causes)
    assert (waiting.count, waiting.withheld, waiting.oldest) == (3, 3, None)


def test_a_flow_tells_its_own_last_run_arrival_and_days(path):
    run_people(path, "1.csv", ("1", "ALPHA", ""), ("", "BETA", ""))
    with open_people(path) as workspace:
        other = workspace.journal.begin_run(["autre", "un-de-plus"], workspace.clock.now())
        (flow,) = read_status(workspace).flows
        assert flow.last_run.id == other - 1
        assert flow.last_arrival == flow.parcels[0].received_at
        (day,) = flow.days
        assert (day.balance, flow.waiting.count) == (flow.balance, flow.balance.aside)
        assert flow.waiting.oldest >= flow.last_arrival
        workspace.journal.note_away("un", "source", NOW)
        assert read_status(workspace).flows[0].away == {"source": NOW}


def test_the_first_of_thirty_days_is_twenty_nine_days_ago():
    assert find_first_day(NOW, 30) == datetime(2026, 11, 1, tzinfo=UTC)
    assert find_first_day(NOW, 1) == datetime(2026, 11, 30, tzinfo=UTC)
