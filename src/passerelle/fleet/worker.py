"""A worker: answers bells with turns, gives signs of life, sweeps, outlives restarts of the database, ends when asked.

What it does not know it asks of the journal: it may be killed at any moment, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import time
from contextlib import suppress
from functools import partial
from threading import Event, Timer
from typing import TYPE_CHECKING

from passerelle.engine.log import log, mark_organisation
from passerelle.engine.runs.housekeeping import tidy
from passerelle.engine.runs.run_state import RunState
from passerelle.engine.turns.clock_skew import APART, check_skew
from passerelle.engine.turns.fenced_turn import FencedTurn
from passerelle.engine.turns.next_moments import find_first_moment
from passerelle.engine.turns.sweeping import sweep
from passerelle.engine.turns.turning import take_turn
from passerelle.fleet.beats import Beats
from passerelle.fleet.fleet_state import open_turnstile
from passerelle.fleet.queue import make_app, run_queue
from passerelle.fleet.queue_schema import QueueLibrary, upgrade_queue
from passerelle.stores.bells import find_skew
from passerelle.stores.integrity import refuse_newer
from passerelle.stores.worker_roll import leave_roll, list_workers, sign_roll
from passerelle.vocabulary.errors import FatalError, PasserelleError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.turns import FlowKey, TurnRest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from passerelle.engine.settings.fleet_settings import FleetSettings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.fleet.workspaces import OpenWorkspaces
    from passerelle.vocabulary.ports import Clock
    from passerelle.vocabulary.turns import Fence

_ENDING = frozenset({APART, "incident.database.newer", "incident.queue.newer"})
"""What nobody mends while a worker lives: it ends, and says why."""
_SKEW_EVERY = 3_600.0
_TIDY_EVERY = 3_600.0
_AWAY_MOST = 300.0
"""After so many seconds without a database the process ends: whoever started it starts it again."""
_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
_END_MOST = 9.0
"""After so many seconds a process that was asked to end does so, whatever is still in hand: its turn is swept."""


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker is told: how many turns at the same time, by which rules, whether the server tells of bells."""

    rules: FleetSettings
    turns: int = 2
    listens: bool = True


