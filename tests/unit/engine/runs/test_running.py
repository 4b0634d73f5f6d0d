"""What every face calls to run flows, to let one go on, and to see how they stand."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from old_software import ONE_FLOW, PEOPLE, open_people

from passerelle.engine.health.workspace_status import read_status
from passerelle.engine.runs.run_state import RunState
from passerelle.engine.runs.running import resume_flow, run_flows, select_flows
from passerelle.vocabulary.errors import UsageError

SETTINGS = f"""{ONE_FLOW}[flow.arretes]
enabled = false
connector = "{PEOPLE}"
purpose = "portability"
source = {{ kind = "folder", path = "arretes", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties" }}
"""


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, (1, "Essai", "P1"), (2, "Témoin", "P1"), settings=SETTINGS) as opened:
        yield opened


def test_without_names_enabled_flows_run_and_a_named_one_runs_once_enabled_or_not(workspace):
    assert select_flows(workspace.settings, ()) == ["personnes"]
    assert select_flows(workspace.settings, ("arretes", "personnes", "arretes")) == ["arretes", "personnes"]
    with pytest.raises(UsageError):
        select_flows(workspace.settings, ("inconnu",))


def test_a_run_is_reported_watched_and_kept_in_the_journal(workspace):
    steps, open_while = [], []

    @contextmanager
    def watch():
        open_while.append("entered")
        yield steps.append
        open_while.append(len(workspace.journal.list_runs(1)))

    report = run_flows(workspace, ["personnes"], watch=watch())
    assert report.state is RunState.SETTLED
    assert [outcome.balance.received for outcome in report.outcomes] == [2]
    assert open_while == ["entered", 1]
    assert steps[-1].rows == 2
    status = read_status(workspace)
    assert (status.last_run.id, status.last_run.outcome) == (report.run, "settled")
    assert {flow.settings.name: flow.balance.received for flow in status.flows} == {"personnes": 2, "arretes": 0}


def test_a_run_that_breaks_on_what_was_typed_ends_as_usage(workspace):
    with pytest.raises(UsageError):
        run_flows(workspace, ["personnes", "inconnu"])
    assert read_status(workspace, ["personnes"]).last_run.outcome == "usage"


def test_a_suspended_flow_is_seen_and_goes_on_when_somebody_says_so(workspace):
    workspace.journal.suspend("personnes", "incident.credentials.refused", workspace.clock.now())
    assert run_flows(workspace, ["personnes"]).state is RunState.SUSPENDED
    assert read_status(workspace, ["personnes"]).has_suspended
    assert resume_flow(workspace, "personnes", who="essai").was_suspended
    assert not read_status(workspace).has_suspended
    assert workspace.journal.list_audit_entries()[-1].who == "essai"
