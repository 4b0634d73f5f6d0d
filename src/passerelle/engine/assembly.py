"""Settings become objects: the only place that knows which class stands behind which word."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.engine import adapters
from passerelle.engine.clock import SystemClock
from passerelle.engine.collecting import TOWARDS_API, Blocks
from passerelle.engine.comparing import KnownRecords
from passerelle.engine.pipeline import FlowPolicy, keep_records
from passerelle.engine.plans import get_plan
from passerelle.engine.schemas import set_schema
from passerelle.engine.selection import ALL_CONTRACTS, ContractSelection
from passerelle.engine.settings import ApiDestinationSettings, SupplierDestinationSettings
from passerelle.extension.loading import Plugins, list_described, load_plugins
from passerelle.stages.gate.minimising import check_purpose
from passerelle.stores.consents import Consents
from passerelle.stores.database import open_database
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from passerelle.engine.batch_stream import TranslationSpool
    from passerelle.engine.pipeline import Adapt
    from passerelle.engine.previewing import Preview
    from passerelle.engine.settings import Destination as DestinationSettings
    from passerelle.engine.settings import Flow, Settings
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.vocabulary.parcels import Parcel
    from passerelle.vocabulary.ports import Clock, Destination, Source

JOURNAL = "journal.sqlite3"
DEPOT = "depot"
JOBS = 2
"""One batch leaves while the next is made ready."""


def is_api(entry: DestinationSettings) -> bool:
    """Whether records leave as requests: towards these, batches are short."""
    return isinstance(entry, ApiDestinationSettings | SupplierDestinationSettings)


@dataclass(frozen=True, slots=True)
class FlowOverride:
    """What a change of supplier asks of a flow, which no settings say."""

    selection: ContractSelection = ALL_CONTRACTS
    adapt: Adapt = keep_records
    open_spool: Callable[[Parcel], TranslationSpool | None] = lambda _parcel: None
    """Where the flow shares the batches of a parcel with others, if it does."""


_AS_SET = FlowOverride()


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """One flow, assembled: its doors, its policy, and what it remembers."""

    flow: str
    settings: Flow
    supplier: Supplier
    connector: Connector
    plugin: PluginInfo
    make_policy: Callable[[], FlowPolicy]
    known_records: KnownRecords
    clock: Clock
    plugins: Plugins
    open_spool: Callable[[Parcel], TranslationSpool | None] = lambda _parcel: None
    jobs: int = 1
    """How many batches are in work at the same time: one is delivered while the next ones are made ready."""
    opened: list[Destination] = field(default_factory=list)

    @property
    def policy(self) -> FlowPolicy:
        """Return the mapping and what may pass. The first request compiles the plan: an idle look makes none."""
        return self.make_policy()

    @property
    def blocks(self) -> Blocks:
        """Say how large a batch of a new parcel is."""
        usual = TOWARDS_API if is_api(self.settings.destination) else Blocks()
        return Blocks(self.settings.block_bytes or usual.bytes, self.settings.block_rows or usual.rows)

    def open_source(self) -> Source:
        """Open the door where parcels come in."""
        return adapters.source(self.settings.source, self.connector, self.plugin, self.clock)

    def open_destination(self, *, settle_unknown: bool) -> Destination:
        """Open the door where records go out; closed with the line."""
        entry, purpose = self.settings.destination, self.settings.purpose
        door = adapters.destination(entry, self.plugins, self.clock, settle_unknown=settle_unknown, purpose=purpose)
        self.opened.append(door)
        return door

    def make_preview(self) -> Preview:
        """Return what tells beforehand what the destination could not hold."""
        return adapters.make_preview(self.settings.destination, self.plugins, self.settings.purpose)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that is open while a command runs."""

    settings: Settings
    clock: Clock
    plugins: Plugins
    seal: Seal
    depot: Depot
    journal: Journal
    quarantine: Quarantine
    consents: Consents
    overrides: Mapping[str, FlowOverride] = field(default_factory=dict)
    """By flow: what a change of supplier asks of its flows beyond the settings."""

    @contextmanager
    def open_flow(self, name: str, *, jobs: int = JOBS) -> Iterator[OpenFlow]:
        """Assemble one flow. Raises UsageError for an unknown flow or connector, FlowError for a wrong purpose."""
        flow = self.settings.get_flow(name)
        supplier, connector, plugin = self.plugins.find_connector(flow.connector)
        connector = set_schema(connector, flow.schema_file)
        for table in connector.tables:
            check_purpose(contracts.get(table.contract), flow.purpose)
        line = OpenFlow(
            flow=name,
            settings=flow,
            supplier=supplier,
            connector=connector,
            plugin=plugin,
            make_policy=partial(self._policy, flow, supplier, connector),
            known_records=self._memory(name, supplier, connector, plugin),
            clock=self.clock,
            plugins=self.plugins,
            open_spool=self.overrides.get(name, _AS_SET).open_spool,
            jobs=jobs,
        )
        try:
            yield line
        finally:
            for door in line.opened:
                door.close()

    def _policy(self, flow: Flow, supplier: Supplier, connector: Connector) -> FlowPolicy:
        def answers(refs: Sequence[str]) -> Mapping[str, bool]:
            return self.consents.find_answers(flow.purpose, refs)

        override = self.overrides.get(flow.name, _AS_SET)
        return FlowPolicy(
            plan=get_plan(supplier.id, connector),
            purpose=flow.purpose,
            consent=flow.consent,
            answers=answers,
            deliver_extra=flow.deliver_extra,
            strict_identifiers=flow.strict_identifiers,
            selection=override.selection,
            adapt=override.adapt,
        )

    def _memory(self, flow: str, supplier: Supplier, connector: Connector, plugin: PluginInfo) -> KnownRecords:
        return KnownRecords(
            flow=flow,
            journal=self.journal,
            seal=self.seal,
            supplier=supplier.id,
            connector=connector.id,
            connector_version=plugin.version,
        )


def load_workspace_plugins(settings: Settings) -> Plugins:
    """Load the plugins that the settings allow, and the suppliers that are described beside them."""
    return load_plugins(settings.plugins, local=list_described(settings.path.parent, settings.suppliers))


@contextmanager
def open_workspace(
    settings: Settings, *, clock: Clock | None = None, plugins: Plugins | None = None
) -> Iterator[Workspace]:
    """Open the stores beside the settings and load the plugins. Raises FatalError when one of them cannot be had."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    seal = Seal.from_key_file(settings.key_file, create=True)
    engine = open_database(settings.state / JOURNAL)
    try:
        yield Workspace(
            settings=settings,
            clock=clock or SystemClock(),
            plugins=plugins or load_workspace_plugins(settings),
            seal=seal,
            depot=Depot(settings.state / DEPOT, seal),
            journal=Journal(engine, seal),
            quarantine=Quarantine(engine, seal),
            consents=Consents(engine, seal),
        )
    finally:
        engine.dispose()
