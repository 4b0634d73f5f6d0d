"""A run as if: on a copy of the journal that is thrown away, with a source that stays as it is and no destination.

Nothing is written beside the settings and nobody is called. The copy stands in a private temporary folder: the journal
holds digests, counts and sealed items, and what the source has is sealed there like in the depot.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, Any

from passerelle.engine.assembly import DEPOT, JOBS, JOURNAL, OpenFlow, Workspace, open_workspace
from passerelle.engine.clock import SystemClock
from passerelle.engine.differing import ContractChange, RecordingDestination
from passerelle.engine.log import rehearsed
from passerelle.engine.worker import FlowOutcome, run_flow
from passerelle.stores.depot import Depot
from passerelle.stores.filelock import FileLock
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import IO

    from passerelle.engine.settings import Settings
    from passerelle.engine.worker import Progress
    from passerelle.stores.settlement import ReasonKey
    from passerelle.vocabulary.ports import Arrival, Clock, Destination, Source

_SECONDS = 30.0
"""How long a rehearsal waits for whoever writes the journal at this moment."""


@dataclass(frozen=True, slots=True)
class FrozenClock:
    """The moment at which a rehearsal began. Sleeping is real: a supplier that is read is read as politely as ever."""

    moment: datetime

    def now(self) -> datetime:
        """Give that moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Wait a little."""
        sleep(seconds)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do with one flow. No value is in it."""

    outcome: FlowOutcome
    changes: Mapping[str, ContractChange]
    """By contract."""
    causes: Mapping[ReasonKey, int]
    """Why records would be set aside, and doubts that stop nothing."""
    suspended: str = ""
    """The reason code for which the flow stands still now; it was rehearsed as if it went on."""
    api_unread: bool = False
    """The source is an API, which was not asked: only what was received before is in this."""


def rehearse(
    settings: Settings,
    names: list[str],
    *,
    read_api: bool = False,
    progress: Callable[[Progress], None] = lambda _progress: None,
    see: Callable[[Mapping[str, Any]], None] = lambda _line: None,
    clock: Clock | None = None,
) -> list[Rehearsal]:
    """Rehearse flows, one after the other, as a run would take them.

    `see` is shown every record that would be sent, with its values. Raises what a run raises.
    """
    frozen = FrozenClock((clock or SystemClock()).now())
    with rehearsed(), _copied(settings, frozen) as house:
        run = house.journal.begin_run(names, frozen.now())
        return [_flow(house, name, run, progress, _Props(see=see, read_api=read_api)) for name in names]


@dataclass(slots=True)
class _Props:
    """What stands in for the world outside while one flow is rehearsed."""

    see: Callable[[Mapping[str, Any]], None]
    read_api: bool
    diary: RecordingDestination | None = None


def _flow(house: Workspace, name: str, run: int, progress: Callable[[Progress], None], props: _Props) -> Rehearsal:
    suspension = house.journal.find_suspension(name)
    if suspension is not None:
        house.journal.resume(name)
    before = Counter(house.journal.count_reasons(name))
    stage = _Stage(**_fields(house), props=props)
    outcome = run_flow(stage, name, run=run, progress=progress, jobs=1)
    if props.diary is not None:
        props.diary.compare(house.depot, {row.digest: row.kind for row in house.journal.list_parcels(name)})
    return Rehearsal(
        outcome,
        props.diary.changes if props.diary else {},
        Counter(house.journal.count_reasons(name)) - before,
        suspension.code if suspension else "",
        api_unread=house.settings.get_flow(name).source.kind == "api" and not props.read_api,
    )


def _fields(thing: Any) -> dict[str, Any]:
    return {one.name: getattr(thing, one.name) for one in fields(thing)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage(Workspace):
    """The house, with doors that are painted on."""

    props: _Props

    @contextmanager
    def line(self, name: str, *, jobs: int = JOBS) -> Iterator[OpenFlow]:
        """Assemble one flow as ever, then take its doors."""
        with Workspace.open_flow(self, name, jobs=jobs) as line:
            yield _PaintedLine(**_fields(line), props=self.props)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PaintedLine(OpenFlow):
    props: _Props

    def source(self) -> Source:
        """Look at what is there, and leave it there."""
        if self.settings.source.kind == "api" and not self.props.read_api:
            return _Nothing()
        return _Untouched(OpenFlow.open_source(self))

    def destination(self, *, settle_unknown: bool) -> Destination:  # noqa: ARG002  nothing is ever unknown here
        """Note what would be sent."""
        if self.props.diary is None:
            self.props.diary = RecordingDestination(self, self.props.see, self.make_preview())
        return self.props.diary


class _Nothing:
    """A door at which nobody knocks."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  the port's signature
        """Give nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class _Untouched:
    """A source that is looked at, and never told that anything was taken."""

    real: Source

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Give what is there."""
        return (replace(arrival, acknowledge=_leave) for arrival in self.real.iter_arrivals(cursor))


def _leave() -> None:
    """Leave what was seen where it is."""


class _CopiedDepot(Depot):
    """What is rehearsed is kept in a temporary folder; what was received before is read where it is."""

    def __init__(self, folder: Path, settings: Settings, house: Workspace) -> None:
        super().__init__(folder, house.seal)
        real = settings.state / DEPOT
        self._behind = Depot(real, house.seal) if real.is_dir() else None

    def has(self, digest: str) -> bool:
        """Say whether it is here or there."""
        return super().has(digest) or (self._behind is not None and self._behind.has(digest))

    def open(self, digest: str) -> IO[bytes]:
        """Open it where it is."""
        if self._behind is not None and self._behind.has(digest):
            return self._behind.open(digest)
        return super().open(digest)


@contextmanager
def _copied(settings: Settings, clock: Clock) -> Iterator[Workspace]:
    """Open a house like the real one, on a copy of its journal."""
    with TemporaryDirectory(prefix="passerelle-") as folder:
        state = Path(folder) / "state"
        state.mkdir(mode=0o700)
        _copy_journal(settings.state, state)
        key = settings.key_file if settings.key_file.exists() else state / "key"
        with open_workspace(replace(settings, state=state, key_file=key), clock=clock) as house:
            yield replace(house, settings=settings, depot=_CopiedDepot(state / DEPOT, settings, house))


def _copy_journal(real: Path, copy: Path) -> None:
    """Copy the database with its log, while nobody writes. Raises FatalError `incident.database.busy`."""
    if not (real / JOURNAL).is_file():
        return
    gate = FileLock(real / f"{JOURNAL}-gate")
    if not gate.acquire(wait=_SECONDS):
        raise FatalError("incident.database.busy")
    try:
        for name in (JOURNAL, f"{JOURNAL}-wal"):
            if (real / name).is_file():
                shutil.copyfile(real / name, copy / name)
    finally:
        gate.release()
