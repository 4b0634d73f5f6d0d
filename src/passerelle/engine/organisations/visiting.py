"""Goes from organisation to organisation: what fails at one is told and counted there, and the others go on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Generic, TypeVar

from passerelle.engine.clock import SystemClock
from passerelle.engine.incidents.stop_incidents import tell_stop
from passerelle.engine.log import log, mark_organisation
from passerelle.engine.settings.workspace_settings import load_notify
from passerelle.engine.workspace.assembly import list_shared, load_workspace_plugins, open_workspace
from passerelle.vocabulary.errors import FatalError, PasserelleError, is_fault
from passerelle.vocabulary.formatting import show_name
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from passerelle.engine.organisations.members import MemberOrganisation
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.plugins import Plugins
    from passerelle.vocabulary.ports import Clock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemberAnswer(Generic[T]):
    """What came of an act at one organisation: an answer, or what kept it from giving one."""

    organisation: str
    answer: T | None = None
    error: PasserelleError | None = None


@dataclass(slots=True)
class SharedPlugins:
    """The plugins of organisations: loaded once for all those that allow and describe the same."""

    _loaded: dict[tuple[object, ...], Plugins] = field(default_factory=dict)

    def load(self, settings: Settings) -> Plugins:
        """Return the plugins of an organisation. Raises as `load_workspace_plugins` does."""
        # What an organisation describes beside its own settings is its own, and may change while a worker stays.
        if settings.suppliers:
            return load_workspace_plugins(settings)
        key = (settings.plugins, *(info.version for info in list_shared(settings)))
        if key not in self._loaded:
            self._loaded[key] = load_workspace_plugins(settings)
        return self._loaded[key]


@dataclass(frozen=True, slots=True)
class OrganisationRound:
    """Opens organisations one after the other."""

    clock: Clock = field(default_factory=SystemClock)
    plugins: SharedPlugins = field(default_factory=SharedPlugins)
    tells_stops: bool = False
    """Whether what keeps an organisation from being worked for is told to whom its settings name."""

    @contextmanager
    def open(self, member: MemberOrganisation) -> Iterator[Workspace]:
        """Open the workspace of an organisation. Raises SettingsError and FatalError, of this organisation alone."""
        settings = member.load_settings()
        with open_workspace(settings, clock=self.clock, plugins=self.plugins.load(settings)) as workspace:
            yield workspace

    def ask(self, member: MemberOrganisation, act: Callable[[Workspace], T]) -> MemberAnswer[T]:
        """Do something in the workspace of an organisation; whatever goes wrong is in what is returned."""

        def work() -> T:
            with self.open(member) as workspace:
                return act(workspace)

        return self.attempt(member, work)

    def attempt(self, member: MemberOrganisation, act: Callable[[], T]) -> MemberAnswer[T]:
        """Do something for an organisation; whatever goes wrong is in what is returned, and in the log."""
        with mark_organisation(member.name):
            try:
                return MemberAnswer(member.name, act())
            except PasserelleError as error:
                failure = error
                log("organisation_failed", code=error.code)
            except BaseException as error:
                if not is_fault(error):
                    raise
                failure = FatalError("incident.organisation.fault", organisation=show_name(member.name))
                log("organisation_failed", code=failure.code, error=error)
            if self.tells_stops and (settings := load_notify(member.path)):
                tell_stop(settings, failure, self.clock)
            return MemberAnswer(member.name, error=failure)

    def ask_all(
        self, members: Iterable[MemberOrganisation], act: Callable[[Workspace], T]
    ) -> Iterator[MemberAnswer[T]]:
        """Yield what came of the act at each organisation, in their order."""
        return (self.ask(member, act) for member in members)
