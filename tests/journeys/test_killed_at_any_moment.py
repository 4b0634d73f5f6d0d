"""Killed at any moment and started again, the command loses nothing and does nothing twice."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from journeying import StandIn, Workshop, take_some, to_api, to_files, visits

from passerelle.engine.quarantine.replaying import read_cells, replay
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores.settlement import QuarantineState
from passerelle.vocabulary.failpoints import FAILPOINTS

if TYPE_CHECKING:
    from pathlib import Path

TOWARDS_AN_API = (
    "collect.seen",
    "collect.copied",
    "collect.registered",
    "collect.acknowledged",
    "decode.batch",
    "deliver.before",
    "deliver.sent:3",
    "deliver.answered:2",
    "settle.before",
    "settle.quarantined",
    "settle.committed:2",
    "parcel.closed",
    "keys.swept",
)
FOLDER = 'kind = "folder", path = "sortants"'
DATABASE = 'kind = "database", url = "sortants.sqlite3"'
NAMED = f'{FOLDER}, format = "csv", file_name = "{{contract}}.csv", file_holds = "all"'
PLACED = ("file.remembered", "file.joined", "file.cleared", "file.placed")
"""Killed in `test_one_file_name`."""
TOWARDS_FILES = (("folder.written:2", FOLDER), ("folder.renamed", FOLDER), ("database.written:2", DATABASE))
FROM_AN_API = "cursor.moved"
REPLAY_COLLECTED = ("collect.seen", "collect.copied", "collect.registered", "collect.acknowledged")
REPLAY_DELIVERED = (
    "settle.committed",
    "decode.batch",
    "folder.written",
    "settle.before",
    "settle.quarantined",
    "parcel.closed",
)
"""Where a run that delivers a replay is killed: one record comes back corrected, the other is rejected again."""
ROWS = 40


def _fill(workshop, rejected=(7,)):
    text = visits(ROWS)
    lines = text.split("\r\n")
    for number in rejected:
        lines[number] = lines[number].replace("2024/05", "2024/13")  # a month that does not exist
    lines[11] += ";de trop"  # unreadable
    (workshop.folder / "entrants" / "export.csv").write_text("\r\n".join(lines), "utf-8", newline="")


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """What one run does when nobody disturbs it: effects and books."""
    server = StandIn.start(tmp_path_factory.mktemp("stand-in"), faults=0)
    workshop = Workshop.at(tmp_path_factory.mktemp("peaceful"))
    workshop.write(to_api(server.url))
    _fill(workshop)
    assert workshop.command("run").returncode == 1
    yield server.effects(), workshop.balance("visites")
    server.stop()


def test_an_undisturbed_run_delivers_every_good_row_once(reference):
    effects, balance = reference
    assert len(effects) == ROWS - 2
    assert balance == {"delivered": ROWS - 2, "rejected": 1, "unreadable": 1}


@pytest.mark.parametrize("place", take_some(TOWARDS_AN_API))
def test_killed_at_a_step_towards_an_api(place, workshop, stand_in, reference):
    server = stand_in(faults=0.1)
    workshop.write(to_api(server.url))
    _fill(workshop)
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    _finish(workshop)
    assert (server.effects(), workshop.balance("visites")) == reference


def _finish(workshop):
    for _ in range(3):
        done = workshop.command("run")
        if done.returncode in (0, 1):
            return
    pytest.fail(f"the run does not end well: {done.returncode}")


@pytest.mark.parametrize(("place", "destination"), TOWARDS_FILES)
def test_killed_at_a_step_towards_files(place, destination, workshop):
    workshop.write(to_files(destination))
    _fill(workshop)
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    assert workshop.command("run").returncode in (0, 1)
    assert workshop.balance("visites")["delivered"] == ROWS - 2
    if destination == FOLDER:
        written = [line for path in (workshop.folder / "sortants").iterdir() for line in path.read_text().splitlines()]
        assert len(written) == len(set(written)) == ROWS - 2


def test_killed_five_times_at_random_the_effects_are_those_of_an_undisturbed_run(workshop, stand_in, reference):
    server = stand_in(faults=0.05, latency_ms=15)
    workshop.write(to_api(server.url))
    _fill(workshop)
    dice = random.Random(7)  # noqa: S311  a seeded walk, not a secret
    for _ in range(5):
        process = subprocess.Popen(
            workshop.line("run"),
            cwd=workshop.folder,
            env=workshop.variables(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(dice.uniform(0.8, 2.2))
        process.kill()
        process.wait()
    _finish(workshop)
    assert (server.effects(), workshop.balance("visites")) == reference


def test_killed_between_two_pages_no_contact_is_lost_or_taken_twice(workshop, stand_in):
    server = stand_in(faults=0, contacts=120)
    workshop.write(_contacts(server.url))
    secrets = {"DEMO_CLIENT": "demo", "DEMO_SECRET": "demo-secret"}
    killed = workshop.command("run", PASSERELLE_FAILPOINT=FROM_AN_API, **secrets)
    assert killed.returncode == -signal.SIGKILL
    assert workshop.command("run", **secrets).returncode in (0, 1)
    assert sum(workshop.balance("contacts").values()) == 120
    written = [line for path in (workshop.folder / "contacts").iterdir() for line in path.read_text().splitlines()]
    assert len(written) == len(set(written)) == workshop.balance("contacts")["delivered"]


@pytest.mark.parametrize("place", take_some(REPLAY_COLLECTED, 2))
def test_killed_at_a_step_of_a_replay_each_item_comes_back_once(place, workshop):
    workshop.write(to_files(FOLDER))
    _fill(workshop)
    workshop.command("run")
    replay = ("quarantine", "replay", "--flow", "visites", "--fate", "rejected")
    assert workshop.command(*replay, PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    workshop.command(*replay)
    assert workshop.command("run").returncode == 1
    assert workshop.balance("visites") == {"delivered": ROWS - 2, "rejected": 2, "unreadable": 1}
    with open_workspace(load_settings(workshop.folder / "passerelle.toml")) as house:
        found = {state: len(house.quarantine.list_rows(fate="rejected", state=state)) for state in QuarantineState}
    assert {state: count for state, count in found.items() if count} == {
        QuarantineState.WAITING: 1,
        QuarantineState.REPLAYED: 1,
    }


@pytest.mark.parametrize("place", take_some(REPLAY_DELIVERED))
def test_killed_at_a_step_of_the_run_that_delivers_a_replay_each_item_ends_once(place, workshop):
    workshop.write(to_files(FOLDER))
    _fill(workshop, rejected=(7, 9))
    workshop.command("run")
    with open_workspace(load_settings(workshop.folder / "passerelle.toml")) as house:
        first, second = (row.id for row in house.quarantine.list_rows(fate="rejected"))
        cells = {name: text.replace("2024/13", "2024/05") for name, text in _read_cells(house, first).items()}
        replay(house, "visites", [first, second], {first: cells})
    assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    assert workshop.command("run").returncode in (0, 1)
    assert workshop.balance("visites") == {"delivered": ROWS - 2, "rejected": 3, "unreadable": 1}
    with open_workspace(load_settings(workshop.folder / "passerelle.toml")) as house:
        found = {state: len(house.quarantine.list_rows(fate="rejected", state=state)) for state in QuarantineState}
        assert {row.state for row in house.journal.list_parcels("visites")} == {"done"}
    assert {state: count for state, count in found.items() if count} == {
        QuarantineState.WAITING: 1,
        QuarantineState.REPLAYED: 2,
    }


def _read_cells(house, item):
    (payload,) = house.quarantine.open_payloads([item]).values()
    return {name: text or "" for name, text in read_cells(payload).items()}


@pytest.mark.parametrize("place", ["collect.registered", "settle.quarantined"])
def test_a_replay_that_was_killed_and_then_dropped_gives_its_items_back(place, workshop):
    workshop.write(to_files(FOLDER))
    _fill(workshop)
    workshop.command("run")
    command = ("quarantine", "replay", "--flow", "visites", "--fate", "rejected")
    if place.startswith("collect"):
        assert workshop.command(*command, PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    else:
        workshop.command(*command)
        assert workshop.command("run", PASSERELLE_FAILPOINT=place).returncode == -signal.SIGKILL
    (parcel,) = [row["parcel"] for row in workshop.flows()["visites"]["parcels"] if row["kind"] == "replay"]
    assert workshop.command("flow", "drop", "visites", parcel[:12]).returncode == 0
    with open_workspace(load_settings(workshop.folder / "passerelle.toml")) as house:
        assert len(house.quarantine.list_rows(fate="rejected")) == 1
        assert not house.quarantine.list_rows(state="replaying")
        house.quarantine.expire(datetime.now(UTC) + timedelta(days=400))
        assert not house.quarantine.list_rows(state="waiting")


def test_every_fail_point_lies_on_a_way_that_is_tested(workshop, stand_in):
    server = stand_in(faults=0)
    log = workshop.folder / "passed.txt"
    for settings in (to_api(server.url), to_files(FOLDER), to_files(NAMED), to_files(DATABASE), _contacts(server.url)):
        workshop.write(settings)
        _fill(workshop)
        workshop.command("run", PASSERELLE_FAILPOINT_LOG=str(log), DEMO_CLIENT="demo", DEMO_SECRET="demo-secret")
        _forget(workshop.folder / "etat")
    assert set(log.read_text().split()) == set(FAILPOINTS)
    killed_at = (*TOWARDS_AN_API, *PLACED, *(place for place, _way in TOWARDS_FILES), FROM_AN_API)
    assert {place.partition(":")[0] for place in killed_at} == set(FAILPOINTS)


def _contacts(url):
    return f"""
[flow.contacts]
connector = "grc-contacts"
purpose = "support"
source = {{ kind = "api", base_url = "{url}/grc", client_id = "env:DEMO_CLIENT", client_secret = "env:DEMO_SECRET" }}
destination = {{ kind = "folder", path = "contacts" }}
"""


def _forget(state: Path):
    """Begin anew, under the same key: with a depot or a keyring and no journal nothing would run."""
    shutil.rmtree(state.with_name("etat-trousseau"))
    for path in state.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "cle":
            path.unlink()
