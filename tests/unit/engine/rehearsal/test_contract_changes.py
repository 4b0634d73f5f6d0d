"""What a delivery would change: new records, changed ones field by field, and those that nobody can compare."""

from __future__ import annotations

import json

import polars as pl
import pytest
from people_flow import open_people, run_people, settle_people

from passerelle.engine.adapters.previewing import DeliveryPreview
from passerelle.engine.rehearsal import contract_changes
from passerelle.engine.rehearsal.contract_changes import RecordingDestination
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery


def deliver(*people):
    """Make a delivery of persons: number, version, and what else their record says."""
    refs = [f"essai:person:{number}" for number, _version, _more in people]
    bodies = [
        json.dumps({"ref": ref, **more}).encode() for ref, (_number, _version, more) in zip(refs, people, strict=True)
    ]
    versions = [version for _number, version, _more in people]
    frame = pl.DataFrame({"ref": refs})
    return Delivery("un", "person/1", BatchKey("f" * 64, 0), frame, bodies, ["k"] * len(refs), versions)


@pytest.fixture
def ran(tmp_path):
    """Open a flow that has delivered two persons."""
    path = settle_people(tmp_path)
    run_people(path, "1.csv", ("1", "ALPHA", "vu"), ("2", "BETA", ""))
    with open_people(path) as workspace, workspace.open_flow("un") as flow:
        yield workspace, flow


def compare(ran, *deliveries, **more):
    """Return the change of persons, and the lines told, after deliveries and the comparison."""
    workspace, flow = ran
    lines = []
    recording = RecordingDestination(flow, lines.append, **more)
    for delivery in deliveries:
        recording.deliver(delivery)
    recording.compare(workspace.depot, {row.digest: row.kind for row in workspace.journal.list_parcels("un")})
    return recording.changes["person/1"], lines


def test_a_new_record_is_told_with_its_content_and_counted_apart(ran):
    change, lines = compare(ran, deliver((9, 1, {"birth_name": "NEUF"})))
    assert (change.new, change.changed) == (1, 0)
    assert lines == [
        {"contract": "person/1", "change": "new", "record": {"ref": "essai:person:9", "birth_name": "NEUF"}}
    ]


def test_the_fields_that_differ_are_told_those_that_are_gone_too(ran):
    change, lines = compare(
        ran, deliver((1, 2, {"birth_name": "ALPHA-OMEGA"}), (2, 2, {"birth_name": "BETA", "source": {}}))
    )
    assert (change.changed, dict(change.fields), change.reread) == (2, {"birth_name": 1, "comment": 1}, 1)
    assert lines[0]["before"] == {"birth_name": "ALPHA", "comment": "vu"}
    assert lines[1]["before"] == {}


def test_a_field_that_the_parcel_does_not_say_stays_and_is_no_change(ran):
    change, _lines = compare(ran, deliver((1, 2, {"birth_name": "AUTRE", "source": {"unsaid": ["comment"]}})))
    assert dict(change.fields) == {"birth_name": 1}


def test_what_would_be_refused_is_no_change(ran):
    no = Answer(Fate.REFUSED, "deliver.document.incomplete")
    change, lines = compare(
        ran, deliver((9, 1, {}), (1, 2, {})), preview=lambda _delivery: DeliveryPreview({0: no, 1: no})
    )
    assert (change.new, change.changed, lines) == (0, 0, [])


def test_of_a_ref_that_comes_twice_the_last_is_compared(ran):
    change, lines = compare(ran, deliver((1, 2, {"birth_name": "B"}), (1, 3, {"birth_name": "C", "comment": "vu"})))
    assert (change.changed, change.uncompared, dict(change.fields)) == (2, 1, {"birth_name": 1})
    assert [line["record"]["birth_name"] for line in lines] == ["C"]


def test_beyond_what_memory_holds_changes_are_only_counted(ran, monkeypatch):
    monkeypatch.setattr(contract_changes, "MAX_COMPARED", 1)
    change, lines = compare(ran, deliver((1, 2, {"birth_name": "B"}), (2, 2, {"birth_name": "C"})))
    assert (change.changed, change.uncompared, len(lines)) == (2, 1, 2)


def test_a_parcel_that_is_no_longer_kept_cannot_be_compared_and_that_is_told(ran):
    workspace, _flow = ran
    for digest in workspace.depot.list_digests():
        workspace.depot.remove(digest)
    change, lines = compare(ran, deliver((1, 2, {"birth_name": "B"})))
    assert (change.changed, change.uncompared, "before" in lines[0]) == (1, 1, False)
