"""A flow waits at most ⌈F/W⌉ slices, whoever else has work and however much: whatever arrives, and whenever."""

from __future__ import annotations

import heapq
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.organisations.turn_order import FlowTurn, TurnOrder, arrange_turns

ARRIVALS = st.lists(
    st.tuples(
        st.integers(0, 40),  # when, in quarters of a slice
        st.integers(0, 7),  # whose
        st.integers(1, 30),  # how many slices of work it has then
    ),
    min_size=1,
    max_size=60,
)


class SimulatedHall:
    """Workers before one line, on a clock of our own; slices last at most four ticks."""

    def __init__(self, workers: int, lengths: list[int]) -> None:
        self.order = TurnOrder()
        self.free = workers
        self.workers = workers
        self.lengths = lengths
        self.at_work: dict[FlowTurn, int] = {}
        self.work: dict[FlowTurn, int] = {}
        self.asked: dict[FlowTurn, tuple[int, int]] = {}
        self.waits: list[tuple[int, int]] = []
        self.served: list[FlowTurn] = []
        self.events: list[tuple[int, int, FlowTurn, int]] = []

    def ask(self, turn: FlowTurn, now: int) -> None:
        if turn not in self.order.places:
            self.order.ask([turn])
            self.asked[turn] = now, len(self.order.places)

    def start(self, now: int) -> None:
        while self.free and (turn := self.order.choose(lambda one: one not in self.at_work)):
            self.free -= 1
            since, ready = self.asked.pop(turn)
            self.waits.append((now - since, ceil(ready / self.workers)))
            self.at_work[turn] = now
            self.served.append(turn)
            length = self.lengths[len(self.served) % len(self.lengths)]
            heapq.heappush(self.events, (now + length, 0, turn, 0))

    def run(self, arrivals: list[tuple[int, int, int]]) -> None:
        for when, whose, slices in arrivals:
            heapq.heappush(self.events, (when, 1, FlowTurn(f"org-{whose % 3}", f"flow-{whose}"), slices))
        while self.events:
            now, kind, turn, slices = heapq.heappop(self.events)
            if kind == 1:
                self.work[turn] = self.work.get(turn, 0) + slices
                self.ask(turn, now)
            else:
                del self.at_work[turn]
                self.free += 1
                self.work[turn] -= 1
                has_more = self.work[turn] > 0
                self.order.end(turn, has_more=has_more)
                if has_more:
                    self.asked[turn] = now, len(self.order.places)
            self.start(now)


@settings(max_examples=count_examples(600))
@given(arrivals=ARRIVALS, workers=st.integers(1, 5), lengths=st.lists(st.integers(1, 4), min_size=1, max_size=9))
def test_a_flow_waits_at_most_for_one_slice_of_each_of_the_others(arrivals, workers, lengths):
    hall = SimulatedHall(workers, lengths)
    hall.run(arrivals)
    assert [(wait, bound) for wait, bound in hall.waits if wait > 4 * bound] == []
    assert all(left == 0 for left in hall.work.values()), "and all work is done"
    assert len(hall.served) == sum(slices for _when, _whose, slices in arrivals)


@settings(max_examples=count_examples(300))
@given(arrivals=ARRIVALS, workers=st.integers(1, 5))
def test_no_flow_is_worked_on_by_two_at_the_same_time(arrivals, workers):
    hall = SimulatedHall(workers, [4])
    seen: list[int] = []
    start = hall.start

    def watch(now: int) -> None:
        start(now)
        seen.append(len(hall.at_work))
        assert len(hall.at_work) + hall.free == workers

    hall.start = watch
    hall.run(arrivals)
    assert max(seen) <= workers


def test_three_hundred_small_ones_are_through_before_a_large_one_has_had_two_slices():
    order = TurnOrder()
    large, small = FlowTurn("grande", "visites"), [FlowTurn(f"petite-{nth}", "visites") for nth in range(300)]
    order.ask([large, *small])
    served = []
    while turn := order.choose(lambda _turn: True):
        served.append(turn)
        order.end(turn, has_more=turn == large and served.count(large) < 47)
    assert served[:301] == [large, *small]
    assert served[301:] == [large] * 46


def test_who_asks_again_keeps_the_place_and_who_was_killed_is_the_first_again():
    order, one, two = TurnOrder(), FlowTurn("a", "x"), FlowTurn("b", "x")
    order.ask([one, two])
    order.ask([two, one])
    assert order.choose(lambda _turn: True) == one
    assert order.choose(lambda _turn: True) == one, "nothing said that its turn ended"
    order.end(one, has_more=True)
    assert (order.choose(lambda _turn: True), order.going_on) == (two, {one})
    order.end(one, has_more=False)
    assert (order.places.keys(), order.going_on) == ({two}, set())


def test_the_first_of_each_organisation_comes_before_the_second_of_any():
    ready = {"a": ["1", "2", "3"], "b": [], "c": ["4"], "d": ["5", "6"]}
    assert [turn.flow for turn in arrange_turns(ready)] == ["1", "4", "5", "2", "6", "3"]
