"""Keeps the line of flows in a file beside the installation, so that workers started several times share one line.

It holds names of organisations and of flows, and no truth: what there is to do stands in the journals. Without it, or
with one that cannot be read, a new line begins.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.engine.organisations.turn_order import FlowTurn, TurnOrder
from passerelle.stores.disk import translate_disk_errors
from passerelle.stores.filelock import FileLock
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_PATIENCE = 30.0
"""Seconds that a worker waits for another one to write the line: writing takes milliseconds."""


@dataclass(frozen=True, slots=True)
class HeldTurn:
    """A turn that this process holds; no other takes the same flow until it ends, or the process does."""

    turn: FlowTurn
    goes_on: bool
    """Whether an earlier turn left something."""
    lock: FileLock


@dataclass(frozen=True, slots=True)
class TurnBook:
    """The line of one installation, in a folder of its own."""

    folder: Path

    @classmethod
    def of(cls, settings: Path) -> TurnBook:
        """Return the line of an installation with these settings."""
        return cls(settings.with_name(f"{settings.stem}-tours"))

    def ask(self, turns: Iterable[FlowTurn]) -> None:
        """Let flows that have work stand in line."""
        with self._write() as order:
            order.ask(turns)

    def take(self, is_wanted: Callable[[FlowTurn], bool]) -> HeldTurn | None:
        """Take the first turn that is wanted here and that nobody holds; None when there is none."""
        locks: dict[FlowTurn, FileLock] = {}

        def hold(turn: FlowTurn) -> bool:
            lock = FileLock(self.folder / f"{_name_lock(turn)}.verrou")
            if not is_wanted(turn) or not lock.acquire():
                return False
            locks[turn] = lock
            return True

        with self._write() as order:
            turn = order.choose(hold)
            return HeldTurn(turn, turn in order.going_on, locks[turn]) if turn is not None else None

    def end(self, held: HeldTurn, *, has_more: bool) -> None:
        """End a turn, and let go of its flow."""
        try:
            with self._write() as order:
                order.end(held.turn, has_more=has_more)
        finally:
            held.lock.release()

    def read(self) -> TurnOrder:
        """Return the line as it stands."""
        try:
            content = json.loads((self.folder / "ordre.json").read_text("utf-8"))
            rows = [(FlowTurn(str(one), str(flow)), int(place), bool(goes_on)) for one, flow, place, goes_on in content]
        except (OSError, ValueError, TypeError):
            return TurnOrder()
        places = {turn: place for turn, place, _goes_on in rows}
        going_on = {turn for turn, _place, goes_on in rows if goes_on}
        return TurnOrder(places, going_on, max(places.values(), default=0))

    @contextmanager
    def _write(self) -> Iterator[TurnOrder]:
        """Hold the line alone, and write it when it was changed. Raises TransientError when others hold it for long."""
        with translate_disk_errors():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            lock = FileLock(self.folder / "ordre.verrou")
            if not lock.acquire(wait=_PATIENCE):
                raise TransientError("incident.installation.busy")
            try:
                order = self.read()
                before = _write_rows(order)
                yield order
                if (after := _write_rows(order)) != before:
                    write_whole(self.folder / "ordre.json", after)
            finally:
                lock.release()


def _write_rows(order: TurnOrder) -> str:
    return json.dumps([[*turn, place, turn in order.going_on] for turn, place in order.places.items()])


def _name_lock(turn: FlowTurn) -> str:
    """Return the name of the lock of a flow: hashed, a name can neither leave the folder nor be too long."""
    return hashlib.sha256("/".join(turn).encode()).hexdigest()[:24]
