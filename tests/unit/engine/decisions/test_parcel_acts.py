"""A person drops a parcel that stopped, or has it tried again; the audit trail remembers who and why."""

from __future__ import annotations

import io
import shutil

import pytest
from old_software import open_people, people

from passerelle.engine.decisions.parcel_acts import drop_parcel, retry_parcel
from passerelle.engine.runs.running import resume_flow, run_flows
from passerelle.stores.parcels import HELD
from passerelle.vocabulary.errors import TransientError, UsageError
from passerelle.vocabulary.parcels import Parcel


@pytest.fixture
def workspace(tmp_path):
    with open_people(tmp_path) as opened:
        yield opened


@pytest.fixture
def parked(workspace) -> str:
    """A parcel that was parked; give its digest."""
    folder = workspace.settings.path.parent
    people(folder / "entrees", (1, "Essai", "P1"))
    deposit = workspace.depot.put(io.BytesIO((folder / "entrees" / "personnes.csv").read_bytes()), name="x")
    now = workspace.clock.now()
    workspace.journal.register(Parcel(deposit.digest, "personnes", deposit.size, now, "x", 1024, 10))
    workspace.journal.park_parcel("personnes", deposit.digest, "incident.parcel.fault", now)
    shutil.rmtree(folder / "entrees")
    (folder / "entrees").mkdir()
    return deposit.digest


def state_of(workspace, digest: str) -> tuple[str, str]:
    (row,) = [row for row in workspace.journal.list_parcels() if row.digest == digest]
    return row.state, row.code


def test_a_dropped_parcel_is_not_delivered_nor_taken_up_by_resume(workspace, parked):
    assert drop_parcel(workspace, "personnes", parked[:12], why="sent twice", who="essai").key == parked
    assert state_of(workspace, parked) == ("dropped", "incident.parcel.dropped")
    assert resume_flow(workspace, "personnes", who="essai").reopened == 0
    assert run_flows(workspace, ["personnes"]).outcomes[0].balance.received == 0
    entry = workspace.journal.list_audit_entries()[0]
    assert (entry.action, entry.subject, entry.why, entry.who) == (
        "flow.drop",
        f"personnes {parked}",
        "sent twice",
        "essai",
    )


@pytest.mark.parametrize("dropped", [False, True])
def test_a_parcel_that_is_tried_again_is_delivered(workspace, parked, dropped):
    if dropped:
        drop_parcel(workspace, "personnes", parked, why="", who="essai")
    retry_parcel(workspace, "personnes", parked[:6].upper(), who="essai")
    assert run_flows(workspace, ["personnes"]).outcomes[0].balance.received == 1
    assert state_of(workspace, parked) == ("done", "")
    assert workspace.journal.list_audit_entries()[-1].action == "flow.retry"


def test_the_notice_of_held_parcels_goes_with_the_last_of_them_that_is_dropped(workspace, parked):
    journal, now = workspace.journal, workspace.clock.now()
    for digest in ("a" * 64, "b" * 64):
        journal.register(Parcel(digest, "personnes", 1, now, "x", 1024, 10))
        journal.park_parcel("personnes", digest, HELD, now)
    journal.raise_notice("personnes", HELD, {"contract": "person/1", "count": "5", "earlier": "9"}, now)
    left = []
    for digest in (parked, "a" * 64, "b" * 64):
        drop_parcel(workspace, "personnes", digest, why="", who="essai")
        left.append([notice.code for notice in journal.list_notices("personnes")])
    assert left == [[HELD], [HELD], []]


def test_a_finished_parcel_can_be_neither_dropped_nor_tried_again(workspace, parked):
    retry_parcel(workspace, "personnes", parked, who="essai")
    run_flows(workspace, ["personnes"])
    audited = len(workspace.journal.list_audit_entries())
    for act in (
        lambda: drop_parcel(workspace, "personnes", parked, why="", who="essai"),
        lambda: retry_parcel(workspace, "personnes", parked, who="essai"),
    ):
        with pytest.raises(UsageError) as caught:
            act()
        assert caught.value.code == "usage.parcel.finished"
    assert len(workspace.journal.list_audit_entries()) == audited, "what was not done is not audited"


@pytest.mark.parametrize("number", ["", "abc", "0" * 12, "%"])
def test_a_number_that_names_no_single_parcel_is_refused(workspace, parked, number):
    assert parked[:12] != number
    with pytest.raises(UsageError) as caught:
        drop_parcel(workspace, "personnes", number, why="", who="essai")
    assert caught.value.code == "usage.parcel.unknown"


def test_a_flow_that_never_was_is_refused_and_one_that_left_the_settings_is_not(workspace, parked):
    with pytest.raises(UsageError) as caught:
        drop_parcel(workspace, "inconnu", parked, why="", who="essai")
    assert caught.value.code == "usage.flow.unknown"
    now = workspace.clock.now()
    workspace.journal.register(Parcel("c" * 64, "ancien", 1, now, "x", 1024, 10))
    drop_parcel(workspace, "ancien", "c" * 12, why="", who="essai")
    assert state_of(workspace, "c" * 64)[0] == "dropped"


def test_a_parcel_is_not_dropped_from_under_the_hands_of_a_run(workspace, parked):
    with workspace.journal.claim("personnes"), pytest.raises(TransientError):
        drop_parcel(workspace, "personnes", parked, why="", who="essai")
    assert state_of(workspace, parked)[0] == "parked"
