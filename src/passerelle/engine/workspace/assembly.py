"""Opens the workspace and its flows: turns settings into stores, plugins, policies, sources and destinations."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.processing import Basis
from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.engine.clock import SystemClock
from passerelle.engine.path.collecting import TOWARDS_API, Blocks
from passerelle.engine.path.flow_policy import FlowPolicy, keep_records
from passerelle.engine.path.plans import get_plan
from passerelle.engine.path.selection import ALL_CONTRACTS, ContractSelection
from passerelle.engine.path.whole_rule import make_whole_rule
from passerelle.engine.records.outside_names import OutsideNames
from passerelle.engine.records.record_comparison import KnownRecords
from passerelle.engine.records.version_order import find_order
from passerelle.engine.settings.endpoint_settings import ApiDestinationSettings, SupplierDestinationSettings
from passerelle.engine.settings.place_settings import FileDestinationSettings
from passerelle.engine.settings.query_sources import read_rows_of_query
from passerelle.engine.workspace.arrival_ringing import make_ring, ring_nobody
from passerelle.engine.workspace.file_naming import check_file_names, name_files
from passerelle.engine.workspace.journal_place import (
    DEPOT,
    JOURNAL,
    LEFT,
    WHOLES,
    has_deposits,
    open_journal,
    open_place,
)
from passerelle.engine.workspace.key_places import open_seal
from passerelle.engine.workspace.recipients import make_handles
from passerelle.engine.workspace.subject_references import find_systems
from passerelle.engine.workspace.xml_schemas import set_schema
from passerelle.extension.loading import leave_replaced_out, list_allowed, list_described, load_plugins
from passerelle.stages.gate.gating import find_refused
from passerelle.stages.gate.minimising import check_purpose
from passerelle.stages.validate.doubts import DoubtSetting
from passerelle.stores.api_store import ApiStore
from passerelle.stores.consents import Consents
from passerelle.stores.depot import Depot
from passerelle.stores.integrity import close_database
from passerelle.stores.journal import Journal
from passerelle.stores.keyring import FILE as KEYRING
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.shelf import Shelf
from passerelle.vocabulary.errors import FatalError, FlowError, UsageError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from passerelle.engine.adapters.previewing import Preview
    from passerelle.engine.path.batch_stream import TranslationSpool
    from passerelle.engine.path.collecting import Deposits
    from passerelle.engine.path.flow_policy import Adapt
    from passerelle.engine.settings.workspace_settings import Destination as DestinationSettings
    from passerelle.engine.settings.workspace_settings import Flow, Settings
    from passerelle.engine.workspace.journal_place import LentDatabases
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.parcels import Parcel
    from passerelle.vocabulary.ports import Clock, Destination, Source

JOBS = 2
"""One batch is delivered while the next is prepared."""


def is_api(entry: DestinationSettings) -> bool:
    """Whether records leave as requests; batches towards an API are short."""
    return isinstance(entry, ApiDestinationSettings | SupplierDestinationSettings)


@dataclass(frozen=True, slots=True)
class FlowOverride:
    """What a change of supplier sets for a flow beyond its settings."""

    selection: ContractSelection = ALL_CONTRACTS
    adapt: Adapt = keep_records
    open_spool: Callable[[Parcel], TranslationSpool | None] = lambda _parcel: None
    """Opens the spool in which the flow shares the batches of a parcel with others; None when it does not."""
    deposits: Deposits | None = None
    """Deposits that the flow shares with others of the same source; None when it shares none."""


_NO_OVERRIDE = FlowOverride()


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """One flow, opened: its source, its destination, its policy, and the records the destination has."""

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
    deposits: Deposits | None = None
    """Deposits of files that an earlier flow of the same source made, and this one need not make again."""
    jobs: int = 1
    """Batches in work at the same time: one is delivered while the next ones are prepared."""
    opened: dict[bool, Destination] = field(default_factory=dict)
    """Destinations, opened when they are first needed and closed with the flow; by `settle_unknown`."""

    @property
    def policy(self) -> FlowPolicy:
        """Return the mapping and what may pass."""
        # Made when it is needed, not when the flow is opened: compiling the plan is most of what an idle look costs.
        return self.make_policy()

    @property
    def blocks(self) -> Blocks:
        """Return how large the batches of a new parcel are."""
        usual = TOWARDS_API if is_api(self.settings.destination) else Blocks()
        return Blocks(self.settings.block_bytes or usual.bytes, self.settings.block_rows or usual.rows)

    def open_source(self) -> Source:
        """Open where parcels come from. Raises FlowError when the connector cannot read that way."""
        return adapters.open_source(self.settings.source, self.connector, self.plugin, self.clock)

    def open_destination(self, *, settle_unknown: bool) -> Destination:
        """Open where records go, once for all parcels of a run; closed with the flow.

        `settle_unknown`: no usable answer is final. Only what is sent can be left without one, so that files and
        databases have one destination, and an API a second one in the night in which somebody's patience ends.
        """
        entry = self.settings.destination
        kind = settle_unknown and is_api(entry)
        if kind not in self.opened:
            opened = adapters.open_destination(
                entry,
                self.plugins,
                self.clock,
                settle_unknown=kind,
                related=self.related_records,
                was_here=self.known_records.journal.find_last_delivered(self.flow) is not None,
            )
            self.opened[kind] = name_files(opened, self.settings, self.known_records, self.clock)
        return self.opened[kind]

    @property
    def can_withdraw(self) -> bool:
        """Whether records can be deleted at the destination."""
        return adapters.can_withdraw(self.settings.destination, self.plugins)

    def make_preview(self) -> Preview:
        """Return a function that finds, before delivery, what the destination could not hold."""
        return adapters.make_preview(self.settings.destination, self.plugins, self.related_records)

    @property
    def related_records(self) -> RelatedRecords | None:
        """Return what a document looks up beside, under the rules of the flow; None for destinations without any."""
        entry = self.settings.destination
        if not isinstance(entry, FileDestinationSettings | SupplierDestinationSettings):
            return None
        policy = self.policy
        refused = partial(find_refused, consent=policy.consent, answers=policy.answers, may_object=policy.may_object)
        return RelatedRecords(entry.related, policy.purpose, self.known_records.handles, policy.releases, refused)


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
    shelf: Shelf
    """What flows keep of what they delivered."""
    wholes: Depot
    """The sealed lists of what whole exports held."""
    api: ApiStore
    """Tokens of the live API, and who read of whom."""
    overrides: Mapping[str, FlowOverride] = field(default_factory=dict)
    """By flow name."""
    ring: Callable[[str], object] = ring_nobody
    """Tells workers that something came for a flow; one machine looks by itself."""

    @contextmanager
    def open_flow(self, name: str, *, jobs: int = JOBS, delivers: bool = True) -> Iterator[OpenFlow]:
        """Assemble one flow. Raises UsageError for an unknown flow or connector, FlowError for a wrong purpose.

        Who looks for a person in what is held, or takes back what recipients have, `delivers` nothing: a flow that may
        send nothing (any more) keeps nobody from their rights.
        """
        flow = self.settings.get_flow(name)
        supplier, connector, plugin = self.plugins.find_connector(flow.connector)
        connector = read_rows_of_query(set_schema(connector, flow.schema_file), flow.source)
        policy = flow.make_release(self.clock.now().date())
        # Before anything is read: a purpose that a contract does not allow must not touch its data.
        if delivers:
            for table in connector.tables:
                check_purpose(contracts.get(table.contract), policy)
            check_leave_out(flow, connector)
            check_file_names(flow, self.settings.flows.values(), lambda each: self.plugins.find_connector(each)[1])
        override = self.overrides.get(name, _NO_OVERRIDE)
        open_flow = OpenFlow(
            flow=name,
            settings=flow,
            supplier=supplier,
            connector=connector,
            plugin=plugin,
            make_policy=partial(self._make_policy, flow, supplier, connector),
            known_records=KnownRecords(
                flow=name,
                journal=self.journal,
                seal=self.seal,
                supplier=supplier.id,
                connector=connector.id,
                connector_version=plugin.version,
                handles=make_handles(flow, self.plugins, self.seal, self.settings.path.parent),
                tells_rows=not policy.is_figures,
                order=find_order(connector, flow.ordered_by),
                shelf=flow.purpose if flow.shelf_days is not None and name not in self.overrides else "",
                names=OutsideNames(flow=name, journal=self.journal, seal=self.seal),
            ),
            clock=self.clock,
            plugins=self.plugins,
            open_spool=override.open_spool,
            deposits=override.deposits,
            jobs=jobs,
        )
        try:
            yield open_flow
        finally:
            for destination in open_flow.opened.values():
                destination.close()

    def _make_policy(self, flow: Flow, supplier: Supplier, connector: Connector) -> FlowPolicy:
        def find_answers(refs: Sequence[str]) -> Mapping[str, bool]:
            return self.consents.find_answers(
                flow.purpose, refs, self.clock.now(), recipients=list_recipient_names(flow)
            )

        override = self.overrides.get(flow.name, _NO_OVERRIDE)
        return FlowPolicy(
            plan=get_plan(supplier.id, connector, flow.locality),
            purpose=flow.purpose,
            consent=flow.consent,
            answers=find_answers,
            may_object=may_object(flow),
            release=flow.make_release(self.clock.now().date()),
            doubts=flow.doubt_rules,
            setting=DoubtSetting(home=flow.country or "FR"),
            selection=override.selection,
            leave_out=frozenset(flow.leave_out),
            adapt=override.adapt,
            # the exports of a move are read once, contract by contract: nothing of them vanishes
            whole=None if flow.name in self.overrides else make_whole_rule(flow, connector),
            takes_deletions=flow.name not in self.overrides,
            delete_vanished=flow.vanished == "delete",
        )


def check_leave_out(flow: Flow, connector: Connector) -> None:
    """Raise FlowError when a flow leaves out what its connector does not give, or everything that it gives."""
    given = {table.contract for table in connector.tables}
    if unknown := sorted(set(flow.leave_out) - given):
        raise FlowError("settings.leave_out.unknown", keys=", ".join(unknown), known=", ".join(sorted(given)))
    if given <= set(flow.leave_out):
        raise FlowError("settings.leave_out.everything", connector=connector.id)


def list_recipient_names(flow: Flow) -> tuple[str, ...]:
    """Return all names under which people may refuse that records go to the recipient of a flow."""
    declared = flow.declare_processing().recipient.name
    return (flow.name, declared) if declared else (flow.name,)


def may_object(flow: Flow) -> bool:
    """Whether professionals may object to a flow: not to what the law obliges to, nor to what they are paid by."""
    return flow.purpose is not Purpose.PAY and flow.declare_processing().basis is not Basis.OBLIGATION


def load_workspace_plugins(settings: Settings) -> Plugins:
    """Load the plugins that the settings allow, and the suppliers that are described beside them.

    Of one organisation of several: among those that the installation allows, and with the suppliers described there,
    unless its own description takes the place of one.
    """
    own, shared = list_described(settings.path.parent, settings.suppliers), settings.installation
    if shared is None:
        return load_plugins(settings.plugins, local=own)
    among, others = list_allowed(shared.shared.plugins), leave_replaced_out(list_shared(settings), own)
    return load_plugins(settings.plugins, among=among, local=(*own, *others))


def list_shared(settings: Settings) -> tuple[PluginInfo, ...]:
    """List the suppliers that the installation of an organisation describes for all. Raises SettingsError."""
    shared = settings.installation
    return list_described(shared.path.parent, shared.shared.suppliers) if shared else ()


def is_journal_lost(settings: Settings) -> bool:
    """Whether the key is there, with its keyring or received files, and the journal that they belong to is not.

    A keyring alone says so too: where the state is on a disk that is not mounted, its whole folder is missing.
    """
    if settings.shared.journal:
        return False  # whether it is the right one is seen when it is opened
    journal = settings.state / JOURNAL
    # SQLite would make a new database of an empty file as well
    if (journal.is_file() and journal.stat().st_size > 0) or not settings.key_file.exists():
        return False
    return (settings.keyring_folder / KEYRING).is_file() or has_deposits(settings)


def refuse_lost_journal(settings: Settings) -> None:
    """Raise FatalError `incident.journal.gone`, `incident.journal.moved` where a new journal would hide a loss."""
    if not settings.shared.journal and (settings.state / LEFT).exists() and not (settings.state / JOURNAL).exists():
        raise FatalError("incident.journal.moved")
    if is_journal_lost(settings):
        raise FatalError("incident.journal.gone")


def begin_journal(settings: Settings, *, who: str) -> None:
    """Begin a new journal where the old one is lost, knowingly: the first entry of its audit trail says who did.

    Raises UsageError when none is lost.
    """
    if not is_journal_lost(settings):
        raise UsageError("usage.journal.there")
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_journal(settings).dispose()
    with open_workspace(settings) as workspace:
        workspace.journal.append_audit("journal.begun_anew", "", "", workspace.clock.now(), who)


@contextmanager
def open_workspace(
    settings: Settings,
    *,
    clock: Clock | None = None,
    plugins: Plugins | None = None,
    seal: Seal | None = None,
    lent: LentDatabases | None = None,
) -> Iterator[Workspace]:
    """Open the stores beside the settings and load the plugins; with what is open already where it is given.

    Raises FatalError when one of them cannot be had.
    """
    refuse_lost_journal(settings)
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)  # names of parcels and the key are in it
    engine = lent.journal if lent else open_journal(settings)
    try:
        seal = seal or open_seal(settings, engine, lent.keyring if lent else None)
    except BaseException:
        engine.dispose()
        raise
    depots: list[Depot] = []
    try:
        loaded = plugins or load_workspace_plugins(settings)
        for name in (DEPOT, WHOLES):
            depots.append(Depot(open_place(settings, name), seal))  # noqa: PERF401  what was opened before one that fails is closed
        yield Workspace(
            settings=settings,
            clock=clock or SystemClock(),
            plugins=loaded,
            seal=seal,
            depot=depots[0],
            journal=Journal(engine, seal),
            quarantine=Quarantine(engine, seal),
            consents=Consents(engine, seal, lambda: find_systems(settings, loaded).rules),
            shelf=Shelf(engine, seal),
            wholes=depots[1],
            api=ApiStore(engine, seal),
            ring=make_ring(engine, settings.shared.journal),
        )
    finally:
        for depot in depots:
            depot.close()
        close_database(engine)
        if seal.keyring is not None:
            seal.keyring.close()
