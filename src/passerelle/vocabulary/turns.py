"""Turns of flows: which flow, the fence under which its turn writes, what it leaves behind, and the ports of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class FlowKey:
    """A flow of an organisation. Both are ids of our own, never a value."""

    organisation: str
    """Empty where there is one only, which needs no name."""
    flow: str

    def __str__(self) -> str:
        """Return both as one word, as a queue keeps it."""
        return f"{self.organisation}/{self.flow}"


@dataclass(frozen=True, slots=True)
class Fence:
    """The number of a turn: the next turn of the flow has a larger one, and what comes under a smaller is refused."""

    key: FlowKey
    number: int
    owner: str
    """Who holds the turn."""


@dataclass(frozen=True, slots=True)
class TurnRest:
    """What a turn leaves behind: when its flow is due again, and how much waits."""

    due_at: datetime | None
    """None: nothing wakes it but its bell."""
    left: int = 0
    """Parcels that are not finished."""
    is_cut: bool = False
    """Whether more can be done at once, whatever the moment: clocks of workers differ from that of the database."""


class Turnstile(Protocol):
    """Lets one worker at a time work on a flow."""

    def take(self, key: FlowKey) -> Fence | None:
        """Take the turn of a flow; None when somebody holds it, or when its organisation has as many as it may."""
        ...

    def holds(self, fence: Fence) -> bool:
        """Whether the turn is still held, which is prolonged by being asked; False once another one overtook it."""
        ...

    def give_back(self, fence: Fence, rest: TurnRest) -> bool:
        """End a turn. A flow that is due at once is rung for again, in the same transaction.

        Also one of the same organisation, where one waits. Return False, and do nothing, for a turn that was overtaken.
        """
        ...

    def list_due(self) -> Sequence[FlowKey]:
        """List the flows that are due, or whose worker is dead, longest first."""
        ...


class Bell(Protocol):
    """What tells workers that a flow has something to do. Ringing twice is ringing once."""

    def ring(self, key: FlowKey) -> None:
        """Ring for a flow: it is due, and a worker takes it in its turn."""
        ...

    def ring_later(self, key: FlowKey, at: datetime) -> None:
        """Ring for a flow at a moment, unless it is due before."""
        ...

    def list_rung(self) -> Collection[FlowKey]:
        """List the flows for which a bell waits."""
        ...

    def clear(self) -> int:
        """Take away the bells that nobody will answer: of dead workers, and what is no bell. Return how many."""
        ...
