"""A parcel that cannot be delivered waits longer after each try, as long as it is told to, and not for ever."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from turned_clock import TurnedClock

from passerelle.engine.path.collecting import collect
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

SAMPLES = Path(__file__).parents[4] / "plugins" / "compani" / "samples" / "interventions"


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(datetime.now(UTC))


@pytest.fixture
def house(tmp_path, clock):
    """Open a flow towards an API that nobody serves, with one export at its door."""
    (tmp_path / "entrees").mkdir()
    shutil.copy(SAMPLES / "nominal.csv", tmp_path / "entrees")
    (tmp_path / "passerelle.toml").write_text(
        '[flow.un]\nconnector = "compani-interventions"\npurpose = "planning"\n'
        'source = { kind = "folder", path = "entrees", quiet_seconds = 0 }\n'
        'destination = { kind = "api", base_url = "http://127.0.0.1:9", path = "/v" }\n',
        "utf-8",
    )
    with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock) as opened:
        yield opened


def run(house):
    return run_flow(house, "un", run=house.journal.begin_run(["un"], house.clock.now()))


def test_each_try_waits_longer_up_to_eight_hours(house, clock):
    waits = []
    for _try in range(8):
        outcome = run(house)
        assert (outcome.waiting, outcome.settled, outcome.trouble) == (1, 0, "incident.supplier.unreachable")
        waits.append((outcome.waiting_until - clock.now()).total_seconds())
        clock.moment = outcome.waiting_until
    assert waits == [60, 300, 1800, 3600, 7200, 14_400, 28_800, 28_800]


def test_before_its_time_nothing_is_tried_again(house, clock):
    until = run(house).waiting_until
    clock.moment = until - timedelta(seconds=1)
    assert (run(house).waiting, run(house).waiting_until) == (1, until)
    clock.moment = until
    assert run(house).waiting_until > until


def test_what_was_done_before_a_parcel_that_waits_is_in_the_balance_of_the_run(tmp_path, clock):
    (tmp_path / "entrees").mkdir()
    (tmp_path / "passerelle.toml").write_text(
        '[flow.un]\nconnector = "compani-interventions"\npurpose = "planning"\n'
        'source = { kind = "folder", path = "entrees", quiet_seconds = 0 }\n'
        'destination = { kind = "folder", path = "sorties" }\n',
        "utf-8",
    )
    export = (SAMPLES / "nominal.csv").read_bytes()
    with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock) as workspace:
        with workspace.open_flow("un") as flow:
            for content in (export, export + b"\n"):  # the same rows, another parcel
                (tmp_path / "entrees" / "export.csv").write_bytes(content)
                collect("un", flow.open_source(), workspace.depot, workspace.journal, clock, flow.blocks)
        _first, second = workspace.journal.list_open_parcels("un", clock.now())
        later = clock.now() + timedelta(hours=1)
        workspace.journal.wait_parcel("un", second.parcel.digest, "incident.supplier.unreachable", later)
        outcome = run(workspace)
    assert (outcome.settled, outcome.waiting, outcome.waiting_until) == (1, 1, later)
    assert outcome.balance.received > 0
