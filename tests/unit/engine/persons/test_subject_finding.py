"""Somebody is found by the supplier's own id, and what is known of them is told without a value."""

from __future__ import annotations

import pytest
from old_software import open_people

from passerelle.engine.persons.subject_finding import describe_subject, find_by_id, find_by_item
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.errors import UsageError

FLOW = "personnes"
WHY = {"why": "demande de la personne", "who": "essai"}


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, ("AB7", "Essai", "P:1"), ("", "Témoin", "P:1"), (42, "Témoin", "P%2")) as opened:
        run_flows(opened, [FLOW])
        yield opened


@pytest.mark.parametrize(
    ("typed", "ref"),
    [
        ("AB7", "ancien:person:AB7"),
        ("ab7", "ancien:person:AB7"),
        (" 0042 ", "ancien:person:42"),
        ("P:1", "ancien:professional:P%3A1"),
        ("P%2", "ancien:professional:P%252"),
    ],
)
def test_the_known_reference_is_found_in_any_spelling(workspace, typed, ref):
    assert [(found.ref, found.flows) for found in find_by_id(workspace, typed, **WHY)] == [(ref, (FLOW,))]


def test_whom_was_found_is_in_no_trace_of_a_failure(workspace):
    assert "AB7" not in repr(find_by_id(workspace, "AB7", **WHY))


def test_what_nobody_knows_is_shown_as_it_would_be(workspace):
    found = find_by_id(workspace, "99", flow=FLOW, **WHY)
    assert [(entry.ref, entry.flows) for entry in found] == [
        ("ancien:person:99", ()),
        ("ancien:professional:99", ()),
    ]


def test_finding_needs_a_reason_which_is_recorded(workspace):
    with pytest.raises(UsageError):
        find_by_id(workspace, "42", why="voir", who="essai")
    find_by_id(workspace, "42", **WHY)
    (row,) = workspace.quarantine.list_rows()
    assert [entry.ref for entry in find_by_item(workspace, row.id, **WHY)] == ["ancien:professional:P%3A1"]
    entries = workspace.journal.list_audit_entries()
    assert [(entry.action, entry.subject, entry.purpose) for entry in entries] == [
        ("person.find", "42", "portability"),
        ("person.find", f"quarantine {row.id}", "portability"),
    ]
    with pytest.raises(UsageError):
        find_by_item(workspace, row.id + 1, **WHY)


def test_what_is_known_of_somebody_is_told_without_a_value(workspace):
    workspace.consents.record("ancien:person:42", "steering", False, workspace.clock.now())
    person = describe_subject(workspace, "ancien:person:42")
    (flow,) = person.flows
    assert (flow.flow, flow.purpose, flow.has_own_record) == (FLOW, "portability", True)
    assert len(person.statements) == 1
    professional = describe_subject(workspace, "ancien:professional:P%3A1")
    assert [entry.has_own_record for entry in professional.flows] == [False]
    assert professional.waiting == {FLOW: 1}
    assert describe_subject(workspace, "ancien:person:99").flows == ()
