"""What people may do about records in quarantine, and what must be said before."""

from __future__ import annotations

import json

import pytest
from old_software import open_people

from passerelle.engine.audit.revealing import reveal_items
from passerelle.engine.quarantine.quarantine_acts import (
    QuarantineSelection,
    choose_items,
    discard_items,
    find_corrections,
    list_causes,
    list_items,
    replay_items,
)
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.errors import UsageError


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, ("", "Essai", "P1"), (2, "Témoin", "P1")) as opened:
        run_flows(opened, ["personnes"])
        yield opened


def test_items_are_chosen_by_number_flow_fate_or_reason(workspace):
    (row,) = list_items(workspace, QuarantineSelection())
    (cause,) = list_causes(workspace, QuarantineSelection(flow="personnes", fate=row.fate, reason=row.reason))
    assert cause.count == 1
    assert list_causes(workspace, QuarantineSelection(fate="refused")) == []
    assert choose_items(workspace, QuarantineSelection((row.id,))) == [row]
    with pytest.raises(UsageError):
        choose_items(workspace, QuarantineSelection((row.id + 1,)))


def test_nobody_replays_or_destroys_everything_by_forgetting_a_word(workspace):
    with pytest.raises(UsageError):
        replay_items(workspace, QuarantineSelection())
    with pytest.raises(UsageError):
        discard_items(workspace, QuarantineSelection(), why="assez de raisons", who="essai")
    assert len(list_items(workspace, QuarantineSelection())) == 1


def test_values_are_shown_and_records_destroyed_only_with_a_reason_that_is_recorded(workspace):
    (row,) = list_items(workspace, QuarantineSelection())
    with pytest.raises(UsageError):
        reveal_items(workspace, [row.id], why="voir", who="essai")
    with pytest.raises(UsageError):
        discard_items(workspace, QuarantineSelection((row.id,)), why="", who="essai")
    before = len(workspace.journal.list_audit_entries())
    payload = reveal_items(workspace, [row.id], why="corriger la saisie", who="essai")[row.id]
    assert json.loads(payload)["cells"]["Nom"] == "Essai"
    assert discard_items(workspace, QuarantineSelection((row.id,)), why="saisie de test", who="essai") == 1
    acts = [(entry.action, entry.who) for entry in workspace.journal.list_audit_entries()[before:]]
    assert acts == [("quarantine.reveal", "essai"), ("quarantine.discard", "essai")]


def test_a_corrected_record_takes_the_same_path_again(workspace):
    (row,) = list_items(workspace, QuarantineSelection())
    sheet = {row.id: {"Id": "7", "Nom": "Essai", "Référent": "P1"}}
    assert replay_items(workspace, QuarantineSelection((row.id,)), sheet) == {"personnes": 1}
    assert run_flows(workspace, ["personnes"]).outcomes[0].balance.received == 1
    assert list_items(workspace, QuarantineSelection()) == []


def test_only_cells_that_a_person_changed_are_corrections():
    payload = json.dumps({"cells": {"Id": None, "Nom": "Essai"}}).encode()
    assert find_corrections({"Id": "", "Nom": "Essai"}, payload) == {}
    assert find_corrections({"Id": "7", "Nom": "Essai"}, payload) == {"Id": "7"}
    assert find_corrections({"Id": "", "Nom": ""}, b"{}") == {}
    assert find_corrections({"Id": "7", "Nom": ""}, b"{}") == {"Id": "7", "Nom": ""}
