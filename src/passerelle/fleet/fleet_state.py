"""How the fleet is, in counts alone: read from the journal and the queue each time, nothing is remembered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from passerelle.fleet.queue import make_queue
from passerelle.stores.bells import Bells, ring_on
from passerelle.stores.turns import TurnRules, Turns
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from passerelle.engine.settings.fleet_settings import FleetSettings


@dataclass(frozen=True, slots=True)
class FleetState:
    """How many flows there are, what they wait for, and who works."""

    flows: int
    due: int
    in_hand: int
    oldest_due: datetime | None
    workers: int
    stranded: int
    """Flows that are due, or whose worker is dead, for longer than two sweeps, and for which nobody rings."""
    waiting_bells: int
    failed_bells: int

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look: flows are stranded, turns failed, or nobody works."""
        return bool(self.stranded or self.failed_bells or (self.due and not self.workers))


def open_turnstile(engine: Engine, rules: FleetSettings, owner: str = "") -> tuple[Turns, Bells]:
    """Return turns and bells of a database, whose tables are made where they are not there yet."""
    make_queue(engine)
    hold = 3.0 * rules.heartbeat
    turns = Turns(engine, owner, TurnRules(hold, rules.per_organisation), ring=ring_on)
    return turns, Bells(engine, stalled_after=hold)


def read_fleet_state(engine: Engine, rules: FleetSettings) -> FleetState:
    """Return how the fleet is."""
    turns, bells = open_turnstile(engine, rules)
    rung, counts, jobs = frozenset(bells.list_rung()), turns.count(), bells.count()
    overdue = turns.list_due(timedelta(seconds=2 * rules.sweep_every))
    return FleetState(
        flows=counts.flows,
        due=counts.due,
        in_hand=counts.in_hand,
        oldest_due=counts.oldest_due,
        workers=jobs.workers,
        stranded=sum(key not in rung for key in overdue),
        waiting_bells=jobs.waiting,
        failed_bells=jobs.failed,
    )
