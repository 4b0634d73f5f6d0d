"""Whom the rows in quarantine name."""

from __future__ import annotations

import pytest
from old_software import open_people

from passerelle.engine.quarantine.quarantined_subjects import find_quarantined_subjects, list_item_subjects
from passerelle.engine.runs.running import run_flows

FLOW = "personnes"


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, ("", "Essai", "Pro9"), (1, "Témoin", "Pro1")) as opened:
        run_flows(opened, [FLOW])
        yield opened


def test_rows_in_quarantine_name_persons_although_they_never_became_records(workspace):
    (row,) = workspace.quarantine.list_rows()
    assert find_quarantined_subjects(workspace) == {"ancien:professional:Pro9": frozenset({FLOW})}
    assert list_item_subjects(workspace, FLOW, row.id) == ["ancien:professional:Pro9"]


def test_rows_of_a_flow_that_left_the_settings_name_nobody(workspace):
    (row,) = workspace.quarantine.list_rows()
    assert list_item_subjects(workspace, "autrefois", row.id) == []
