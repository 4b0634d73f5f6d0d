"""How the fleet is for each organisation, in counts alone: read from the journal and the queue each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from passerelle.stores.bells import Bells
from passerelle.stores.database import open_reader
from passerelle.stores.turns import NOTHING, Turns
from passerelle.stores.worker_roll import count_servers, list_workers
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Engine

_IS_THERE = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")


@dataclass(frozen=True, slots=True)
class FleetRules:
    """What counts as late. Times are in seconds."""

    hold: float
    """How long a turn is held, and a worker alive, without a sign of life."""
    late: float
    """After how long a flow that is due should have been rung for."""
    per_organisation: int = 0


@dataclass(frozen=True, slots=True)
class FleetState:
    """How many flows there are, what they wait for, and who works."""

    flows: int = 0
    due: int = 0
    in_hand: int = 0
    oldest_due: datetime | None = None
    workers: int = 0
    """Those that serve the organisation."""
    stranded: int = 0
    """Flows that are due, or whose worker is dead, for longer than two sweeps, and for which nobody rings."""
    waiting_bells: int = 0
    failed_bells: int = 0

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look: flows are stranded, turns failed, or nobody works."""
        return bool(self.stranded or self.failed_bells or (self.due and not self.workers))


def has_queue(engine: Engine) -> bool:
    """Whether the tables of the queue are there: a worker was started once."""
    with open_reader(engine) as connection:
        return bool(connection.execute(_IS_THERE).scalar())


def read_fleet_states(engine: Engine, rules: FleetRules, names: Collection[str]) -> Mapping[str, FleetState]:
    """Return how the fleet is for each of these organisations, which the engine may see."""
    turns = Turns(engine, "", serves=lambda: names)
    bells = Bells(engine, stalled_after=rules.hold)
    is_rung = has_queue(engine)
    rung = frozenset(bells.list_rung()) if is_rung else frozenset()
    counts, jobs = turns.count_each(), bells.count_each() if is_rung else {}
    workers = count_servers(list_workers(engine, rules.hold))
    overdue = turns.list_due(timedelta(seconds=rules.late))
    states = {}
    for name in names:
        own, waiting, failed = counts.get(name, NOTHING), *jobs.get(name, (0, 0))
        left = sum(key.organisation == name and key not in rung for key in overdue)
        # with a limit the flows of an organisation come one after the other: each that ends rings for the next
        is_moving = rules.per_organisation and (waiting or own.in_hand)
        states[name] = FleetState(
            flows=own.flows,
            due=own.due,
            in_hand=own.in_hand,
            oldest_due=own.oldest_due,
            workers=workers[name],
            stranded=0 if is_moving else left,
            waiting_bells=waiting,
            failed_bells=failed,
        )
    return states


def sum_states(states: Iterable[FleetState], workers: int) -> FleetState:
    """Return the state of several organisations together. `workers`: one may serve several of them."""
    all_of_them = list(states)
    return FleetState(
        flows=sum(state.flows for state in all_of_them),
        due=sum(state.due for state in all_of_them),
        in_hand=sum(state.in_hand for state in all_of_them),
        oldest_due=min((state.oldest_due for state in all_of_them if state.oldest_due), default=None),
        workers=workers,
        stranded=sum(state.stranded for state in all_of_them),
        waiting_bells=sum(state.waiting_bells for state in all_of_them),
        failed_bells=sum(state.failed_bells for state in all_of_them),
    )
