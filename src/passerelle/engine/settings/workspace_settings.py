"""The models of `passerelle.toml`, and its reader, which reports every problem at once with its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StrictBool, ValidationError

from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.processing import Controller
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.settings.api_settings import ApiSettings, HandedSourceSettings
from passerelle.engine.settings.collector_settings import CollectorSettings
from passerelle.engine.settings.endpoint_settings import (
    ApiDestinationSettings,
    ApiSourceSettings,
    DatabaseDestinationSettings,
    InboxSourceSettings,
    SupplierDestinationSettings,
)
from passerelle.engine.settings.file_twins import find_twins
from passerelle.engine.settings.fleet_settings import FleetSettings
from passerelle.engine.settings.flow_settings import make_doubt_rules
from passerelle.engine.settings.general_settings import (
    GeneralSettings,
    SharedPlaces,
    is_kept_inside,
    read_settings_text,
)
from passerelle.engine.settings.installation_settings import find_installation, find_notify, share_notify
from passerelle.engine.settings.mailbox_settings import MailboxSourceSettings
from passerelle.engine.settings.notify_settings import NotifySettings
from passerelle.engine.settings.order_settings import OrderSettings
from passerelle.engine.settings.place_settings import (
    FileSourceSettings,
    FolderDestinationSettings,
    FolderSourceSettings,
    FtpsDestinationSettings,
    FtpsSourceSettings,
    SftpDestinationSettings,
    SftpSourceSettings,
)
from passerelle.engine.settings.processing_settings import (
    ControllerSettings,
    ExtraColumnSettings,
    ProcessingSettings,
    describe_columns,
)
from passerelle.engine.settings.query_sources import SqlSourceSettings
from passerelle.engine.settings.remote_places import (
    S3DestinationSettings,
    S3SourceSettings,
    WebDavDestinationSettings,
    WebDavSourceSettings,
)
from passerelle.engine.settings.setting_values import (
    Below,
    Doubts,
    Duration,
    Name,
    SettingsTable,
    Share,
    Whole,
    Zone,
)
from passerelle.engine.settings.shelf_settings import ShelfDestinationSettings, ShelvingSettings
from passerelle.engine.settings.web_settings import WebSettings
from passerelle.extension import toml_problems
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.locality import Country, Locality
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from passerelle.contracts.processing import Processing
    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.vocabulary.doubts import DoubtRules

FLOW_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")


Source = Annotated[
    FolderSourceSettings
    | SftpSourceSettings
    | FtpsSourceSettings
    | WebDavSourceSettings
    | S3SourceSettings
    | MailboxSourceSettings
    | ApiSourceSettings
    | InboxSourceSettings
    | HandedSourceSettings
    | SqlSourceSettings,
    Field(discriminator="kind"),
]
Destination = Annotated[
    FolderDestinationSettings
    | SftpDestinationSettings
    | FtpsDestinationSettings
    | WebDavDestinationSettings
    | S3DestinationSettings
    | ApiDestinationSettings
    | SupplierDestinationSettings
    | DatabaseDestinationSettings
    | ShelfDestinationSettings,
    Field(discriminator="kind"),
]


class Flow(ShelvingSettings):
    """One flow: from a source, through a connector, to a destination, for a purpose."""

    name: Annotated[str, Field(exclude=True)]
    connector: Name
    purpose: Purpose
    schedule: str = ""
    """When it is due, as `due_words` reads it: `run --due` keeps to it. Other words are only shown."""
    consent: Literal["opposition", "required"] = "opposition"
    deliver_extra: StrictBool | dict[str, ExtraColumnSettings] = False
    """`true` says nothing but with portability, which takes everything; else the columns that may go, described."""
    strict_identifiers: StrictBool = False
    doubts: Doubts = Field(default_factory=dict)
    """By code of a doubt: `"strict"` sets its records aside, `{ silent = "why" }` does not count it."""
    zone: Zone = ""
    """The IANA zone of local times; empty: what the connector says, which is Europe/Paris unless it says otherwise."""
    country: Country = ""
    """Of national telephone numbers and of addresses that name no country; empty: what the connector says, France."""
    leave_out: tuple[Name, ...] = ()
    """Contracts of the connector that do not go: their records are counted, as withheld."""
    enabled: StrictBool = True
    block_rows: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    """Most records in a batch; the engine's own figure when absent."""
    block_bytes: Annotated[Whole, Field(ge=1_024, le=256 * 1024 * 1024)] | None = None
    """Most bytes of a text format in a batch; the engine's own figure when absent."""
    absent: Literal["hold", "keep", "empty"] | None = None
    """What is done about columns that earlier parcels had and one lacks; the connector's own answer when absent."""
    vanished: Literal["tell", "delete"] = "tell"
    """What becomes of records that a whole export no longer holds, or whose deletion the supplier announces."""
    most_vanished: Share = 0.02
    """Share of the records of a contract that may vanish at once; beyond it a person has to look before."""
    expected_every: Duration | None = None
    """Something must come at least so often."""
    fewest_rows: Annotated[Whole, Field(ge=1)] | None = None
    """Rows that an export has at least."""
    most_shrink: Share | None = None
    """Share by which an export may be smaller than usual; None: half, where exports have some size."""
    schema_file: Below | None = None
    """An XSD that files of an XML connector are held to: what departs from it is a warning."""
    ordered_by: OrderSettings | None = None
    """Which of two states of a record is the newer; when absent, what the connector says."""
    processing: ProcessingSettings = Field(default_factory=ProcessingSettings.model_construct)
    """To whom records go, on what basis, for how long, and who was told: what it does not say narrows what leaves."""
    source: Source
    destination: Destination

    def make_release(self, today: date) -> ReleasePolicy:
        """Return what of each field the flow lets go on a day."""
        return ReleasePolicy.of(self.declare_processing(), today, describe_columns(self.deliver_extra))

    def declare_processing(self) -> Processing:
        """Return the processing of the flow, completed by the narrowest reading."""
        return self.processing.declare(self.purpose)

    @property
    def expects_arrivals(self) -> bool:
        """Whether a parcel that is known already is a sign of life: not a file that stays where it is."""
        stays = isinstance(self.source, FileSourceSettings) and self.source.after == "keep"
        return self.expected_every is not None and not stays

    @property
    def locality(self) -> Locality:
        """Return where the supplier's times, numbers and addresses are at home."""
        return Locality(self.zone, self.country)

    @property
    def doubt_rules(self) -> DoubtRules:
        """Return what the flow says of doubts; `strict_identifiers` is the older way to say it of two of them."""
        return make_doubt_rules(self.doubts, strict_identifiers=self.strict_identifiers)


