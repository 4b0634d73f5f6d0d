"""The workspaces of the organisations that a worker works for, kept open between turns, one turn at a time in each."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import ExitStack, contextmanager
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.vocabulary.errors import FatalError
    from passerelle.vocabulary.turns import Fence

IDLE = 16
"""Workspaces that stay open though nobody works in them."""
WARM = 16
"""Those of them that also remember what was read of their flows: blocks of known records are large."""


@dataclass(frozen=True, slots=True)
class WorkspaceOpening:
    """An organisation: its settings, and how its workspace is opened."""

    settings: Settings
    open: Callable[[], AbstractContextManager[Workspace]]


@dataclass(slots=True)
class _Room:
    """An open workspace, and the numbers of the turns that it knows flows by."""

    opening: WorkspaceOpening
    workspace: Workspace
    stack: ExitStack
    numbers: dict[str, int] = field(default_factory=dict)


def _tell_nobody(_organisation: str, _error: FatalError) -> None:
    """Report to nobody: the log says it."""


class OpenWorkspaces:
    """Opens workspaces by organisation. Two turns of an organisation have a workspace each."""

    def __init__(
        self,
        openings: Mapping[str, WorkspaceOpening],
        idle: int = IDLE,
        *,
        look: Callable[[], Mapping[str, WorkspaceOpening]] | None = None,
        tell: Callable[[str, FatalError], None] = _tell_nobody,
    ) -> None:
        """`openings` by organisation; `idle`: workspaces that stay open though nobody works in them.

        `look` finds the openings anew, `tell` reports why an organisation cannot be worked for.
        """
        self.openings, self._most, self._look, self.tell = openings, idle, look, tell
        self._idle: OrderedDict[int, tuple[str, _Room]] = OrderedDict()
        self._lock = Lock()

    def renew(self) -> bool:
        """Find the organisations anew, and return whether others are served than before.

        Where the settings of one were changed, its next turn opens another workspace.
        """
        if self._look is None:
            return False
        before, known = set(self.openings), self.openings
        fresh = self._look()
        # one whose settings are as they were is opened as it was
        self.openings = {
            name: known[name] if name in known and known[name].settings is each.settings else each
            for name, each in fresh.items()
        }
        return before != set(self.openings)

    @contextmanager
    def lend(self, fence: Fence) -> Iterator[Workspace]:
        """Lend the workspace of an organisation for a turn. Raises what opening it raises.

        What a journal remembers of a flow holds as long as no other worker had a turn of it. After an error a workspace
        is closed: nobody knows what it remembers.
        """
        name, flow = fence.key.organisation, fence.key.flow
        room = self._find_idle(name) or self._open(name)
        try:
            if room.numbers.get(flow, fence.number - 1) != fence.number - 1:
                room.workspace.journal.drop_caches(flow)
            room.numbers[flow] = fence.number
            yield room.workspace
        except BaseException:
            room.stack.close()
            raise
        self._keep(name, room)

    def close(self) -> None:
        """Close what nobody works in."""
        with self._lock:
            rooms = [room for _name, room in self._idle.values()]
            self._idle.clear()
        for room in rooms:
            room.stack.close()

    def _find_idle(self, name: str) -> _Room | None:
        opening = self.openings.get(name)
        with self._lock:
            rooms = [(number, room) for number, (owner, room) in self._idle.items() if owner == name]
            fit = next(((number, room) for number, room in rooms if room.opening is opening), None)
            taken = [fit] if fit else []
            outdated = [(number, room) for number, room in rooms if room.opening is not opening]
            for number, _room in (*taken, *outdated):
                del self._idle[number]
        for _number, room in outdated:
            room.stack.close()
        return fit[1] if fit else None

    def _open(self, name: str) -> _Room:
        stack, opening = ExitStack(), self.openings[name]
        return _Room(opening, stack.enter_context(opening.open()), stack)

    def _keep(self, name: str, room: _Room) -> None:
        """Keep a workspace for the next turn, in place of the one that nobody entered for the longest time."""
        with self._lock:
            self._idle[id(room)] = name, room
            gone = self._idle.popitem(last=False)[1][1] if len(self._idle) > self._most else None
            if len(self._idle) > WARM:  # under the lock: nobody may take it meanwhile
                _name, cold = list(self._idle.values())[-WARM - 1]
                for flow in cold.numbers:
                    cold.workspace.journal.drop_caches(flow)
        if gone is not None:
            gone.stack.close()
