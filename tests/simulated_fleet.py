"""A fleet in simulated time: the real turning and sweeping over a turnstile and bells in memory, and no sleep anywhere.

Workers are greenlets; whoever waits gives control back to the one event loop, which goes from moment to moment. A
worker can be killed, or frozen and woken up, at each place where it waits. `make fleet-simulation` runs a large one.
"""

from __future__ import annotations

import argparse
import heapq
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import greenlet

from passerelle.engine.flow_slice import FlowSlice
from passerelle.engine.turns.sweeping import SweepReport, sweep
from passerelle.engine.turns.turning import TurnEnd, take_turn
from passerelle.vocabulary.turns import Fence, FlowKey, TurnRest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOLD, HEARTBEAT, SWEEP_EVERY, LOOK_EVERY, POLL = 30.0, 10.0, 60.0, 900.0, 5.0
FETCH, LOOK, BATCH, SETTLE = 0.008, 0.005, 0.1, 0.01
"""Seconds that each step costs, as measured: a fetch, a look that finds nothing, a batch, its settlement."""


class Killed(BaseException):
    """What ends a worker at once: nothing of it runs any more."""


@dataclass
class SimulatedFlow:
    """One flow: what was registered, what was settled, and by whom what was delivered."""

    key: FlowKey
    waiting: deque[int] = field(default_factory=deque)
    settled: list[int] = field(default_factory=list)
    sent: int = 0
    """Batches that were delivered, those that were delivered again too."""
    registered: int = 0
    ready_at: float | None = None
    waits: list[float] = field(default_factory=list)
    """How long it was ready before a turn of it began."""
    is_down: bool = False
    """Whether its other side is away: what waits is tried again later."""


@dataclass
class SimulatedTurn:
    """A row of the table of turns."""

    fence: int = 0
    due_at: float | None = None
    owner: str = ""
    held_until: float = 0.0


class World:
    """Time, flows, turns and bells."""

    def __init__(self, seed: int = 0, *, per_organisation: int = 0, slice_batches: int = 64) -> None:
        self.now, self.chance = 0.0, random.Random(seed)  # noqa: S311  the same each time
        self.per_organisation, self.slice_batches = per_organisation, slice_batches
        self.flows: dict[FlowKey, SimulatedFlow] = {}
        self.turns: dict[FlowKey, SimulatedTurn] = {}
        self.members: dict[str, list[FlowKey]] = {}
        self.look_every = LOOK_EVERY
        self.bells: deque[object] = deque()
        self.rung: Counter[object] = Counter()
        self.answered: list[tuple[object, Worker]] = []
        self.workers: list[Worker] = []
        self.ends: Counter[TurnEnd] = Counter()
        self.refused, self.sweeps = 0, 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (max(moment, self.now), next(self._numbers), act))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _number, act = heapq.heappop(self._events)
            act()
        self.now = until

    def read_clock(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now)

    def register(self, key: FlowKey, batches: int, *, rings: bool = True) -> None:
        """Register batches of a flow, and ring for it in the same transaction, as an edge does."""
        flow = self.flows.setdefault(key, SimulatedFlow(key))
        flow.waiting.extend(range(flow.registered, flow.registered + batches))
        flow.registered += batches
        if flow.ready_at is None:
            flow.ready_at = self.now
        turn = self.find_turn(key)
        turn.due_at = self.now if turn.due_at is None else min(turn.due_at, self.now)
        if rings:
            self.ring(key)

    def find_turn(self, key: FlowKey) -> SimulatedTurn:
        if key not in self.turns:
            self.turns[key] = SimulatedTurn()
            self.members.setdefault(key.organisation, []).append(key)
        return self.turns[key]

    def ring(self, key: object) -> None:
        if not self.rung[key]:
            self.add_bell(key)

    def add_bell(self, key: object) -> None:
        """Put a bell into the queue, whatever waits there already."""
        self.bells.append(key)
        self.rung[key] += 1
        for worker in self.workers:
            if worker.is_idle:
                worker.wake()
                break

    def fetch(self, worker: Worker) -> object | None:
        if not self.bells:
            return None
        key = self.bells.popleft()
        self.rung[key] -= 1
        self.answered.append((key, worker))
        return key

    def add_worker(self) -> Worker:
        worker = Worker(self, f"worker-{len(self.workers)}")
        self.workers.append(worker)
        return worker

    @property
    def is_done(self) -> bool:
        return not any(flow.waiting for flow in self.flows.values())

    def sweep(self) -> SweepReport:
        """Sweep as `fleet sweep` does, by hand and at once."""
        place = _Places(self, None)
        return sweep(place, place, self.per_organisation)


