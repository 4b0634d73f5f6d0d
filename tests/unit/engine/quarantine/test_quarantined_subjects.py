"""Whom the rows in quarantine name."""

from __future__ import annotations

import pytest
from old_software import open_people, people

from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, discard_items, replay_items
from passerelle.engine.quarantine.quarantined_subjects import (
    count_items_naming,
    find_quarantined_subjects,
    find_waiting_flows,
    list_item_subjects,
)
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


@pytest.fixture
def opened(workspace, monkeypatch):
    """Count the rows that are opened."""
    numbers: list[int] = []
    real = type(workspace.quarantine).open_payloads

    def count(quarantine, ids):
        wanted = list(ids)
        numbers.extend(wanted)
        return real(quarantine, wanted)

    monkeypatch.setattr(type(workspace.quarantine), "open_payloads", count)
    return numbers


def test_each_row_is_opened_once_however_often_somebody_is_looked_for(workspace, opened, tmp_path):
    for pro, count in (("Pro9", 1), ("Pro1", 0), ("Pro9", 1)):
        assert sum(count_items_naming(workspace, f"ancien:professional:{pro}").values()) == count
    assert len(opened) == 1
    people(tmp_path / "entrees", ("", "Suite", "Pro9"), ("", "Suite", "Pro8"), name="suite.csv")
    run_flows(workspace, [FLOW])
    assert count_items_naming(workspace, "ancien:professional:Pro9") == {FLOW: 2}
    assert find_waiting_flows(workspace, ["ancien:professional:Pro8", "ancien:professional:Pro7"]) == {
        "ancien:professional:Pro8": frozenset({FLOW})
    }
    assert len(opened) == 3


def test_a_row_that_ended_names_nobody_and_one_that_waits_again_does(workspace):
    (row,) = workspace.quarantine.list_rows()
    ref = "ancien:professional:Pro9"
    assert count_items_naming(workspace, ref) == {FLOW: 1}
    replay_items(workspace, QuarantineSelection((row.id,)))
    assert count_items_naming(workspace, ref) == {}
    run_flows(workspace, [FLOW])
    (again,) = workspace.quarantine.list_rows()
    assert count_items_naming(workspace, ref) == {FLOW: 1}
    discard_items(workspace, QuarantineSelection((again.id,)), why="vu avec elle", who="essai")
    assert count_items_naming(workspace, ref) == {}
    assert find_quarantined_subjects(workspace) == {}
