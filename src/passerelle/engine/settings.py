"""The models of `passerelle.toml`, and its reader, which reports every problem at once with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.flow_settings import make_doubt_rules
from passerelle.engine.setting_values import (
    Address,
    Below,
    DatabaseUrl,
    Doubts,
    Duration,
    Name,
    NameDate,
    OpenSettings,
    SecretReference,
    Share,
    Whole,
    Zone,
)
from passerelle.extension import toml_problems
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.locality import Locality
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from passerelle.vocabulary.doubts import DoubtRules

FLOW_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
NEEDED = MappingProxyType(
    {
        "none": (),
        "bearer": ("token",),
        "header": ("token",),
        "basic": ("username", "password"),
        "oauth2": ("client_id", "client_secret", "token_path"),
    },
)
"""Fields that each access scheme needs."""


class _Entry(BaseModel):
    # Only `Document` is asked to validate, and takes the others in: building each for itself would be for nothing.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class CredentialSettings(_Entry):
    """References to the credentials of an API."""

    client_id: SecretReference | None = None
    client_secret: SecretReference | None = None
    token: SecretReference | None = None
    username: SecretReference | None = None
    password: SecretReference | None = None


class WholeSettings(_Entry):
    """Whether exports are whole, of which days, and for which contracts."""

    enabled: StrictBool | None = None
    """None: as the connector says."""
    within: str = ""
    """The contract field whose day places a record; empty: as the connector says."""
    per: Literal["day", "week", "month", "year"] = "day"
    """An export speaks of whole weeks, months or years, not only of the days between its first and its last record."""
    contracts: tuple[Name, ...] = ()
    """Only these contracts; empty: all."""


def _read_whole(value: object) -> object:
    if isinstance(value, bool):
        return {"enabled": value}
    return {"enabled": True, **value} if isinstance(value, dict) else value


class _SourceSettings(BaseModel):
    """What every source may say of what it sends."""

    whole: Annotated[WholeSettings, BeforeValidator(_read_whole)] = Field(default_factory=WholeSettings.model_construct)
    """Written `true`, `false` or as a table."""


class FolderSourceSettings(_Entry, _SourceSettings):
    """Files that somebody drops into a folder."""

    kind: Literal["folder"]
    path: Below
    glob: Name = "*"
    after: Literal["archive", "keep", "delete"] = "archive"
    quiet_seconds: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    """A file that changed more recently than this is still being written."""
    order: Literal["name", "date", "time"] = "time"
    """In which order the files of one look are taken: the last one's state stays."""
    name_date: NameDate = ""
    """How the date in a file's name is written (`%Y-%m-%d`); empty: any usual way."""


class ApiSourceSettings(CredentialSettings, _SourceSettings):
    """An API that the connector knows how to read."""

    kind: Literal["api"]
    base_url: Address
    settings: OpenSettings = Field(default_factory=dict)
    """What the connector itself asks for; checked by its own model."""
    allow_private: StrictBool = False


class InboxSourceSettings(_Entry):
    """Messages that the supplier pushes: `passerelle listen` takes them."""

    kind: Literal["inbox"]
    secret: SecretReference
    """What both sides know, and sign with."""
    previous_secret: SecretReference | None = None
    """The secret before: still accepted while the other side changes to the new one."""


class FolderDestinationSettings(_Entry):
    """Files written into a folder, one for each contract and batch."""

    kind: Literal["folder"]
    path: Below
    format: Literal["ndjson", "parquet", "csv", "xlsx"] = "ndjson"
    layout: str | None = None
    """A connector whose own layout is written instead of the contract's."""
    fill: Mapping[str, Any] = Field(default_factory=dict)
    """For a layout that is a document: what a field holds where a record has nothing for it."""
    related: tuple[Below, ...] = Field(default_factory=tuple)
    """For a layout that is a document: files of records in contract form (ndjson) that it tells of as well."""


class ApiDestinationSettings(CredentialSettings):
    """An API that takes records."""

    kind: Literal["api"]
    base_url: Address
    path: Name
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    delete_path: Annotated[str, Field(pattern=r"^$|\{id\}")] = ""
    """Where a record is taken back by `DELETE`, `{id}` being the other side's own id; empty: it cannot be."""
    lot: Annotated[Whole, Field(ge=1, le=10_000)] = 1
    key_header: str = "Idempotency-Key"
    """Empty when the other side knows no keys: what got no usable answer is then settled as unknown."""
    scheme: Literal["none", "bearer", "oauth2", "basic", "header"] = "none"
    header: Name = "Authorization"
    """The header that carries the token when `scheme` is `header`."""
    token_path: str = ""
    in_flight: Annotated[Whole, Field(ge=1, le=64)] = 4
    per_second: Annotated[float, Field(gt=0, le=10_000)] = 20.0
    allow_private: StrictBool = False

    @model_validator(mode="after")
    def _check_scheme_fields(self) -> Self:
        absent = [name for name in NEEDED[self.scheme] if not getattr(self, name)]
        if absent:
            details = {"scheme": self.scheme, "needed": ", ".join(absent)}
            raise PydanticCustomError("credentials_incomplete", "credentials", details)
        return self


