"""Settings become objects: the only place that knows which class stands behind which word."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.engine import doors
from passerelle.engine.checking import plan_of
from passerelle.engine.clock import SystemClock
from passerelle.engine.collecting import TOWARDS_API, Blocks
from passerelle.engine.comparing import Memory
from passerelle.engine.fitting import EVERYTHING
from passerelle.engine.pipeline import Route
from passerelle.engine.schemas import held_to
from passerelle.engine.settings import ApiDestinationSettings, SupplierDestinationSettings
from passerelle.extension.loading import Plugins, beside, load_plugins
from passerelle.stages.gate.minimising import check_purpose
from passerelle.stores.consents import Consents
from passerelle.stores.database import open_database
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.engine.fitting import Fitting
    from passerelle.engine.leftover import Left, Refused
    from passerelle.engine.settings import Flow, Settings
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.vocabulary.ports import Clock, Destination, Source

JOURNAL = "journal.sqlite3"
DEPOT = "depot"
JOBS = 2
"""One batch leaves while the next is made ready."""


@dataclass(frozen=True, slots=True)
class Line:
    """One flow, assembled: its doors, its route, and what it remembers."""

    flow: str
    settings: Flow
    supplier: Supplier
    connector: Connector
    plugin: PluginInfo
    route: Route
    memory: Memory
    clock: Clock
    plugins: Plugins
    jobs: int = 1
    """How many batches are in work at the same time: one is delivered while the next ones are made ready."""
    opened: list[Destination] = field(default_factory=list)

    @property
    def blocks(self) -> Blocks:
        """Say how large a batch of a new parcel is."""
        apis = (ApiDestinationSettings, SupplierDestinationSettings)
        usual = TOWARDS_API if isinstance(self.settings.destination, apis) else Blocks()
        return Blocks(self.settings.block_bytes or usual.bytes, self.settings.block_rows or usual.rows)

    def source(self) -> Source:
        """Open the door where parcels come in."""
        return doors.source(self.settings.source, self.connector, self.plugin, self.clock)

    def destination(self, *, settle_unknown: bool) -> Destination:
        """Open the door where records go out; closed with the line."""
        entry, purpose = self.settings.destination, self.settings.purpose
        door = doors.destination(entry, self.plugins, self.clock, settle_unknown=settle_unknown, purpose=purpose)
        self.opened.append(door)
        return door

    def left(self) -> Left:
        """Say how to count what the destination's layout has no place for."""
        return doors.left(self.settings.destination, self.plugins, self.settings.purpose)

    def refused(self) -> Refused:
        """Say how to tell beforehand what the destination's documents cannot hold."""
        return doors.refused(self.settings.destination, self.plugins, self.settings.purpose)


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open while a command runs."""

    settings: Settings
    clock: Clock
    plugins: Plugins
    seal: Seal
    depot: Depot
    journal: Journal
    quarantine: Quarantine
    consents: Consents
    fittings: Mapping[str, Fitting] = field(default_factory=dict)
    """By flow: what a change of supplier asks of its flows beyond the settings."""

    @contextmanager
    def line(self, name: str, *, jobs: int = JOBS) -> Iterator[Line]:
        """Assemble one flow. Raises UsageError for an unknown flow or connector, FlowError for a wrong purpose."""
        flow = self.settings.flow(name)
        supplier, connector, plugin = self.plugins.connector(flow.connector)
        connector = held_to(connector, flow.schema_file)
        for table in connector.tables:
            check_purpose(contracts.get(table.contract), flow.purpose)
        line = Line(
            flow=name,
            settings=flow,
            supplier=supplier,
            connector=connector,
            plugin=plugin,
            route=self._route(flow, supplier, connector),
            memory=self._memory(name, supplier, connector, plugin),
            clock=self.clock,
            plugins=self.plugins,
            jobs=jobs,
        )
        try:
            yield line
        finally:
            for door in line.opened:
                door.close()

    def _route(self, flow: Flow, supplier: Supplier, connector: Connector) -> Route:
        def answers(refs: Sequence[str]) -> Mapping[str, bool]:
            return self.consents.answers(flow.purpose, refs)

        return Route(
            plan=plan_of(supplier.id, connector),
            purpose=flow.purpose,
            consent=flow.consent,
            answers=answers,
            deliver_extra=flow.deliver_extra,
            strict_identifiers=flow.strict_identifiers,
            fitting=self.fittings.get(flow.name, EVERYTHING),
        )

    def _memory(self, flow: str, supplier: Supplier, connector: Connector, plugin: PluginInfo) -> Memory:
        return Memory(
            flow=flow,
            journal=self.journal,
            seal=self.seal,
            supplier=supplier.id,
            connector=connector.id,
            connector_version=plugin.version,
        )


def plugins_of(settings: Settings) -> Plugins:
    """Load the plugins that the settings allow, and the suppliers that are described beside them."""
    return load_plugins(settings.plugins, local=beside(settings.path.parent, settings.suppliers))


@contextmanager
def open_house(settings: Settings, *, clock: Clock | None = None, plugins: Plugins | None = None) -> Iterator[House]:
    """Open the stores beside the settings and load the plugins. Raises FatalError when one of them cannot be had."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    seal = Seal.from_key_file(settings.key_file, create=True)
    engine = open_database(settings.state / JOURNAL)
    try:
        yield House(
            settings=settings,
            clock=clock or SystemClock(),
            plugins=plugins or plugins_of(settings),
            seal=seal,
            depot=Depot(settings.state / DEPOT, seal),
            journal=Journal(engine, seal),
            quarantine=Quarantine(engine, seal),
            consents=Consents(engine, seal),
        )
    finally:
        engine.dispose()
