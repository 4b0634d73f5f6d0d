"""Whose turn it is: flows that have work wait in one line, and who has more to do goes to its end.

Nothing here knows a clock, a file or a process: with F flows in line or at work and W workers, a flow waits at most
⌈F/W⌉ slices, however much work any of them has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class FlowTurn(NamedTuple):
    """A flow of an organisation, as it stands in line."""

    organisation: str
    flow: str


@dataclass(slots=True)
class TurnOrder:
    """The line: each flow once, from when it has work until it has none."""

    places: dict[FlowTurn, int] = field(default_factory=dict)
    """The number of each; the lowest is the next."""
    going_on: set[FlowTurn] = field(default_factory=set)
    """Flows whose earlier turn left something: what waits of them is known without asking their source."""
    last: int = 0
    """The highest number that was given."""

    def ask(self, turns: Iterable[FlowTurn]) -> None:
        """Let flows that have work stand in line, in this order; one that stands there keeps its place."""
        for turn in turns:
            if turn not in self.places:
                self._put_last(turn)

    def choose(self, is_free: Callable[[FlowTurn], bool]) -> FlowTurn | None:
        """Return the first flow in line that nobody works on; None when there is none.

        It keeps its place while it is worked on: after a kill it is the first again.
        """
        return next((turn for turn in sorted(self.places, key=self.places.__getitem__) if is_free(turn)), None)

    def end(self, turn: FlowTurn, *, has_more: bool) -> None:
        """End a turn: who has more to do stands behind everybody who waits, who has not leaves the line."""
        self.places.pop(turn, None)
        self.going_on.discard(turn)
        if has_more:
            self._put_last(turn)
            self.going_on.add(turn)

    def _put_last(self, turn: FlowTurn) -> None:
        self.last += 1
        self.places[turn] = self.last


def arrange_turns(ready: Mapping[str, Sequence[str]]) -> list[FlowTurn]:
    """Return the flows that are ready so that the first of each organisation comes before the second of any."""
    rows = ([FlowTurn(organisation, flow) for flow in flows] for organisation, flows in ready.items())
    return [turn for turn in chain.from_iterable(zip_longest(*rows)) if turn is not None]
