"""Laws of a fleet, over random histories in simulated time, by the real turning and sweeping."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from journeying import count_examples

from passerelle.engine.turns.turning import TurnEnd
from passerelle.vocabulary.turns import FlowKey

pytest.importorskip("greenlet", reason="the simulated workers are greenlets")
from simulated_fleet import BATCH, FETCH, HOLD, LOOK, SETTLE, SWEEP_EVERY, DayPlan, World, simulate_day

KEYS = [
    FlowKey(organisation, flow) for organisation in ("una-35", "admr-81", "ccas-29") for flow in ("visites", "usagers")
]
RUBBISH = ("", 7, ("turn",), "una-35/visites")
LONG_ENOUGH = 4 * (HOLD + SWEEP_EVERY)
"""Seconds after which whatever was lost has been found again."""


class FleetHistory(RuleBasedStateMachine):
    """Workers come, die and freeze; bells get lost, double and rubbish; batches arrive all the while."""

    @initialize(limit=st.integers(0, 2), seed=st.integers(0, 99))
    def begin(self, limit: int, seed: int) -> None:
        self.world = World(seed, per_organisation=limit, slice_batches=3)
        self.world.add_worker()

    @rule(key=st.sampled_from(KEYS), batches=st.integers(1, 9), rings=st.booleans())
    def arrive(self, key: FlowKey, batches: int, *, rings: bool) -> None:
        self.world.register(key, batches, rings=rings)

    @rule(seconds=st.sampled_from([0.02, 0.2, 1.0, HOLD + 1, 2 * HOLD]))
    def wait(self, seconds: float) -> None:
        self.world.run(self.world.now + seconds)

    @rule()
    def come(self) -> None:
        if len(self.world.workers) < 12:
            self.world.add_worker()

    @rule(which=st.integers(0, 11))
    def die(self, which: int) -> None:
        self.world.workers[which % len(self.world.workers)].kill()

    @rule(which=st.integers(0, 11))
    def freeze(self, which: int) -> None:
        self.world.workers[which % len(self.world.workers)].freeze()

    @rule(which=st.integers(0, 11))
    def wake_up(self, which: int) -> None:
        self.world.workers[which % len(self.world.workers)].thaw()

    @precondition(lambda self: any(worker.held for worker in self.world.workers))
    @rule(times=st.integers(1, 3))
    def freeze_at_work(self, times: int) -> None:
        """Freeze who has a turn in hand, until another one may have it, and wake them up."""
        world = self.world
        worker = next(worker for worker in world.workers if worker.held)
        worker.freeze()
        if sum(not one.is_dead for one in world.workers) < 3:
            world.add_worker()
        world.run(world.now + times * (HOLD + SWEEP_EVERY))
        worker.thaw()

    @precondition(lambda self: self.world.bells)
    @rule(which=st.integers(0, 99), comes_twice=st.booleans())
    def lose_or_double(self, which: int, *, comes_twice: bool) -> None:
        world = self.world
        key = world.bells[which % len(world.bells)]
        if comes_twice:
            world.add_bell(key)
        else:
            world.bells.remove(key)
            world.rung[key] -= 1

    @rule(rubbish=st.sampled_from(RUBBISH))
    def spoil(self, rubbish: object) -> None:
        self.world.add_bell(rubbish)

    @rule()
    def sweep(self) -> None:
        self.world.sweep()
        world, waiting = self.world, list(self.world.bells)
        due = [
            key
            for key, turn in world.turns.items()
            if (turn.owner and turn.held_until <= world.now)
            or (not turn.owner and turn.due_at is not None and turn.due_at <= world.now)
        ]
        limit = world.per_organisation
        for organisation in {key.organisation for key in due}:
            left = {key for key in due if key.organisation == organisation} - set(waiting)
            rung = sum(key.organisation == organisation for key in waiting)
            # where there is a limit, each bell that is answered rings for the next
            assert not left or (limit and rung >= limit)
        assert len(set(waiting)) == len(waiting)

    @invariant()
    def is_in_order(self) -> None:
        for flow in self.world.flows.values() if hasattr(self, "world") else ():
            assert flow.settled == list(range(len(flow.settled)))
            assert len(flow.settled) + len(flow.waiting) == flow.registered
            assert flow.sent >= len(flow.settled)

    def teardown(self) -> None:
        """Once one worker lives and nothing more happens, everything that was registered is settled."""
        if not hasattr(self, "world"):
            return
        world = self.world
        for worker in world.workers:
            worker.thaw()
        world.add_worker()
        work = sum(flow.registered for flow in world.flows.values())
        # a retry of each interrupted batch, and a turn of one batch each at worst
        world.run(world.now + LONG_ENOUGH * (1 + len(world.flows)) + 10 * work)
        assert world.is_done
        for flow in world.flows.values():
            assert flow.settled == list(range(flow.registered))


TestFleetHistory = FleetHistory.TestCase
TestFleetHistory.settings = settings(max_examples=count_examples(150), stateful_step_count=40)


@pytest.mark.parametrize("seconds", [0.06, 0.115, 0.12, 0.2, 0.23, 0.3])
def test_who_was_frozen_at_any_moment_and_overtaken_settles_nothing_more(seconds):
    world = World()
    late, key = world.add_worker(), KEYS[0]
    world.register(key, 50)
    world.run(seconds)
    assert late.held
    late.freeze()
    world.add_worker()
    world.run(seconds + 2 * (HOLD + SWEEP_EVERY) + 1)
    settled = len(world.flows[key].settled)
    assert settled >= 50 - len(world.flows[key].waiting) > 5
    late.thaw()
    world.run(world.now + 600)
    assert world.flows[key].settled == list(range(50))
    assert world.refused == 1
    assert world.ends[TurnEnd.OVERTAKEN] == 1


@settings(max_examples=count_examples(60))
@given(
    flows=st.integers(1, 40),
    workers=st.integers(1, 5),
    large=st.integers(0, 500),
    seed=st.integers(0, 1_000),
)
def test_a_flow_waits_no_longer_than_its_share_of_slices_whoever_else_has_much(flows, workers, large, seed):
    world, chance = World(seed, slice_batches=4), random.Random(seed)  # noqa: S311  the same each time
    for _ in range(workers):
        world.add_worker()
    world.register(FlowKey("admr-81", "visites"), large + 1)
    for number in range(flows):
        key = FlowKey(f"org-{number}", "visites")
        world.at(chance.uniform(0, 2), lambda key=key: world.register(key, 1 + chance.randrange(12)))
    world.run(3_600)
    assert world.is_done
    slice_seconds = FETCH + LOOK + 4 * (BATCH + SETTLE)
    most = math.ceil((flows + 1) / workers) * slice_seconds
    for flow in world.flows.values():
        assert max(flow.waits) <= most + slice_seconds


@settings(max_examples=count_examples(25))
@given(
    small=st.integers(1, 30),
    large=st.integers(1, 60),
    workers=st.integers(1, 5),
    limit=st.integers(1, 3),
    seed=st.integers(0, 1_000),
)
def test_an_organisation_with_many_flows_keeps_small_ones_waiting_no_longer_than_one_with_a_few(
    small, large, workers, limit, seed
):
    world, chance = World(seed, per_organisation=limit, slice_batches=4), random.Random(seed)  # noqa: S311  see above
    for _ in range(workers):
        world.add_worker()
    # without end, as far as the others can tell: a sweep finds its flows, none of them is rung for
    for number in range(large):
        world.register(FlowKey("admr-81", f"flux-{number}"), 40, rings=False)
    world.sweep()
    for number in range(small):
        key = FlowKey(f"org-{number}", "visites")
        world.at(chance.uniform(0, 90), lambda key=key: world.register(key, 1 + chance.randrange(12)))
    world.run(40 * large + 3_600)
    assert world.is_done
    slice_seconds = FETCH + LOOK + 4 * (BATCH + SETTLE)
    # of the large one as many stand in line as may, and those whose turns were in hand when their flow came back
    most = math.ceil((small + 2 * limit + 1) / workers) * slice_seconds
    for number in range(small):
        assert max(world.flows[FlowKey(f"org-{number}", "visites")].waits) <= most + 2 * slice_seconds


def test_hundreds_of_organisations_and_one_a_hundred_times_as_large_lose_nothing_and_nobody_starves():
    world, chance = World(3, per_organisation=2), random.Random(3)  # noqa: S311  the same each time
    for _ in range(3):
        world.add_worker()
    keys = [FlowKey(f"org-{number:03d}", flow) for number in range(200) for flow in ("visites", "usagers")]
    for key in keys:
        for _ in range(3):
            world.at(
                chance.uniform(0, 3_600), lambda key=key: world.register(key, 1 + int(chance.lognormvariate(0, 1)))
            )
    for _ in range(100):
        world.at(chance.uniform(0, 3_600), lambda: world.register(FlowKey("admr-81", "visites"), 40))
    for number in range(12):
        world.at(300 * number + 100, lambda: chance.choice(world.workers).kill())
        world.at(300 * number + 100, world.add_worker)
    world.run(3_600 + 1_200)
    assert world.is_done
    world.sweep()  # flows are due for their next look
    assert world.sweep().rung == ()
    small = sorted(wait for key in keys for wait in world.flows[key].waits)
    # the longest waits are those of flows whose worker died: until it was silent for long enough, and a sweep
    assert small[int(len(small) * 0.95)] < 10
    assert small[-1] < HOLD + SWEEP_EVERY + 30


def test_a_day_of_a_federation_is_settled_to_the_last_batch():
    world = simulate_day(DayPlan(organisations=60, flows=3, kills=12))
    assert world.is_done
    for flow in world.flows.values():
        assert flow.settled == list(range(flow.registered))
