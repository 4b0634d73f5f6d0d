"""A turn ends between two batches: what is left waits, is done by the next turns, and comes out the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from federations import EXPORT, drop_export, make_federation

from passerelle.engine.flow_slice import FlowSlice
from passerelle.engine.organisations.members import choose_members
from passerelle.engine.runs.running import run_flows
from passerelle.engine.workspace.assembly import open_workspace


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 30, 3, tzinfo=UTC)


@pytest.fixture
def member(tmp_path):
    made = make_federation(tmp_path, ["a", "b"])
    for name in "ab":
        path = tmp_path / "organisations" / name / "passerelle.toml"
        path.write_text(
            path.read_text("utf-8").replace("[flow.visites]", "[flow.visites]\nblock_bytes = 1024"), "utf-8"
        )
        (tmp_path / "organisations" / name / "cle").write_text("ySKbIbTQiQjLEkBZCLZIzTQYEwnUYTtZ0IhLmJpVA2M=")
        (tmp_path / "organisations" / name / "cle").chmod(0o600)
    return lambda name: choose_members(made, [name])[0].load_settings()


def work_in_slices(settings, **bounds) -> list:
    outcomes = []
    with open_workspace(settings, clock=FixedClock()) as workspace:
        while not outcomes or outcomes[-1].has_more:
            turn = FlowSlice(collects=not outcomes, **bounds)
            outcomes += run_flows(workspace, ["visites"], turn=turn).outcomes
            assert len(outcomes) < 100
    return outcomes


def read_lines(folder) -> list[str]:
    return sorted(line for path in folder.glob("*.ndjson") for line in path.read_text("utf-8").splitlines())


def test_a_slice_is_spent_by_batches_by_time_or_at_the_end_of_the_process_and_never_before_one_batch():
    clock = [0.0]
    turn = FlowSlice(2, 10, now=lambda: clock[0])
    clock[0] = 50
    assert not turn.is_spent
    turn.count()
    assert turn.is_spent
    turn = FlowSlice(2, 10, now=lambda: clock[0])
    turn.count()
    assert not turn.is_spent
    turn.count()
    assert turn.is_spent
    assert FlowSlice(is_ending=lambda: True).is_spent
    unbounded = FlowSlice()
    for _batch in range(1_000):
        unbounded.count()
    assert not unbounded.is_spent


def test_a_parcel_that_is_cut_between_batches_is_delivered_as_if_it_were_not(member, tmp_path):
    for name in "ab":
        drop_export(tmp_path, name)
    (whole,) = work_in_slices(member("a"))
    parts = work_in_slices(member("b"), batches=1)
    assert len(parts) >= 3
    assert [outcome.settled for outcome in parts[:-1]] == [0] * (len(parts) - 1)
    assert sum(outcome.balance.received for outcome in parts) == whole.balance.received
    outputs = [tmp_path / "organisations" / name / "sorties" for name in "ab"]
    assert read_lines(outputs[0]) == read_lines(outputs[1]) != []


def test_a_turn_takes_some_of_the_parcels_and_leaves_the_others_in_their_order(member, tmp_path):
    text = EXPORT.read_text("utf-8")
    head, *lines = text.splitlines()
    for nth, line in enumerate(lines[:6]):
        path = tmp_path / "organisations" / "a" / "entrees" / f"{nth}.csv"
        path.write_text(f"{head}\n{line}\n" + f"{line}\n" * 12, "utf-8")
    outcomes = work_in_slices(member("a"), batches=2)
    assert len(outcomes) > 2
    assert sum(outcome.settled for outcome in outcomes) == 6
    assert all(outcome.has_more for outcome in outcomes[:-1])


def test_a_turn_that_goes_on_does_not_ask_the_source(member, tmp_path):
    drop_export(tmp_path, "a", "a.csv")
    with open_workspace(member("a"), clock=FixedClock()) as workspace:
        (outcome,) = run_flows(workspace, ["visites"], turn=FlowSlice(collects=False)).outcomes
        assert outcome.balance.received == 0
        (outcome,) = run_flows(workspace, ["visites"], turn=FlowSlice()).outcomes
        assert outcome.balance.received > 0


def test_a_file_of_a_fixed_name_is_placed_by_the_turn_that_has_the_rest_of_it(member, tmp_path):
    path = tmp_path / "organisations" / "a" / "passerelle.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('path = "sorties" }', 'path = "sorties", file_name = "{contract}.ndjson" }'), "utf-8")
    drop_export(tmp_path, "a")
    folder, seen, has_more = tmp_path / "organisations" / "a" / "sorties", [], True
    with open_workspace(member("a"), clock=FixedClock()) as workspace:
        while has_more:
            (outcome,) = run_flows(workspace, ["visites"], turn=FlowSlice(1, collects=not seen)).outcomes
            has_more = outcome.has_more
            seen.append((has_more, len(list(folder.glob("*.ndjson")))))
    assert len(seen) > 2
    assert {placed for more, placed in seen if more} == {0}
    assert seen[-1][1] == 2, "one of each contract"
    rows = len(read_lines(folder))
    assert rows == len(set(read_lines(folder))) > 2
