"""Tries what a run needs of each flow, by the very functions that a run calls, and tells everything that fails.

Sources are looked at and nothing is taken; destinations are opened and nothing is sent: a table is made and rolled
back, an API is asked for the headers of a path. The workspace in which flows are opened is thrown away.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.adapters import api_clients
from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.adapters.file_places import open_remote_place, try_unlock
from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.engine.health.place_trials import can_make, can_write
from passerelle.engine.log import mark_rehearsal
from passerelle.engine.path.collecting import open_arrival
from passerelle.engine.settings.endpoint_settings import (
    ApiDestinationSettings,
    ApiSourceSettings,
    DatabaseDestinationSettings,
    SupplierDestinationSettings,
)
from passerelle.engine.settings.flow_sides import Side, name_side
from passerelle.engine.settings.mailbox_settings import MailboxSourceSettings
from passerelle.engine.settings.place_settings import (
    FileDestinationSettings,
    FileSourceSettings,
    FolderDestinationSettings,
    FolderSourceSettings,
    LockedFileSettings,
    RemotePlaceSettings,
)
from passerelle.engine.settings.query_sources import SqlSourceSettings, open_query_source
from passerelle.engine.settings.shelf_settings import ShelfDestinationSettings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import ALONE
from passerelle.engine.workspace.xml_schemas import set_schema
from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError, is_fault
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.engine.settings.workspace_settings import Flow, Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.plugins import Plugins

Trial = Callable[[], None]
_UNKNOWN, _FORBIDDEN = 401, 403
_MOVED = range(300, 400)
_NOT_OFFERED = 501
"""RFC 9110 §15.6.2: a server that knows no HEAD. It says nothing of what it does with a record."""


@dataclass(frozen=True, slots=True)
class _FlowTrial:
    """The trials of one flow."""

    workspace: Workspace
    flow: Flow
    offline: bool

    def iter_findings(self) -> Iterator[HealthFinding]:
        """Yield what fails; when nothing does, that everything was tried."""
        told: set[str] = set()
        trials: tuple[tuple[Side | None, Trial], ...] = (
            (None, self.open),
            ("source", self.try_source),
            ("destination", self.try_destination),
        )
        for side, trial in trials:
            error = self.find_error(side, trial)
            # a secret that is not there was told with the secrets
            if error is None or error.code.startswith("settings.secret."):
                continue
            says, advice = explain(error.code, error.words)
            if says not in told:
                told.add(says)
                # a flow that is disabled runs only when somebody names it
                severity = Severity.WRONG if self.flow.enabled else Severity.DOUBTFUL
                yield HealthFinding(severity, format_labelled(self.flow.name, says), advice)
        if not told:
            words = _("{flow}: connector, source and destination were tried")
            yield HealthFinding(Severity.GOOD, words.format(flow=self.flow.name))

    def find_error(self, side: Side | None, trial: Trial) -> PasserelleError | None:
        """Return what a trial raises; None when it succeeds."""
        try:
            if side is None:
                trial()
            else:
                with name_side(self.flow, side):
                    trial()
        except PasserelleError as error:
            return error
        except BaseException as error:
            if not is_fault(error):
                raise
            return FlowError("incident.flow.fault", flow=self.flow.name)
        return None

    def open(self) -> None:
        """Open the flow, with its purpose and its compiled mapping."""
        with self.workspace.open_flow(self.flow.name) as open_flow:
            open_flow.make_policy()

    def try_source(self) -> None:
        """Look at the source, as a run would; of an API, ask for its first page."""
        flow, workspace = self.flow, self.workspace
        _supplier, connector, plugin = workspace.plugins.find_connector(flow.connector)
        set_schema(connector, flow.schema_file)
        source = adapters.open_source(flow.source, connector, plugin, workspace.clock)
        if isinstance(flow.source, LockedFileSettings):
            try_unlock(flow.source)
        if isinstance(flow.source, FolderSourceSettings):
            # reading is tried on every file that waits, writing where files are taken away
            for arrival in source.iter_arrivals(""):
                with open_arrival(arrival) as stream:
                    stream.read(1)  # a wrong password is found while its file is read
            archives = flow.source.path / "archives"
            if flow.source.after != "keep" and not can_write(flow.source.path):
                raise FlowError("incident.folder.unwritable")
            if flow.source.after == "archive" and os.path.lexists(archives) and not archives.is_dir():
                raise FlowError("incident.folder.unwritable")
        elif isinstance(flow.source, SqlSourceSettings):
            if not self.offline or isinstance(flow.source.url, Path):
                open_query_source(flow.source, workspace.clock).try_out()
        elif isinstance(flow.source, RemotePlaceSettings):
            self.try_remote_source(flow.source)
        elif isinstance(flow.source, ApiSourceSettings) and not self.offline:
            next(iter(source.iter_arrivals("")), None)

    def try_remote_source(self, entry: RemotePlaceSettings) -> None:
        """Look at a mailbox, or at a folder of another machine."""
        if isinstance(entry, MailboxSourceSettings):
            if not self.offline:
                adapters.open_mailbox(entry).try_out()
        elif isinstance(entry, FileSourceSettings):
            self.try_remote(entry, must_write=entry.after != "keep")

    def try_destination(self) -> None:
        """Open the destination and try that it would take something."""
        entry, workspace = self.flow.destination, self.workspace
        self.check_layout()
        if isinstance(entry, DatabaseDestinationSettings):
            self.try_database(entry)
            return
        # the writer looks up no related records here: what may be read of them is the flow's own, opened above
        destination = adapters.open_destination(entry, workspace.plugins, workspace.clock, settle_unknown=False)
        try:
            if isinstance(entry, FolderDestinationSettings):
                if not can_make(entry.path) or (entry.path.is_dir() and not can_write(entry.path)):
                    raise FlowError("incident.folder.unwritable")
            elif isinstance(entry, RemotePlaceSettings):
                self.try_remote(entry, must_write=True)
            elif not self.offline and not isinstance(entry, ShelfDestinationSettings):
                self.try_api(entry)
        finally:
            destination.close()

    def try_remote(self, entry: RemotePlaceSettings, *, must_write: bool) -> None:
        """Log in, list the folder, and write what is removed at once, where a run would."""
        if self.offline:
            return
        place = open_remote_place(entry)
        try:
            place.list_names()
            if must_write:
                place.try_write()
        finally:
            place.close()

    def check_layout(self) -> None:
        """Raise FlowError when the layout has no place for a contract that the flow reads."""
        entry, plugins = self.flow.destination, self.workspace.plugins
        if isinstance(entry, FileDestinationSettings) and entry.layout:
            layout = plugins.find_connector(entry.layout)[1]
        elif isinstance(entry, SupplierDestinationSettings):
            layout = plugins.find_connector(entry.connector)[1]
        else:
            return
        held = {part.contract for part in (layout.writes or layout.tables)}
        read = dict.fromkeys(table.contract for table in plugins.find_connector(self.flow.connector)[1].tables)
        # all of them at once: what is written into «leave_out» is known then
        if absent := [name for name in read if name not in held and name not in self.flow.leave_out]:
            raise FlowError("settings.layout.no_table", connector=layout.id, contract=", ".join(absent))

    def try_database(self, entry: DatabaseDestinationSettings) -> None:
        """Connect and make a table that is rolled back; a file that is not there yet is left to the run."""
        if isinstance(entry.url, Path) and not entry.url.exists():
            if not can_make(entry.url.parent) or (entry.url.parent.is_dir() and not can_write(entry.url.parent)):
                raise FlowError("incident.folder.unwritable")
            return
        if self.offline and not isinstance(entry.url, Path):
            return
        destination = adapters.open_database_destination(entry)
        try:
            destination.try_out()
        finally:
            destination.close()

    def try_api(self, entry: ApiDestinationSettings | SupplierDestinationSettings) -> None:
        """Ask for the headers of the path to which records go."""
        plugins, clock = self.workspace.plugins, self.workspace.clock
        if isinstance(entry, ApiDestinationSettings):
            client, path = api_clients.make_destination_client(entry, clock), entry.path
        else:
            connector = plugins.find_connector(entry.connector)[1]
            client = api_clients.make_client(entry, connector.access, clock)
            path = connector.send.path if connector.send else ""
        try:
            _judge_status(client.probe(path))
        finally:
            client.close()


def _judge_status(status: int) -> None:
    """Raise what a run would meet. A status that may be about HEAD alone, such as 404 or 405, says nothing."""
    if status == _UNKNOWN:
        raise FlowError("incident.credentials.refused")
    if status == _FORBIDDEN:
        raise FlowError("incident.access.forbidden")
    if status in _MOVED:
        raise FlowError("incident.supplier.moved")
    if status >= 500 and status != _NOT_OFFERED:
        raise TransientError("incident.supplier.failing", status=str(status))


@contextmanager
def _open_trial_workspace(settings: Settings, plugins: Plugins) -> Iterator[Workspace]:
    """Open a workspace of the same flows in a temporary folder: the journal may be the very thing that is broken."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        places = {"state": own / "etat", "key_file": own / "cle", "keyring": own / "trousseau", "audit_anchor": None}
        apart = replace(settings, **places, shared=ALONE)  # type: ignore[arg-type]  # each of its own type
        with mark_rehearsal(), open_workspace(apart, plugins=plugins) as workspace:
            yield workspace


def try_flows(settings: Settings, plugins: Plugins, *, offline: bool) -> Iterator[HealthFinding]:
    """Try every flow of the settings and yield all that is found. Raises FatalError when no folder can be made."""
    with _open_trial_workspace(settings, plugins) as workspace:
        for flow in settings.flows.values():
            yield from _FlowTrial(workspace, flow, offline).iter_findings()