class Worker:
    """One process that works for the organisations of some workspaces."""

    def __init__(self, engine: Engine, workspaces: OpenWorkspaces, clock: Clock, plan: WorkerPlan) -> None:
        self._engine, self._workspaces, self._clock, self._plan = engine, workspaces, clock, plan
        rules = plan.rules
        # who owns a turn is never who owned it before the process was started anew
        self.name = f"{socket.gethostname()[:40].lower()}/{os.getpid()}/{secrets.token_hex(4)}"
        self.turns, self.bells = open_turnstile(engine, rules, self.name, lambda: self._workspaces.openings)
        self._beats = Beats(self.turns, rules.heartbeat, self._sign)
        self._end, self._is_changing, self._library = Event(), Event(), QueueLibrary()
        self._outdated: PasserelleError | None = None
        self._ask: Callable[[], object] = self._end.set
        self._tidied: dict[str, float] = {}

    def work(self) -> bool:
        """Work until a signal comes; return False when the database stayed away.

        Raises FatalError, before the first turn or later: `incident.clock.apart` when the clock is not the server's,
        `incident.database.newer` and `incident.queue.newer` when a later version changed what this one works with.
        """
        self._check_clock()
        self._check_versions()
        self._sign()
        log("worker_started", count=len(self._workspaces.openings))
        try:
            with self._beats.keep_beating():
                return asyncio.run(self._supervise())
        finally:
            self._workspaces.close()
            with suppress(PasserelleError):
                leave_roll(self._engine, self.name)
            log("worker_ended")

    def _sign(self) -> None:
        sign_roll(self._engine, self.name, self._workspaces.openings, self._library.version)

    async def _supervise(self) -> bool:
        """Keep the queue answered until somebody asks for an end; after each fault of the database, once more."""
        loop, asked, changed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._ask = partial(loop.call_soon_threadsafe, self._ask_to_end, asked)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ask_to_end, asked)
        upkeep = loop.create_task(self._keep_up(asked, changed))
        # without sweeps nobody would notice what is lost: who cannot sweep ends, and says why
        upkeep.add_done_callback(lambda _task: asked.set())
        try:
            while not asked.is_set():
                await self._answer_until_fault(asked, changed)
                if not await self._wait_for_database(asked):
                    return False
        finally:
            self._end.set()
            asked.set()
            await upkeep
        if self._outdated is not None:
            raise self._outdated
        return True

    async def _answer_until_fault(self, asked: asyncio.Event, changed: asyncio.Event) -> None:
        """Answer bells until somebody asks for an end, others are served from now on, or the queue ends by a fault."""
        plan = self._plan
        changed.clear()
        self._is_changing.clear()
        app = make_app(self._engine, self._answer, plan.turns)
        names = self._workspaces.openings
        queue = asyncio.ensure_future(run_queue(app, names, plan.turns, plan.rules.heartbeat, listens=plan.listens))
        waiting = [asyncio.ensure_future(each.wait()) for each in (asked, changed)]
        await asyncio.wait({queue, *waiting}, return_when=asyncio.FIRST_COMPLETED)
        # turns in hand settle their batch, and are given back
        self._is_changing.set()
        for each in waiting:
            each.cancel()
        queue.cancel()
        try:
            await queue
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001  whatever it is, mostly a driver's: the database is asked how it is
            log("worker_waits", error=error)

    async def _wait_for_database(self, asked: asyncio.Event) -> bool:
        """Wait, with growing pauses, until the database answers; return False when it stayed away."""
        since, pauses = time.monotonic(), iter(_PAUSES)
        while not asked.is_set():
            pause = next(pauses, _PAUSES[-1])
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), pause)
            try:
                await asyncio.to_thread(find_skew, self._engine, self._clock.now())
            except PasserelleError as error:
                log("worker_waits", code=error.code)
            else:
                return True
            if time.monotonic() - since > _AWAY_MOST:
                return False
        return True

    def _ask_to_end(self, asked: asyncio.Event) -> None:
        """Let turns in hand settle their batch and be given back, and end after a while whatever they do."""
        self._end.set()
        asked.set()
        last = Timer(_END_MOST, os._exit, (int(RunState.WAITING),))
        last.daemon = True
        last.start()

    async def _keep_up(self, asked: asyncio.Event, changed: asyncio.Event) -> None:
        """Sweep and look at the clock, again and again. Raises FatalError when the clock is wrong by now."""
        rules, checked, chance = self._plan.rules, time.monotonic(), secrets.SystemRandom()
        # several workers that start together do not sweep together
        pause = chance.uniform(0, min(rules.sweep_every, rules.heartbeat))
        while not asked.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), pause)
            pause = rules.sweep_every * chance.uniform(0.8, 1.0)
            try:
                if await asyncio.to_thread(self.sweep):
                    changed.set()
                if time.monotonic() - checked > _SKEW_EVERY:
                    await asyncio.to_thread(self._check_clock)
                    checked = time.monotonic()
            except PasserelleError as error:
                if error.code in _ENDING:
                    self._ask_to_end(asked)
                    raise
                log("worker_waits", code=error.code)

    def sweep(self) -> bool:
        """Note when flows that nobody knew yet are due, and ring for those that nobody rings for.

        Return whether other organisations are served than before.
        """
        self._check_versions()
        is_changed = self._workspaces.renew()
        if is_changed:
            log("worker_serves", count=len(self._workspaces.openings))
        self._enrol()
        report = sweep(self.turns, self.bells, self._plan.rules.per_organisation)
        if report.cleared or report.rung:
            log("flows_swept", flows=len(report.rung), removed=report.cleared)
        return is_changed

    def _enrol(self) -> None:
        """Note the first moments of all flows."""
        moments: dict[FlowKey, datetime] = {}
        for organisation, opening in self._workspaces.openings.items():
            for flow in opening.settings.flows.values():
                key = FlowKey(organisation, flow.name)
                moment = find_first_moment(key, flow, self._plan.rules, self._clock.now())
                if moment is not None:
                    moments[key] = moment
        self.turns.enrol(moments)

    def _answer(self, key: FlowKey) -> None:
        """Answer a bell: one turn of its flow."""
        if self._has_to_end() or not self._is_current():
            return  # the flow stays due, and a sweep rings for it
        with mark_organisation(key.organisation):
            try:
                take_turn(self.turns, key, self._drain, self._clock.now)
            except Exception as error:
                log("turn_failed", flow=key.flow, error=error)
                # what one organisation lacks is told where its settings say; that the database is away is not
                if isinstance(error, FatalError) and not error.code.startswith("incident.database."):
                    self._workspaces.tell(key.organisation, error)
                raise

    def _is_current(self) -> bool:
        """Whether the tables of the journal are still those that this version may write; else the worker ends."""
        try:
            refuse_newer(self._engine)
        except FatalError as error:
            if error.code not in _ENDING:
                raise
            self._outdated = error
            self._ask()
            return False
        return True

    def _check_versions(self) -> None:
        """Refuse what a later version left behind, and let the tables of the queue be as new as all who work may."""
        refuse_newer(self._engine)
        living = [worker.queue_version for worker in list_workers(self._engine, 3.0 * self._plan.rules.heartbeat)]
        upgrade_queue(self._engine, self._library, living)

    def _has_to_end(self) -> bool:
        return self._end.is_set() or self._is_changing.is_set()

    def _drain(self, fence: Fence) -> TurnRest:
        if fence.key.organisation not in self._workspaces.openings:
            # it is no more, or not known here yet: who knows it notes its moments anew
            return TurnRest(None)
        with self._beats.hold(fence) as lost, self._workspaces.lend(fence) as workspace:
            rest = FencedTurn(workspace, fence, lambda: self._has_to_end() or lost.is_set()).drain()
            self._tidy(fence, workspace)
            return rest

    def _tidy(self, fence: Fence, workspace: Workspace) -> None:
        """Remove what an organisation no longer needs, now and then."""
        name, now = fence.key.organisation, time.monotonic()
        if now - self._tidied.get(name, now - _TIDY_EVERY) < _TIDY_EVERY or self._end.is_set():
            return
        self._tidied[name] = now
        try:
            tidy(workspace)
        except PasserelleError as error:
            log("tidy_failed", error=error)

    def _check_clock(self) -> None:
        check_skew(find_skew(self._engine, self._clock.now()))
