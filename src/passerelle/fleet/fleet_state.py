"""Turns and bells of a database by the rules of the settings, and how the fleet is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.health.worker_checks import find_lateness
from passerelle.fleet.queue_schema import make_queue
from passerelle.stores.bells import Bells, ring_on
from passerelle.stores.fleet_counts import FleetState, read_fleet_states, sum_states
from passerelle.stores.turns import TurnRules, Turns
from passerelle.stores.worker_roll import list_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Engine

    from passerelle.engine.settings.fleet_settings import FleetSettings


def open_turnstile(
    engine: Engine, rules: FleetSettings, owner: str = "", serves: Callable[[], Collection[str]] | None = None
) -> tuple[Turns, Bells]:
    """Return turns and bells of a database, whose tables are made where they are not there yet.

    `serves`: the organisations of a database that is open for several.
    """
    make_queue(engine)
    hold = 3.0 * rules.heartbeat
    turns = Turns(engine, owner, TurnRules(hold, rules.per_organisation), ring=ring_on, serves=serves)
    return turns, Bells(engine, stalled_after=hold)


def read_states(engine: Engine, settings: FleetSettings, names: Collection[str]) -> Mapping[str, FleetState]:
    """Return how the fleet is for each of these organisations."""
    make_queue(engine)
    return read_fleet_states(engine, find_lateness(settings), names)


def read_total(engine: Engine, settings: FleetSettings, states: Mapping[str, FleetState]) -> FleetState:
    """Return how the fleet is for all of them together."""
    living = list_workers(engine, find_lateness(settings).hold)
    return sum_states(states.values(), sum(not states.keys().isdisjoint(worker.serves) for worker in living))
