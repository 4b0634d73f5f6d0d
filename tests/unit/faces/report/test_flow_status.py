"""Whatever stops a flow or a parcel is told in whole sentences, with the facts it had when it happened."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from people_flow import open_people, run_people, settle_people

from passerelle.engine.health.workspace_status import FlowStatus, read_status
from passerelle.engine.runs.run_state import RunState
from passerelle.engine.runs.running import RunNotice
from passerelle.engine.runs.worker import FlowOutcome
from passerelle.faces import json_forms
from passerelle.faces.report import flow_outcome, flow_status, notices
from passerelle.stores.books import ParcelRow, RunRow
from passerelle.stores.notices import Notice
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.formatting import format_moment
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.reasons import REASONS

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def make_details(code):
    """One fact for each name that the sentence or the advice of a reason holds."""
    reason = REASONS[code]
    return {name: f"fait-{name}" for name in re.findall(r"\{(\w+)\}", reason.sentence + reason.advice)}


def make_row(code, details, state="parked"):
    return ParcelRow(
        *("un", "a" * 64, "a" * 64, "supplied", state, code, 1, 1, NOW, NOW, None, None, 0, Balance()),
        details=json.dumps(details),
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = settle_people(tmp_path_factory.mktemp("people"))
    with open_people(path) as workspace:
        return workspace.settings.get_flow("un")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_face_loses_a_fact_of_any_reason(settings, language):
    set_language(language)
    lost = []
    for code in REASONS:
        facts = make_details(code)
        error = FlowError(code)
        error.details |= facts
        suspended = FlowOutcome("un", suspended=code, suspended_details=error.words, suspended_since=NOW)
        waiting = FlowOutcome("un", waiting=1, waiting_until=NOW, trouble=code, trouble_details=error.words)
        failed = FlowOutcome("un", failure=error, questions=(error,), notices=(Notice("un", code, NOW, NOW, facts),))
        status = FlowStatus(settings, None, [make_row(code, facts), make_row(code, facts, "waiting")], {})
        told = [
            *(flow_outcome.format_text(outcome) for outcome in (suspended, waiting, failed)),
            *(json.dumps(flow_outcome.to_content(outcome)) for outcome in (suspended, waiting, failed)),
            flow_status.format_text(status),
            *notices.iter_run_notices([RunNotice(code, facts)]),
            json.dumps(json_forms.describe_cause(code, facts)),
        ]
        for text in told:
            lost += [(code, text)] if any(f"fait-{name}" not in text for name in facts) else []
    assert lost == []


def test_the_journal_keeps_what_suspended_a_flow_and_what_makes_a_parcel_wait(tmp_path):
    path = settle_people(tmp_path)
    run_people(path, "1.csv", ("1", "ALPHA", ""))
    with open_people(path) as workspace:
        workspace.journal.suspend("un", "incident.destination.misaddressed", NOW, {"status": "404"})
        (flow,) = read_status(workspace).flows
        assert "404" in flow_status.format_text(flow)
        assert flow_status.to_content(flow)["suspended"]["since"] == NOW.isoformat()
        workspace.journal.resume("un")
        (flow,) = read_status(workspace).flows
        assert "404" not in flow_status.format_text(flow)


def test_a_side_that_is_away_is_told_with_when_that_began(settings):
    set_language("fr")
    status = FlowStatus(settings, None, [], {}, away={"source": NOW})
    assert f"Absent depuis {format_moment(NOW)} : la source" in flow_status.format_text(status).replace("\u00a0", " ")


def test_no_parcel_is_told_to_wait_where_a_source_is_away():
    set_language("fr")
    away = FlowOutcome("un", waiting=1, trouble="incident.folder.away", trouble_details={"side": ""})
    assert "attend l’autre côté" in flow_outcome.format_text(away)
    assert "colis en attente" not in flow_outcome.format_text(away)
    assert "colis en attente : 1" in flow_outcome.format_text(replace(away, waiting_until=NOW)).replace("\u00a0", " ")


def test_a_replay_is_not_received_twice(settings):
    supplied = make_row("", {}, "done")
    first = Balance.of(3, [Fate.DELIVERED, Fate.REJECTED, Fate.REJECTED])
    again = Balance.of(2, [Fate.DELIVERED, Fate.REJECTED])
    rows = [_replace(supplied, balance=first), _replace(supplied, kind="replay", balance=again)]
    status = FlowStatus(settings, None, rows, {})
    assert (status.balance.received, status.replayed.received) == (3, 2)
    set_language("en")
    text = flow_status.format_text(status)
    assert "received 3 = " in text
    assert "received 5" not in text
    assert flow_status.to_content(status)["replayed"]["delivered"] == 1


def _replace(row, **values):
    return ParcelRow(**{name: getattr(row, name) for name in ParcelRow.__slots__} | values)


@pytest.mark.parametrize(
    ("outcome", "code"), [*((state.name.lower(), int(state)) for state in RunState), ("usage", 64)]
)
def test_the_last_run_is_told_with_its_exit_code(outcome, code):
    run = RunRow(7, ("un",), NOW, NOW + timedelta(minutes=3), outcome)
    set_language("fr")
    assert str(code) in flow_status.format_run(run).rpartition(",")[2]
    assert flow_status.describe_run(run)["exit"] == code


def test_a_run_that_was_cut_off_has_no_exit_code():
    assert flow_status.describe_run(RunRow(7, ("un",), NOW, None, ""))["exit"] is None
