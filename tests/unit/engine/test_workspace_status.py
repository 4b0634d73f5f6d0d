"""The state of a workspace: of each flow that is asked for its books and what it waits for, before any run too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from people_flow import open_people, run_people, settle_people

from passerelle.engine.workspace_status import read_status
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
