"""`passerelle fleet`: refused where one machine keeps its own journal; else counts and nothing more."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from passerelle.faces.cli.fleet.queue_library import refuse_missing_library
from passerelle.faces.report.fleet_counts import format_state, format_states, to_content, write_series
from passerelle.stores.fleet_counts import FleetState, sum_states
from passerelle.vocabulary import language
from passerelle.vocabulary.errors import UsageError

QUIET = FleetState(12, 0, 1, None, 3, 0, 0, 0)


@pytest.mark.parametrize("command", ["work", "status", "sweep"])
def test_where_one_machine_keeps_its_own_journal_there_is_no_fleet(program, folder, command):
    result = program("fleet", command)
    assert result.code == 64
    assert re.search(r"passerelle watch", result.err)


def test_a_library_that_is_missing_is_named_with_what_to_install():
    with pytest.raises(UsageError) as caught, refuse_missing_library():
        raise ModuleNotFoundError(name="procrastinate")
    assert caught.value.code == "usage.fleet.missing"
    with pytest.raises(ModuleNotFoundError), refuse_missing_library():
        raise ModuleNotFoundError(name="autre")


def test_the_state_is_counts_alone():
    state = FleetState(12, 4, 1, datetime(2026, 3, 1, 2, 30, tzinfo=UTC), 3, 2, 1, 0)
    assert json.loads(json.dumps(to_content(state))) == {
        "flows": 12,
        "due": 4,
        "oldest_due": "2026-03-01T02:30:00+00:00",
        "in_hand": 1,
        "workers": 3,
        "stranded": 2,
        "bells": {"waiting": 1, "failed": 0},
    }
    language.set_language("en")
    assert "stranded: 2" in format_state(state)


@pytest.mark.parametrize(
    ("state", "needs"),
    [
        (QUIET, False),
        (FleetState(12, 4, 1, None, 3, 0, 4, 0), False),
        (FleetState(12, 4, 1, None, 3, 1, 4, 0), True),
        (FleetState(12, 4, 0, None, 0, 0, 4, 0), True),
        (FleetState(12, 0, 0, None, 3, 0, 0, 1), True),
    ],
)
def test_somebody_is_needed_where_flows_are_stranded_turns_failed_or_nobody_works(state, needs):
    assert state.needs_somebody is needs


def test_of_several_organisations_those_that_need_somebody_come_first():
    late = FleetState(3, 2, 0, datetime(2026, 3, 1, 2, 30, tzinfo=UTC), 0, 0, 0, 0)
    states = {"admr-81": QUIET, "una-35": late}
    language.set_language("en")
    told = format_states(sum_states(states.values(), 3), states).splitlines()
    assert "workers: 3" in told
    rows = [line for line in told if "admr-81" in line or "una-35" in line]
    assert ["una-35" in line for line in rows] == [True, False]


def test_a_monitor_reads_each_organisation_and_no_moment_where_nothing_is_due():
    late = FleetState(3, 2, 0, datetime(2026, 3, 1, 2, 30, tzinfo=UTC), 0, 0, 0, 0)
    text = write_series({"admr-81": QUIET, "una-35": late})
    assert 'passerelle_fleet_workers{organisation="una-35"} 0' in text
    assert 'passerelle_fleet_workers{organisation="admr-81"} 3' in text
    moments = [line for line in text.splitlines() if line.startswith("passerelle_fleet_due_since")]
    assert moments == ['passerelle_fleet_due_since_timestamp_seconds{organisation="una-35"} 1772332200']
