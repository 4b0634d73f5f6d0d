"""Rehearsal of a run: on a copy of the journal that is thrown away, without touching source or destination.

Nothing is written beside the settings and nobody is called. The copy is made in a private temporary folder: the journal
holds digests, counts and sealed items, and what the source has is sealed there as in the depot.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, Any

from passerelle.engine.clock import SystemClock
from passerelle.engine.log import mark_rehearsal
from passerelle.engine.rehearsal.contract_changes import ContractChange, RecordingDestination, make_recording
from passerelle.engine.rehearsal.copied_journal import open_shared_copy
from passerelle.engine.runs.worker import FlowOutcome, run_flow
from passerelle.engine.settings.processing_check import find_gaps
from passerelle.engine.workspace.assembly import (
    JOBS,
    OpenFlow,
    Workspace,
    open_workspace,
    refuse_lost_journal,
)
from passerelle.engine.workspace.journal_place import ALONE, DEPOT, JOURNAL, WHOLES, open_place
from passerelle.stores.depot import Depot
from passerelle.stores.filelock import FileLock
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.looks import LookReport
from passerelle.vocabulary.ports import ReportingSource
from passerelle.vocabulary.safe_files import open_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import IO

    from passerelle.contracts.processing import Processing
    from passerelle.engine.flow_progress import Progress
    from passerelle.engine.settings.processing_check import ProcessingGap
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.extension.plugins import Plugins
    from passerelle.stores.deposit_place import DepositPlace
    from passerelle.stores.settlement import ReasonKey
    from passerelle.vocabulary.ports import Arrival, Clock, Destination, Source

_SECONDS = 30.0
"""How long a rehearsal waits for another process that is writing the journal."""


@dataclass(frozen=True, slots=True)
class FrozenClock:
    """A clock that stays at the moment when a rehearsal began.

    Sleeping is real: the pauses between requests to a supplier that is read are kept.
    """

    moment: datetime

    def now(self) -> datetime:
        """Return that moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
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
    """The reason code for which the flow is suspended now; it was rehearsed as if it went on."""
    suspended_details: Mapping[str, str] = field(default_factory=dict)
    api_unread: bool = False
    """The source is an API, which was not asked: only what was received before is in this."""
    processing: Processing | None = None
    """For whom, on what basis and for how long a run would send."""
    gaps: Sequence[ProcessingGap] = ()
    """What the settings do not state of it."""


def rehearse(  # noqa: PLR0913  two arguments, and options with defaults
    settings: Settings,
    names: list[str],
    *,
    read_api: bool = False,
    progress: Callable[[Progress], None] = lambda _progress: None,
    on_record: Callable[[Mapping[str, Any]], None] = lambda _line: None,
    clock: Clock | None = None,
    plugins: Plugins | None = None,
) -> list[Rehearsal]:
    """Rehearse flows, one after the other, as a run would take them.

    `on_record` is called with every record that would be sent, with its values; `plugins` are those that somebody
    loaded already. Raises what a run raises.
    """
    frozen = FrozenClock((clock or SystemClock()).now())
    with mark_rehearsal(), _open_copy(settings, frozen, plugins) as workspace:
        run = workspace.journal.begin_run(names, frozen.now())
        return [
            _rehearse_flow(workspace, name, run, progress, _Replacements(see=on_record, read_api=read_api))
            for name in names
        ]


@dataclass(slots=True)
class _Replacements:
    """What replaces source and destination while one flow is rehearsed."""

    see: Callable[[Mapping[str, Any]], None]
    read_api: bool
    destination: RecordingDestination | None = None


def _rehearse_flow(
    workspace: Workspace, name: str, run: int, progress: Callable[[Progress], None], replacements: _Replacements
) -> Rehearsal:
    suspension = workspace.journal.find_suspension(name)
    if suspension is not None:
        workspace.journal.resume(name)
    before = Counter(workspace.journal.count_reasons(name))
    outcome = run_flow(
        _RehearsalWorkspace(**_read_fields(workspace), replacements=replacements),
        name,
        run=run,
        progress=progress,
        jobs=1,
    )
    recorded = replacements.destination
    if recorded is not None:
        kinds = {row.digest: row.kind for row in workspace.journal.list_parcels(name)}
        recorded.compare(workspace.depot, kinds)
    flow = workspace.settings.get_flow(name)
    return Rehearsal(
        outcome,
        recorded.changes if recorded else {},
        Counter(workspace.journal.count_reasons(name)) - before,
        suspension.code if suspension else "",
        suspension.details if suspension else {},
        api_unread=flow.source.kind == "api" and not replacements.read_api,
        processing=flow.declare_processing(),
        gaps=find_gaps(flow, workspace.plugins, workspace.clock.now().date()),
    )


def _read_fields(instance: Any) -> dict[str, Any]:
    """Return the fields of a dataclass, not copied as `asdict` would do: stores and locks cannot be."""
    return {each.name: getattr(instance, each.name) for each in fields(instance)}


# The names of the methods below are those they override: a rehearsal that overrode nothing would really deliver.


