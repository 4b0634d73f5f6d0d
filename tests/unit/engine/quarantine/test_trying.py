"""The verdict on one row agrees with the run, for any texts."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from workbench_room import FLOW, OTHER_FLOW, PLUGINS, RIGHT, SETTINGS, WRONG, export_contacts, settle_in

from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.quarantine.trying import WrittenRow, try_piles, try_row
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

MOTIVES = st.sampled_from([RIGHT, "Appel", WRONG, "", "xx"])
DATES = st.sampled_from(["01/10/2026", "31/02/2026", "2026-10-01", "", "01/01/1850"])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("essai")
    path = settle_in(folder, SETTINGS)
    export_contacts(folder, FLOW, [WRONG] * 60)
    export_contacts(folder, OTHER_FLOW, [])
    with open_workspace(load_settings(path), plugins=PLUGINS) as opened:
        run_flows(opened, [FLOW])
        yield opened


@settings(max_examples=count_examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(motive=MOTIVES, date=DATES)
def test_a_row_that_would_be_accepted_is_and_another_is_set_aside_for_the_same_reason(workspace, motive, date):
    row = workspace.quarantine.list_rows(limit=1)[0]
    payload = workspace.quarantine.open_payloads([row.id])[row.id]
    cells = {"Id": f"C{row.id}", "Personne": "P1", "Date": date, "Motif": motive}
    verdict = try_row(workspace, FLOW, row.id, payload, cells)
    replay_items(workspace, QuarantineSelection((row.id,)), {row.id: cells})
    before = {one.id for one in workspace.quarantine.list_rows()}
    run_flows(workspace, [FLOW])
    new = [one.reason for one in workspace.quarantine.list_rows() if one.id not in before]
    assert new == ([verdict.reason] if verdict.reason else [])


@settings(max_examples=count_examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(MOTIVES, DATES), min_size=1, max_size=6))
def test_what_is_said_of_a_pile_is_what_is_said_of_its_rows_one_by_one(workspace, rows):
    row = workspace.quarantine.list_rows(limit=1)[0]
    payload = workspace.quarantine.open_payloads([row.id])[row.id]
    written = [
        WrittenRow(nth, payload, {"Id": f"C{nth}", "Personne": "P1", "Date": date, "Motif": motive})
        for nth, (motive, date) in enumerate(rows)
    ]
    alone = [try_row(workspace, FLOW, one.item, one.payload, one.cells) for one in written]
    (told,) = try_piles(workspace, FLOW, [written])
    assert (told.rows, told.aside) == (len(rows), sum(bool(one.reason) for one in alone))
    reasons = {finding.reason for one in alone for finding in one.findings}
    assert {finding.reason for finding in told.findings} == reasons