class SettingsDocument(SettingsTable):
    """The whole file."""

    passerelle: GeneralSettings
    controller: ControllerSettings = Field(default_factory=ControllerSettings.model_construct)
    notify: NotifySettings = Field(default_factory=NotifySettings.model_construct)
    metrics: CollectorSettings = Field(default_factory=CollectorSettings)
    web: WebSettings = Field(default_factory=WebSettings.model_construct)
    fleet: FleetSettings = Field(default_factory=FleetSettings.model_construct)
    api: ApiSettings | None = None
    flow: dict[str, Flow] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one installation. Paths are absolute; secrets are references."""

    path: Path
    state: Path
    """Folder of the journal, depot and quarantine."""
    key_file: Path
    language: str | None = None
    retention_days: int = 90
    received_days: int = 30
    """How long the bytes of a finished parcel are kept."""
    idle_days: int = 31
    """Longest time between two runs; after a longer one the clock is doubted, and nothing destroyed for a day."""
    certificate_days: int = 21
    """How long before the end of a server's certificate somebody is told; 0: not at all before it ended."""
    subject_days: int = 3_650
    """How long it is known whom a delivered record is about."""
    backup_days: int = 7
    plugins: tuple[str, ...] | None = None
    """The only plugins that may be loaded, by name or distribution; None: all that are installed."""
    suppliers: tuple[str, ...] = ()
    """Patterns of TOML descriptions of suppliers, relative to the settings file: `editeurs/*.toml`."""
    audit_anchor: Path | None = None
    """A file outside the state folder, to which each run appends the head of the audit trail."""
    flows: Mapping[str, Flow] = field(default_factory=dict)
    keyring: Path | None = None
    shared: SharedPlaces = field(default_factory=SharedPlaces)
    controller: Controller = field(default_factory=Controller)
    """Who answers for the processing, and how persons reach them."""
    notify: NotifySettings = field(default_factory=NotifySettings.model_construct)
    """Who is told of faults."""
    metrics: CollectorSettings = field(default_factory=CollectorSettings)
    """The collector that is told the figures of each run."""
    web: WebSettings = field(default_factory=WebSettings.model_construct)
    """Who may come to the workbench, and how."""
    installation: Installation | None = None
    """The installation that it is one organisation of, and whose plugins and suppliers it shares."""
    fleet: FleetSettings = field(default_factory=FleetSettings.model_construct)
    api: ApiSettings | None = None
    """Where the live API answers; None: it does not."""

    @property
    def keyring_folder(self) -> Path:
        """Return the folder of the keyring, by default beside the state: what copies one does not copy the other."""
        return self.keyring or self.state.with_name(f"{self.state.name}-trousseau")

    def get_flow(self, name: str) -> Flow:
        """Return a flow by name. Raises UsageError with the nearest name."""
        if name in self.flows:
            return self.flows[name]
        raise UsageError(
            "usage.flow.unknown",
            name=name,
            known=join_names(self.flows),
            nearest=find_nearest(name, self.flows) or "–",
        )


