"""Whom the journal knows: everybody whom records named, in whichever spelling the supplier holds to be the same."""

from __future__ import annotations

import pytest
from old_software import open_people

from passerelle.engine.persons.subject_lookup import find_known_subjects
from passerelle.engine.runs.running import run_flows
from passerelle.vocabulary.ref_spelling import LOOSEST, SpellingRule

FLOW = "personnes"


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path, ("Ab7", "Essai", "Pro1"), (42, "Témoin", "Pro1")) as opened:
        run_flows(opened, [FLOW])
        yield opened


def test_persons_and_the_professionals_whom_they_name_are_known_by_flow(workspace):
    refs = ["ancien:person:Ab7", "ancien:person:42", "ancien:professional:Pro1"]
    known = find_known_subjects(workspace, [*refs, "ancien:person:8"], {})
    assert dict(known.flows) == dict.fromkeys(refs, frozenset({FLOW}))
    assert known.by_rule == known.alike == frozenset()


def test_without_a_rule_another_spelling_only_looks_alike(workspace):
    refs = ["ancien:person:aB7", "ancien:person:0042", "ancien:person:8"]
    known = find_known_subjects(workspace, refs, {})
    assert known.alike == set(refs[:2])
    assert known.flows == {}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (LOOSEST, {"ancien:person:aB7", "ancien:person:0042"}),
        (SpellingRule(ignores_zeros=True), {"ancien:person:0042"}),
    ],
)
def test_where_the_supplier_holds_spellings_to_be_the_same_that_person_is_meant(workspace, rule, found):
    refs = ["ancien:person:aB7", "ancien:person:0042", "ancien:person:8"]
    known = find_known_subjects(workspace, refs, {"ancien": rule})
    assert known.by_rule == found
    assert set(known.flows) == found


def test_a_second_run_remembers_nobody_twice(workspace):
    before = workspace.journal.count_known(FLOW, "subject")
    run_flows(workspace, [FLOW])
    assert workspace.journal.count_known(FLOW, "subject") == before == 3