class Worker:
    """A process: one turn at a time, signs of life, and a sweep each minute."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.is_dead, self.is_frozen, self.is_idle = False, False, False
        self.held: Fence | None = None
        self._missed: list[greenlet.greenlet] = []
        self._loops = [greenlet.greenlet(self._work), greenlet.greenlet(self._sweep), greenlet.greenlet(self._beat)]
        for loop in self._loops:
            world.at(world.now, lambda loop=loop: self._resume(loop))

    def sleep(self, seconds: float) -> None:
        me = greenlet.getcurrent()
        self.world.at(self.world.now + seconds, lambda: self._resume(me))
        self._wait()

    def _wait(self) -> None:
        greenlet.getcurrent().parent.switch()
        if self.is_dead:
            raise Killed

    def _resume(self, loop: greenlet.greenlet) -> None:
        if self.is_frozen and not self.is_dead:
            self._missed.append(loop)
        elif not loop.dead:
            loop.parent = greenlet.getcurrent()
            loop.switch()

    def wake(self) -> None:
        """Tell an idle worker that a bell rang."""
        self.is_idle = False
        self.world.at(self.world.now, lambda: self._resume(self._loops[0]))

    def kill(self) -> None:
        self.is_dead = True
        self.is_idle = False

    def freeze(self) -> None:
        self.is_frozen = True

    def thaw(self) -> None:
        self.is_frozen = False
        missed, self._missed = self._missed, []
        for loop in missed:
            self.world.at(self.world.now, lambda loop=loop: self._resume(loop))

    def _work(self) -> None:
        world, place = self.world, _Places(self.world, self)
        try:
            while True:
                self.sleep(FETCH)
                key = world.fetch(self)
                if key is None:
                    self.is_idle = True
                    self._wait()
                    continue
                if isinstance(key, FlowKey):
                    world.ends[take_turn(place, key, self._drain, world.read_clock)] += 1
                world.answered = [(bell, who) for bell, who in world.answered if who is not self]
        except Killed:
            return

    def _drain(self, fence: Fence) -> TurnRest:
        """Take a slice of a flow, as the engine does: look, deliver, settle under the fence."""
        world, flow = self.world, self.world.flows.get(fence.key)
        share = FlowSlice(world.slice_batches, 30, now=lambda: world.now)
        self.held = fence
        self.sleep(LOOK)
        if flow is None:
            return TurnRest(None)
        if flow.is_down:
            self.held, flow.ready_at = None, None
            return TurnRest(world.read_clock() + timedelta(seconds=300), len(flow.waiting))
        if flow.ready_at is not None:
            flow.waits.append(world.now - flow.ready_at)
            flow.ready_at = None
        while flow.waiting and not share.is_spent:
            batch = flow.waiting[0]
            self.sleep(BATCH)
            flow.sent += 1
            self.sleep(SETTLE)
            if world.turns[fence.key].fence != fence.number:
                world.refused += 1
                break
            assert next(iter(flow.waiting), None) == batch, "two workers settled the same flow"
            flow.settled.append(flow.waiting.popleft())
            share.count()
        self.held = None
        if flow.waiting:
            flow.ready_at = world.now
            return TurnRest(None, len(flow.waiting), is_cut=True)
        return TurnRest(world.read_clock() + timedelta(seconds=world.look_every))

    def _beat(self) -> None:
        place = _Places(self.world, self)
        try:
            while True:
                self.sleep(HEARTBEAT)
                if self.held is not None:
                    place.holds(self.held)
        except Killed:
            return

    def _sweep(self) -> None:
        place = _Places(self.world, self)
        try:
            self.sleep(self.world.chance.uniform(0, SWEEP_EVERY))
            while True:
                sweep(place, place, self.world.per_organisation)
                self.world.sweeps += 1
                self.sleep(SWEEP_EVERY)
        except Killed:
            return


@dataclass
class _Places:
    """Turnstile and bell of one worker, as `stores/turns.py` and `stores/bells.py` keep them; without one, by hand."""

    world: World
    worker: Worker | None

    def _check(self) -> None:
        if self.worker is not None and self.worker.is_dead:
            raise Killed

    def take(self, key: FlowKey) -> Fence | None:
        self._check()
        world = self.world
        row = world.find_turn(key)
        if row.owner and row.held_until > world.now:
            return None
        limit = world.per_organisation
        held = [world.turns[each] for each in world.members[key.organisation]] if limit else []
        if limit and sum(bool(turn.owner) and turn.held_until > world.now for turn in held) >= limit:
            return None
        row.fence, row.owner, row.held_until, row.due_at = row.fence + 1, self.worker.name, world.now + HOLD, None
        return Fence(key, row.fence, row.owner)

    def holds(self, fence: Fence) -> bool:
        self._check()
        row = self.world.turns[fence.key]
        if row.fence != fence.number or row.owner != fence.owner:
            return False
        row.held_until = self.world.now + HOLD
        return True

    def give_back(self, fence: Fence, rest: TurnRest) -> bool:
        self._check()
        world, row = self.world, self.world.turns[fence.key]
        if row.fence != fence.number or row.owner != fence.owner:
            return False
        due_at = None if rest.due_at is None else (rest.due_at - BEGIN).total_seconds()
        moments = [moment for moment in (row.due_at, world.now if rest.is_cut else due_at) if moment is not None]
        row.owner, row.due_at = "", min(moments, default=None)
        if row.due_at is not None and row.due_at <= world.now:
            world.ring(fence.key)
        if world.per_organisation:
            due = [key for key in world.members[fence.key.organisation] if self._is_due(key)]
            waiting = sum(world.rung[key] > 0 for key in world.members[fence.key.organisation])
            if due and waiting < world.per_organisation:
                world.ring(min(due, key=lambda key: (world.turns[key].due_at, key)))
        return True

    def _is_due(self, key: FlowKey) -> bool:
        row = self.world.turns[key]
        return not row.owner and row.due_at is not None and row.due_at <= self.world.now

    def list_due(self) -> Sequence[FlowKey]:
        self._check()
        world = self.world
        lost = [key for key, row in world.turns.items() if row.owner and row.held_until <= world.now]
        due = [key for key in world.turns if self._is_due(key)]
        return [*lost, *sorted(due, key=lambda key: (world.turns[key].due_at, key))]

    def ring(self, key: FlowKey) -> None:
        self._check()
        self.world.ring(key)

    def ring_later(self, key: FlowKey, at: datetime) -> None:
        row, moment = self.world.find_turn(key), (at - BEGIN).total_seconds()
        row.due_at = moment if row.due_at is None else min(row.due_at, moment)

    def list_rung(self) -> Collection[FlowKey]:
        self._check()
        return {key for key in self.world.bells if isinstance(key, FlowKey)}

    def clear(self) -> int:
        """Take away rubbish, bells of dead workers, and the second of two."""
        self._check()
        world = self.world
        kept = deque(dict.fromkeys(key for key in world.bells if isinstance(key, FlowKey)))
        gone = len(world.bells) - len(kept)
        world.bells, world.rung = kept, Counter(kept)
        alive = [(key, who) for key, who in world.answered if not who.is_dead]
        gone += len(world.answered) - len(alive)
        world.answered = alive
        return gone


_NIGHT = (
    0.5,
    0.5,
    6.0,
    5.0,
    3.0,
    2.0,
    1.5,
    1.0,
    1.0,
    0.8,
    0.6,
    0.6,
    0.6,
    0.6,
    0.6,
    0.6,
    0.6,
    0.8,
    0.8,
    0.6,
    0.5,
    0.5,
    0.5,
    0.5,
)
"""How much arrives in each hour of a day, relative to the others: exports are made at night."""


@dataclass(frozen=True)
class DayPlan:
    """A day of a federation: how many organisations with how many flows each, worked on by how many workers."""

    organisations: int = 300
    flows: int = 5
    workers: int = 3
    turns: int = 2
    """Turns at the same time of each worker."""
    kills: int = 24
    look_every: int = 900
    seed: int = 1


def simulate_day(plan: DayPlan) -> World:
    """Return the world after a day and as long as it takes to find what was lost in its last minute."""
    world = World(plan.seed, per_organisation=2)
    chance, world.look_every = world.chance, plan.look_every
    for _ in range(plan.workers * plan.turns):
        world.add_worker()
    names = [f"org-{number:05d}" for number in range(plan.organisations)]
    for place, name in enumerate(names):
        parcels = 100 if place == 0 else 1
        for number in range(plan.flows):
            key = FlowKey(name, f"flux-{number}")
            for _ in range(parcels):
                hour = chance.choices(range(24), _NIGHT)[0]
                size = 1 + int(chance.lognormvariate(0, 1.2))
                world.at(3_600 * hour + chance.uniform(0, 3_600), lambda key=key, size=size: world.register(key, size))
    world.at(0, lambda: _turn_down(world, 0.01))
    for number in range(plan.kills):
        world.at(86_400 * (number + 0.5) / plan.kills, lambda: _replace_worker(world))
    world.run(86_400)
    for flow in world.flows.values():
        flow.is_down = False
    world.run(86_400 + 3_600)
    return world


def _turn_down(world: World, share: float) -> None:
    """Let the other side of some flows be away, of others each hour."""
    for flow in world.flows.values():
        flow.is_down = world.chance.random() < share
    if world.now < 82_800:
        world.at(world.now + 3_600, lambda: _turn_down(world, share))


def _replace_worker(world: World) -> None:
    world.chance.choice([worker for worker in world.workers if not worker.is_dead]).kill()
    world.add_worker()


def main() -> None:
    """Simulate a day and print its books."""
    plan = DayPlan()
    parser = argparse.ArgumentParser(description=main.__doc__)
    for name in ("organisations", "flows", "workers", "turns", "kills", "look_every", "seed"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(plan, name))
    plan = DayPlan(**vars(parser.parse_args()))
    begun = time.perf_counter()
    world = simulate_day(plan)
    flows = world.flows.values()
    waits = sorted(wait for flow in flows for wait in flow.waits)
    registered, settled = sum(flow.registered for flow in flows), sum(len(flow.settled) for flow in flows)
    world.sweep()
    print(f"organisations {plan.organisations}, flows {plan.organisations * plan.flows}, seed {plan.seed}")  # noqa: T201  it is a command
    print(f"registered {registered}, settled {settled}, sent again {sum(flow.sent for flow in flows) - settled}")  # noqa: T201  see above
    print(f"turns {dict(world.ends)}, stranded after a sweep {len(world.sweep().rung)}")  # noqa: T201  see above
    shares = {f"p{share}": waits[min(int(len(waits) * share / 100), len(waits) - 1)] for share in (50, 99, 100)}
    print("wait of a flow that is ready:", ", ".join(f"{name} {wait:.1f} s" for name, wait in shares.items()))  # noqa: T201  see above
    print(f"simulated in {time.perf_counter() - begun:.0f} s")  # noqa: T201  see above


if __name__ == "__main__":
    main()