def load_settings(path: Path, installation: Installation | None = None) -> Settings:
    """Read the settings. Raises SettingsError, whose `problems` are all that is wrong, each with file, line and key.

    `installation`: the one that the settings are part of; it is looked for above them when it is not given.
    """
    path = path.absolute()
    installation = installation or find_installation(path)
    document = _parse_document(read_settings_text(path), path)
    general = document.passerelle
    return Settings(
        path=path,
        state=general.state,
        key_file=general.key_file or general.state / "cle",
        keyring=general.keyring_path,
        shared=general.describe_sharing(),
        language=general.language or (installation.shared.language if installation else None),
        retention_days=general.retention_days,
        received_days=general.received_days,
        idle_days=general.idle_days,
        certificate_days=general.certificate_days,
        subject_days=general.subject_days,
        backup_days=general.backup_days,
        plugins=general.plugins,
        suppliers=general.suppliers,
        audit_anchor=general.audit_anchor,
        flows=MappingProxyType(document.flow),
        controller=document.controller.describe(),
        notify=share_notify(document.notify, installation),
        metrics=document.metrics,
        web=document.web,
        installation=installation,
        fleet=document.fleet,
        api=document.api,
    )


def load_notify(path: Path) -> Settings | None:
    """Return what can be told without the flows, whose settings may be what is wrong; None when nothing can."""
    path = path.absolute()
    shared = find_notify(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        tables = {name: raw.get(name, {}) for name in ("passerelle", "notify")}
        document = SettingsDocument.model_validate(tables, context=path.parent)
    except (OSError, ValueError):
        state = path.parent / "etat"
        return Settings(path, state, state / "cle", notify=shared) if shared else None
    general = document.passerelle
    key_file, notify = general.key_file or general.state / "cle", document.notify
    notify = shared if shared and not notify.channels else notify
    places, keyring, language = general.describe_sharing(), general.keyring_path, general.language
    return Settings(path, general.state, key_file, language=language, notify=notify, shared=places, keyring=keyring)


def _parse_document(text: str, path: Path) -> SettingsDocument:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise toml_problems.make_syntax_error(error, text, path.name) from None
    problems = toml_problems.Collector(SettingsDocument, text, path.name)
    raw.setdefault("passerelle", {})
    flows = raw.get("flow")
    # what is no table of tables is reported by the models below
    for name, entry in flows.items() if isinstance(flows, dict) else ():
        if not isinstance(entry, dict):
            continue
        if not FLOW_NAME.match(name):
            problems.add("settings.flow.name", ("flow", name))
        if "name" in entry:
            problems.add("settings.key.unknown", ("flow", name, "name"), known=toml_problems.list_keys(Flow))
        entry["name"] = name
    document = None
    try:
        document = SettingsDocument.model_validate(raw, context=path.parent)
    except ValidationError as error:
        problems.add_all(error)
    if document is not None and is_kept_inside(document.passerelle):
        problems.add("settings.audit_anchor.inside", ("passerelle", "audit_anchor"))
    destinations = {name: flow.destination for name, flow in document.flow.items()} if document is not None else {}
    for name, other in find_twins(destinations):
        problems.add("settings.file_name.shared", ("flow", name, "destination", "file_name"), name=name, other=other)
    if document is None or problems:
        raise problems.to_error() from None
    return document