@dataclass(frozen=True, slots=True, kw_only=True)
class _RehearsalWorkspace(Workspace):
    """A workspace whose flows touch neither source nor destination."""

    replacements: _Replacements

    @contextmanager
    def open_flow(self, name: str, *, jobs: int = JOBS, delivers: bool = True) -> Iterator[OpenFlow]:
        """Assemble one flow as usual, then replace its source and destination."""
        with Workspace.open_flow(self, name, jobs=jobs, delivers=delivers) as flow:
            yield _RehearsalFlow(**_read_fields(flow), replacements=self.replacements)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RehearsalFlow(OpenFlow):
    replacements: _Replacements

    def open_source(self) -> Source:
        """Open what yields the arrivals of the real source and leaves them there."""
        if self.settings.source.kind == "api" and not self.replacements.read_api:
            return _EmptySource()
        return _UntouchedSource(OpenFlow.open_source(self))

    def open_destination(self, *, settle_unknown: bool) -> Destination:  # noqa: ARG002  nothing is ever unknown here
        """Return the recording destination: one for all parcels of the flow."""
        if self.replacements.destination is None:
            self.replacements.destination = make_recording(self, self.replacements.see, self.make_preview())
        return self.replacements.destination


class _EmptySource:
    """A source that has nothing."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  the port's signature
        """Yield nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class _UntouchedSource:
    """A source that is read, and never told that anything was taken."""

    real: Source

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:
        """Yield the arrivals of the real source, whose acknowledgement does nothing."""
        return (replace(arrival, acknowledge=lambda: None) for arrival in self.real.iter_arrivals(cursor))

    @property
    def report(self) -> LookReport:
        """What the real source says of its look."""
        return self.real.report if isinstance(self.real, ReportingSource) else LookReport()


class _CopiedDepot(Depot):
    """A depot in a temporary folder; what was kept before is read where it is."""

    def __init__(self, folder: Path, real: Path | DepositPlace, workspace: Workspace) -> None:
        super().__init__(folder, workspace.seal)
        is_there = not isinstance(real, Path) or real.is_dir()
        self._behind = Depot(real, workspace.seal) if is_there else None

    def has(self, digest: str) -> bool:
        """Whether the bytes are in either depot."""
        return super().has(digest) or (self._behind is not None and self._behind.has(digest))

    def open(self, digest: str) -> IO[bytes]:
        """Open the bytes, in the real depot first."""
        if self._behind is not None and self._behind.has(digest):
            return self._behind.open(digest)
        return super().open(digest)

    def read_name(self, digest: str) -> str:
        """Return the supplier's name for the bytes, in the real depot first."""
        if self._behind is not None and self._behind.has(digest):
            return self._behind.read_name(digest)
        return super().read_name(digest)

    def close(self) -> None:
        """Let go of connections to the real depot."""
        if self._behind is not None:
            self._behind.close()


@contextmanager
def _open_copy(settings: Settings, clock: Clock, plugins: Plugins | None) -> Iterator[Workspace]:
    """Open a workspace like the real one, on a copy of its journal."""
    refuse_lost_journal(settings)  # the copy, which has no depot, would look like a fresh start
    with TemporaryDirectory(prefix="passerelle-") as folder:
        if settings.shared.journal:
            with (
                open_shared_copy(settings, Path(folder), clock, _copy_database) as workspace,
                _lend_deposits(settings, workspace, Path(folder) / "state") as lent,
            ):
                yield lent
            return
        state = Path(folder) / "state"
        state.mkdir(mode=0o700)
        _copy_database(settings.state, state, JOURNAL)
        # keys of what the rehearsal seals are made in a copy, too
        keyring = Path(folder) / "keyring"
        keyring.mkdir(mode=0o700)
        _copy_database(settings.keyring_folder, keyring, KEYRING)
        # Without the real key the copied journal knows none of its records; before the first run there is no key yet.
        key = settings.key_file if settings.key_file.exists() else state / "key"
        copied = replace(settings, state=state, key_file=key, keyring=keyring, shared=ALONE)
        with (
            open_workspace(copied, clock=clock, plugins=plugins) as workspace,
            _lend_deposits(settings, workspace, state) as lent,
        ):
            yield lent


@contextmanager
def _lend_deposits(settings: Settings, workspace: Workspace, state: Path) -> Iterator[Workspace]:
    """Yield a workspace on a copy that reads what was received where it is."""
    depot, wholes = (_CopiedDepot(state / name, open_place(settings, name), workspace) for name in (DEPOT, WHOLES))
    try:
        yield replace(workspace, settings=settings, depot=depot, wholes=wholes)
    finally:
        depot.close()
        wholes.close()


def _copy_database(real: Path, copy: Path, name: str) -> None:
    """Copy the database with its log, while nobody writes. Raises FatalError `incident.database.busy`."""
    if not (real / name).is_file():
        return
    gate = FileLock(real / f"{name}-gate")
    if not gate.acquire(wait=_SECONDS):
        raise FatalError("incident.database.busy")
    try:
        # Without its write-ahead log the copy would lack what was written since the last checkpoint.
        for part in (name, f"{name}-wal"):
            if (real / part).is_file():
                with (real / part).open("rb") as source, open_new(copy / part) as target:
                    shutil.copyfileobj(source, target)
    finally:
        gate.release()