class SupplierDestinationSettings(CredentialSettings):
    """A supplier's API that takes records in the supplier's own words: a connector says how."""

    kind: Literal["supplier"]
    connector: Name
    base_url: Address
    fill: Mapping[str, Any] = Field(default_factory=dict)
    """What a field holds where a record has nothing for it."""
    related: tuple[Below, ...] = Field(default_factory=tuple)
    """Files of records in contract form (ndjson) that the supplier is told of as well."""
    allow_private: StrictBool = False


class DatabaseDestinationSettings(_Entry):
    """A table for each contract."""

    kind: Literal["database"]
    url: DatabaseUrl
    """A Path: an SQLite file. A text: the reference of a database URL, which holds a password."""
    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")] = "passerelle_"


Source = Annotated[FolderSourceSettings | ApiSourceSettings | InboxSourceSettings, Field(discriminator="kind")]
Destination = Annotated[
    FolderDestinationSettings | ApiDestinationSettings | SupplierDestinationSettings | DatabaseDestinationSettings,
    Field(discriminator="kind"),
]


class OrderSettings(_Entry):
    """What says which of two states of a record is the newer: a column, or the date in the file's name."""

    column: Name | None = None
    formats: tuple[Name, ...] = ()
    """How the column is written; none: ISO 8601 with an offset."""
    zone: Name = "Europe/Paris"
    file_name: StrictBool = False

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if self.file_name == bool(self.column):
            raise PydanticCustomError("order_unclear", "order")
        return self


class Flow(_Entry):
    """One flow: from a source, through a connector, to a destination, for a purpose."""

    name: str
    connector: Name
    purpose: Purpose
    schedule: str = ""
    """When the operator runs it, in words: shown by `status`, not acted upon."""
    consent: Literal["opposition", "required"] = "opposition"
    deliver_extra: StrictBool = False
    strict_identifiers: StrictBool = False
    doubts: Doubts = Field(default_factory=dict)
    """By code of a doubt: `"strict"` sets its records aside, `{ silent = "why" }` does not count it."""
    zone: Zone = ""
    """The IANA zone of local times; empty: what the connector says, which is Europe/Paris unless it says otherwise."""
    country: Literal[
        "", "FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "BE", "CH", "LU", "MC", "DE", "ES", "IT", "PT", "GB"
    ] = ""
    """Of national telephone numbers and of addresses that name no country; empty: what the connector says, France."""
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
    source: Source
    destination: Destination

    @property
    def expects_arrivals(self) -> bool:
        """Whether a parcel that is known already is a sign of life: not a file that stays where it is."""
        stays = isinstance(self.source, FolderSourceSettings) and self.source.after == "keep"
        return self.expected_every is not None and not stays

    @property
    def locality(self) -> Locality:
        """Return where the supplier's times, numbers and addresses are at home."""
        return Locality(self.zone, self.country)

    @property
    def doubt_rules(self) -> DoubtRules:
        """Return what the flow says of doubts; `strict_identifiers` is the older way to say it of two of them."""
        return make_doubt_rules(self.doubts, strict_identifiers=self.strict_identifiers)


class _GeneralSettings(_Entry):
    state: Below = Field(default=Path("etat"), validate_default=True)
    language: Literal["fr", "en"] | None = None
    key_file: Below | None = None
    retention_days: Annotated[Whole, Field(ge=1, le=3_650)] = 90
    received_days: Annotated[Whole, Field(ge=1, le=3_650)] = 30
    idle_days: Annotated[Whole, Field(ge=1, le=3_650)] = 31
    plugins: tuple[str, ...] | None = None
    suppliers: tuple[Name, ...] = ()


class SettingsDocument(_Entry):
    """The whole file."""

    passerelle: _GeneralSettings
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
    plugins: tuple[str, ...] | None = None
    """The only plugins that may be loaded, by name or distribution; None: all that are installed."""
    suppliers: tuple[str, ...] = ()
    """Patterns of TOML descriptions of suppliers, relative to the settings file: `editeurs/*.toml`."""
    flows: Mapping[str, Flow] = field(default_factory=dict)

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


def load_settings(path: Path) -> Settings:
    """Read the settings. Raises SettingsError, whose `problems` are all that is wrong, each with file, line and key."""
    path = path.absolute()
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors of Windows write a byte order mark
    except FileNotFoundError:
        raise SettingsError("settings.file.missing", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=path.name) from None
    document = _parse_document(text, path)
    general = document.passerelle
    return Settings(
        path=path,
        state=general.state,
        key_file=general.key_file or general.state / "cle",
        language=general.language,
        retention_days=general.retention_days,
        received_days=general.received_days,
        idle_days=general.idle_days,
        plugins=general.plugins,
        suppliers=general.suppliers,
        flows=MappingProxyType(document.flow),
    )


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
    if document is None or problems:
        raise problems.to_error() from None
    return document
