"""The organisations of an installation that one worker serves: found again at each sweep, each under its own name.

Connections are shared, keys and rows are not: each transaction says whose rows it reads and writes, and each workspace
opens the key of its own organisation and no other.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from passerelle.engine.clock import SystemClock
from passerelle.engine.organisations.members import choose_members
from passerelle.engine.organisations.visiting import OrganisationRound
from passerelle.engine.settings.secrets import resolve
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.engine.workspace.journal_place import LentDatabases, find_keyring_address
from passerelle.fleet.workspaces import OpenWorkspaces, WorkspaceOpening
from passerelle.stores.database import name_server_database, open_server, open_shared_database
from passerelle.stores.tenancy import EVERYBODY, lend_engine
from passerelle.vocabulary.errors import FatalError, SettingsError, UsageError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from passerelle.engine.organisations.members import MemberOrganisation
    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace

OPEN = 500
"""Workspaces that stay open though nobody works in them: they hold keys and settings, and no connection."""
_PER_TURN = 3
"""Connections that a turn uses at the same time, at most."""


class SharedConnections:
    """The database of the turns of several organisations, and those of their keyrings, each opened once."""

    def __init__(self, address: str, first: str, turns: int) -> None:
        """`first`: the organisation in whose name tables are migrated; `turns`: how many there are at a time."""
        self._place, self._connections = name_server_database(address), _PER_TURN * turns + 4
        open_shared_database(address, first).dispose()
        self.engine = open_server(address, EVERYBODY, self._connections)
        self._keyrings: dict[str, Engine] = {}

    def check(self, settings: Settings) -> Settings:
        """Return the settings. Raises SettingsError where an organisation has another journal, or shares none."""
        shared = settings.shared
        if not shared.journal or name_server_database(resolve(shared.journal).reveal()) != self._place:
            raise SettingsError("settings.organisation.elsewhere", organisation=settings.path.parent.name)
        return settings

    @contextmanager
    def open(self, settings: Settings, rounds: OrganisationRound) -> Iterator[Workspace]:
        """Open the workspace of an organisation. Raises as `open_workspace` does."""
        plugins = rounds.plugins.load(settings)
        name, address = settings.shared.organisation, find_keyring_address(settings)
        lent = LentDatabases(
            lend_engine(self.engine, name), lend_engine(self._find_keyring(address), name) if address else None
        )
        with open_workspace(settings, plugins=plugins, lent=lent) as workspace:
            yield workspace

    def close(self) -> None:
        """Close all of them."""
        for engine in (self.engine, *self._keyrings.values()):
            engine.dispose()

    def _find_keyring(self, address: str) -> Engine:
        if address not in self._keyrings:
            self._keyrings[address] = open_server(address, EVERYBODY, self._connections)
        return self._keyrings[address]


@dataclass(frozen=True, slots=True)
class _ReadSettings:
    """Settings as they were read, and the state of their file then; None where they cannot be used."""

    mark: object
    settings: Settings | None
    is_checked: bool = False


class ServedOrganisations:
    """Which organisations are served, by what their settings say now. One that cannot be is told once, and left out."""

    def __init__(self, installation: Installation, names: Sequence[str] = ()) -> None:
        """`names`: the only ones that are served; all when none is named."""
        self._installation, self._names = installation, names
        self._rounds = OrganisationRound(tells_stops=True)
        self._known: dict[str, _ReadSettings] = {}

    def read(self, check: SharedConnections | None = None) -> Mapping[str, Settings]:
        """Return settings by the name in the journal; those whose file is as it was are not read again."""
        known, self._known = self._known, {}
        for member in choose_members(self._installation, self._names):
            mark = _read_mark(member.path), str(member.mistake)
            found = known.get(member.name)
            if found is None or found.mark != mark:
                found = _ReadSettings(mark, self._rounds.attempt(member, partial(self._load, member)).answer)
            if check is not None and found.settings is not None and not found.is_checked:
                check_own = partial(check.check, found.settings)
                found = _ReadSettings(mark, self._rounds.attempt(member, check_own).answer, is_checked=True)
            self._known[member.name] = found
        settings = (found.settings for found in self._known.values())
        return {each.shared.organisation: each for each in settings if each is not None}

    def list_openings(self, connections: SharedConnections) -> Mapping[str, WorkspaceOpening]:
        """Return how each is opened."""
        return {
            name: WorkspaceOpening(settings, partial(connections.open, settings, self._rounds))
            for name, settings in self.read(connections).items()
        }

    def _load(self, member: MemberOrganisation) -> Settings:
        # one member does not say how long the others wait
        return replace(member.load_settings(), fleet=self._installation.fleet)

    def tell(self, name: str, error: FatalError) -> None:
        """Report to whom the settings of an organisation name that its turns fail; once."""
        from passerelle.engine.incidents.stop_incidents import tell_stop  # noqa: PLC0415  only what fails pays for it

        for found in self._known.values():
            if found.settings is not None and found.settings.shared.organisation == name:
                tell_stop(found.settings, error, SystemClock())


def _read_mark(path: Path) -> object:
    """Return what differs once a file was changed; None for one that is not there."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


@contextmanager
def open_members(
    installation: Installation, names: Sequence[str], turns: int
) -> Iterator[tuple[Engine, OpenWorkspaces]]:
    """Open the database of the turns of several organisations, and return it with their workspaces.

    The journal is that of the first of them that shares one. Raises UsageError `usage.fleet.alone` where none does.
    """
    served = ServedOrganisations(installation, names)
    sharing = {name: each for name, each in served.read().items() if each.shared.journal}
    if not sharing:
        raise UsageError("usage.fleet.alone")
    first = min(sharing)
    with ExitStack() as stack:
        connections = SharedConnections(resolve(sharing[first].shared.journal).reveal(), first, turns)
        stack.callback(connections.close)
        look = partial(served.list_openings, connections)
        yield connections.engine, OpenWorkspaces(look(), OPEN, look=look, tell=served.tell)
