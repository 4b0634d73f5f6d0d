"""What lasts is found in the journal; what only a run shows is found in its report, and lasts until the next run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from people_flow import open_people, run_people, settle_people

from passerelle.engine.incidents.incident_finding import GROWN, WAITING, WAITS, find_incidents
from passerelle.engine.runs.running import RunNotice, RunReport
from passerelle.engine.runs.worker import FlowOutcome
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Balance, Fate

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return settle_people(tmp_path)


def _list_codes(alerts):
    return sorted(alert.code for alert in alerts)


def test_nothing_is_found_where_nothing_is_wrong(path):
    run_people(path, "1.csv", ("1", "ALPHA", ""))
    with open_people(path) as workspace:
        assert find_incidents(workspace) == []


def test_suspension_parked_parcels_and_quarantine_are_found_without_a_run(path):
    run_people(path, "1.csv", ("1", "ALPHA", ""), ("", "BETA", ""))
    (path.parent / "entrees" / "2.csv").write_bytes(b"pas un tableau\n")
    run_people(path, "3.csv", ("2", "GAMMA", ""))
    with open_people(path) as workspace:
        workspace.journal.suspend("un", "incident.access.forbidden", NOW)
        found = find_incidents(workspace)
    assert {"incident.access.forbidden", WAITING} < set(_list_codes(found))
    assert len(found) == 3


def test_what_a_run_shows_lasts_where_no_run_looked_and_is_over_where_one_did(path):
    twenty = Balance.of(20, [Fate.REJECTED] * 10 + [Fate.DELIVERED] * 10)
    outcome = FlowOutcome(
        "un", twenty, waiting=1, trouble="incident.supplier.slow", failure=FlowError("incident.flow.fault")
    )
    report = RunReport(1, (outcome,), (RunNotice("incident.tidying.failed"),))
    shown = sorted(["incident.flow.fault", WAITS, GROWN, "incident.tidying.failed"])
    with open_people(path) as workspace:
        found = find_incidents(workspace, report)
        assert _list_codes(found) == shown
        workspace.journal.compare_incidents(found, (), NOW)
        assert _list_codes(find_incidents(workspace)) == shown
        assert all(alert.lasts for alert in find_incidents(workspace))
        assert _list_codes(find_incidents(workspace, RunReport(2, ()))) == sorted(
            set(shown) - {"incident.tidying.failed"}
        )
        assert find_incidents(workspace, RunReport(3, (FlowOutcome("un"),))) == []
