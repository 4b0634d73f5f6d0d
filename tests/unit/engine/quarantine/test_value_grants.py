"""Values of one column are seen for ten minutes, with a reason that is recorded before, and each is corrected once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from workbench_room import FLOW, OTHER_FLOW, PLUGINS, RIGHT, SETTINGS, WRONG, export_contacts, settle_in

from passerelle.engine.quarantine.value_grants import (
    correct_values,
    grant_values,
    list_values,
    replay_cause,
    try_values,
)
from passerelle.engine.runs.running import run_flows
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import UsageError

WHY = "corriger les motifs"


@pytest.fixture
def workspace(tmp_path):
    path = settle_in(tmp_path, SETTINGS)
    export_contacts(tmp_path, FLOW, [WRONG, "Appel", "autre", WRONG])
    export_contacts(tmp_path, OTHER_FLOW, [])
    with open_workspace(load_settings(path), plugins=PLUGINS) as opened:
        run_flows(opened, [FLOW])
        yield opened


def _find(workspace) -> int:
    (cause,) = workspace.quarantine.list_causes()
    return cause.id


def test_distinct_texts_come_with_how_many_hold_them_and_nothing_else(workspace):
    grant = grant_values(workspace, _find(workspace), why=WHY, who="marie")
    values = list_values(workspace, grant)
    assert [(value.text, len(value.items)) for value in values] == [(WRONG, 2), ("autre", 1)]
    assert WRONG not in repr(values) + repr(grant)
    assert WHY not in repr(grant)
    assert WRONG not in "".join(value.key for value in values)


def test_nothing_is_given_without_a_reason_and_the_reason_is_in_the_trail_before(workspace):
    cause = _find(workspace)
    before = len(workspace.journal.list_audit_entries())
    with pytest.raises(UsageError, match="why"):
        grant_values(workspace, cause, why="voir", who="marie")
    assert len(workspace.journal.list_audit_entries()) == before
    grant_values(workspace, cause, why=WHY, who="marie")
    entry = workspace.journal.list_audit_entries()[-1]
    assert (entry.action, entry.why, entry.who, entry.purpose) == ("quarantine.grant", WHY, "marie", "portability")


def test_a_grant_ends_and_a_clock_set_back_prolongs_nothing(workspace):
    grant = grant_values(workspace, _find(workspace), why=WHY, who="marie")
    for shift in (timedelta(minutes=-11), timedelta(hours=1)):
        moved = replace(grant, begins=grant.begins + shift, ends=grant.ends + shift)
        with pytest.raises(UsageError) as caught:
            list_values(workspace, moved)
        assert caught.value.code == "usage.grant.over"


def test_one_correction_changes_one_cell_of_all_that_hold_the_text(workspace):
    grant = grant_values(workspace, _find(workspace), why=WHY, who="marie")
    wrong, _other = list_values(workspace, grant)
    assert correct_values(workspace, grant, {wrong.key: RIGHT}) == 2
    assert workspace.journal.list_audit_entries()[-1].action == "quarantine.correct"
    assert [value.text for value in list_values(workspace, grant)] == ["autre"]
    with pytest.raises(UsageError) as caught:
        correct_values(workspace, grant, {wrong.key: RIGHT})
    assert caught.value.code == "usage.correction.nothing"
    run_flows(workspace, [FLOW])
    assert [cause.count for cause in workspace.quarantine.list_causes()] == [1]
    assert [cause.count for cause in workspace.quarantine.list_causes(state="replayed")] == [2]


def test_what_is_not_there_any_more_is_told(workspace):
    cause = _find(workspace)
    assert replay_cause(workspace, cause, why="le code est connu", who="marie") == 3
    for act in (grant_values, replay_cause):
        with pytest.raises(UsageError) as caught:
            act(workspace, cause, why=WHY, who="marie")
        assert caught.value.code == "usage.items.gone"


def test_the_trail_names_each_record_of_a_grant_so_that_persons_can_be_told_who_looked(workspace):
    grant = grant_values(workspace, _find(workspace), why=WHY, who="marie")
    named = workspace.journal.list_audit_entries()[-1].subject.split()
    assert named == ["quarantine", *map(str, grant.items)]


def test_other_values_are_judged_record_by_record_before_anything_is_kept(workspace):
    grant = grant_values(workspace, _find(workspace), why=WHY, who="marie")
    first, second = list_values(workspace, grant)
    told = try_values(workspace, grant, {first.key: RIGHT, second.key: "encore faux", "inconnue": RIGHT})
    assert [(one.text, one.verdict.rows, one.verdict.aside) for one in told] == [(RIGHT, 2, 0), ("encore faux", 1, 1)]
    assert [one.verdict.findings[0].reason for one in told[1:]] == [grant.cause.reason]
    assert "encore faux" not in repr(told)
    assert try_values(workspace, grant, {first.key: first.text}) == []
    assert {row.id for row in workspace.quarantine.list_rows()} == set(grant.items)
    # and the run says the same
    correct_values(workspace, grant, {first.key: RIGHT, second.key: "encore faux"})
    run_flows(workspace, [FLOW])
    (cause,) = workspace.quarantine.list_causes()
    assert cause.count == 1
