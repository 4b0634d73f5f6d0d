"""What comes back from quarantine comes in as everything does, and its items move with their parcel or not at all."""

from __future__ import annotations

import pytest
from old_software import CONTACTS, PLUGINS, contacts, settle_in

from passerelle.engine.quarantine.replaying import replay
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores.settlement import QuarantineState

SETTINGS = f"""
[passerelle]
state = "etat"

[flow.contacts]
connector = "{CONTACTS}"
purpose = "portability"
source = {{ kind = "folder", path = "in", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "out" }}
"""


@pytest.fixture
def house(tmp_path):
    """A house in which one contact waits in quarantine."""
    path = settle_in(tmp_path, SETTINGS)
    contacts(
        tmp_path / "in", (1, 1, 500, "31/02/2024", "", "Suivi", "PRO"), (2, 1, 500, "01/02/2024", "", "Suivi", "PRO")
    )
    with open_workspace(load_settings(path), plugins=PLUGINS) as house:
        run_flow(house, "contacts", run=house.journal.begin_run(["contacts"], house.clock.now()))
        yield house


def _items(house, state=QuarantineState.WAITING):
    return [row.id for row in house.quarantine.list_rows(state=state)]


def test_a_replay_is_a_parcel_in_the_depot_that_carries_its_items(house):
    waiting = _items(house)
    assert replay(house, "contacts", waiting) == len(waiting) == 1
    (parcel,) = house.journal.list_open_parcels("contacts", house.clock.now())
    assert parcel.kind == "replay"
    assert house.depot.read_name(parcel.parcel.digest) == "replay.ndjson"
    assert (_items(house), _items(house, QuarantineState.REPLAYING)) == ([], waiting)


def test_a_replay_that_cannot_be_registered_leaves_its_items_waiting_and_the_next_one_takes_them(house, monkeypatch):
    waiting = _items(house)
    with monkeypatch.context() as broken:
        broken.setattr("passerelle.stores.journal.attach_items", _fail)
        with pytest.raises(OSError, match="power"):
            replay(house, "contacts", waiting)
    assert house.journal.list_open_parcels("contacts", house.clock.now()) == ()
    assert _items(house) == waiting
    replay(house, "contacts", waiting)
    run_flow(house, "contacts", run=house.journal.begin_run(["contacts"], house.clock.now()))
    assert _items(house, QuarantineState.REPLAYED) == waiting
    assert _items(house, QuarantineState.REPLAYING) == []


def _fail(*_arguments: object) -> None:
    raise OSError("power")
