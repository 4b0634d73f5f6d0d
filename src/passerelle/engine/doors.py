"""Which source and which destination stand behind a flow's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.edges.destinations.api import ApiDestination
from passerelle.edges.destinations.database import DatabaseDestination
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.credentials import Basic, Bearer, Credentials, Header, NoCredentials, OAuth2
from passerelle.edges.http.policy import Policy
from passerelle.edges.http.sign_in import SignIn
from passerelle.edges.sources.api import ApiSource
from passerelle.edges.sources.folder import FolderSource
from passerelle.edges.sources.inbox import InboxSource
from passerelle.engine.secrets import resolve
from passerelle.engine.settings import (
    ApiDestinationSettings,
    DatabaseDestinationSettings,
    FolderSourceSettings,
    InboxSourceSettings,
)
from passerelle.extension.blame import blamed
from passerelle.extension.supplier import Send
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate.rendering import render
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from passerelle.engine import settings as words
    from passerelle.extension.loading import PluginInfo, Plugins
    from passerelle.extension.supplier import Access, Collect, Connector, Page
    from passerelle.vocabulary.ports import Client, Clock, Destination, Source


def source(entry: words.Source, connector: Connector, plugin: PluginInfo, clock: Clock) -> Source:
    """Open the door where parcels come in. Raises FlowError when the connector cannot read that way."""
    if isinstance(entry, FolderSourceSettings):
        return FolderSource(entry.path, entry.glob, after=entry.after, quiet_seconds=entry.quiet_seconds, clock=clock)
    if isinstance(entry, InboxSourceSettings):
        if connector.push is None:
            raise FlowError("settings.connector.no_push", connector=connector.id)
        return InboxSource()
    if connector.collect is None:
        raise FlowError("settings.connector.no_api", connector=connector.id)
    access = connector.access
    client = HttpClient(
        entry.base_url,
        credentials=_access(entry, access, clock),
        policy=Policy(allowed_private=entry.allow_private, per_second=access.per_second, in_flight=access.in_flight),
        clock=clock,
    )
    return ApiSource(_collecting(connector.collect, plugin), client, _own_settings(entry, connector))


def _collecting(collect: Collect, plugin: PluginInfo) -> Collect:
    """Let whatever escapes the plugin carry its name, and none of its words."""

    def asked(client: Client, settings: Any, cursor: str) -> Iterator[Page]:
        return blamed(plugin, lambda: collect(client, settings, cursor), family=FlowError)

    return asked


def _own_settings(entry: words.ApiSourceSettings, connector: Connector) -> Any:
    """Check the connector's own settings. Raises FlowError, which names the wrong keys, never what they hold."""
    if connector.settings is None:
        return dict(entry.settings)
    try:
        return connector.settings.model_validate(dict(entry.settings))
    except ValidationError as error:
        keys = {".".join(str(part) for part in one["loc"]) for one in error.errors(include_input=False)}
        raise FlowError("settings.connector.invalid", connector=connector.id, keys=", ".join(sorted(keys))) from None


def destination(entry: words.Destination, plugins: Plugins, clock: Clock, *, settle_unknown: bool) -> Destination:
    """Open the door where records go out."""
    if isinstance(entry, ApiDestinationSettings):
        return _api(entry, clock, settle_unknown=settle_unknown)
    if isinstance(entry, DatabaseDestinationSettings):
        url = f"sqlite:///{entry.url}" if not isinstance(entry.url, str) else resolve(entry.url).reveal()
        return DatabaseDestination(url, prefix=entry.prefix)
    if entry.layout:
        return _layout(entry, entry.layout, plugins)
    return FolderDestination(entry.path, format=entry.format)


def _api(entry: ApiDestinationSettings, clock: Clock, *, settle_unknown: bool) -> Destination:
    return ApiDestination(
        entry.base_url,
        send=Send(path=entry.path, method=entry.method, lot=entry.lot, key_header=entry.key_header),
        credentials=_credentials(entry, entry.scheme, entry.token_path, entry.header),
        policy=Policy(allowed_private=entry.allow_private, per_second=entry.per_second, in_flight=entry.in_flight),
        clock=clock,
        settle_unknown=settle_unknown,
    )


def _access(entry: words.CredentialSettings, access: Access, clock: Clock) -> Credentials:
    """Make the credentials that a connector asks for."""
    how = access.sign_in
    if how is None:
        return _credentials(entry, access.scheme, access.token_path, access.header)
    return SignIn(
        path=access.token_path,
        form=how.form,
        signs=how.signs,
        repeats=how.repeats,
        member=how.member,
        life=how.life,
        username=_given(entry, "username", access.scheme),
        password=_given(entry, "password", access.scheme),
        clock=clock,
    )


def _given(entry: words.CredentialSettings, name: str, scheme: str) -> str:
    reference = getattr(entry, name)
    if reference is None:
        raise FlowError("settings.credentials.incomplete", scheme=scheme, needed=name)
    return resolve(reference).reveal()


def _credentials(entry: words.CredentialSettings, scheme: str, token_path: str, header: str) -> Credentials:
    def given(name: str) -> str:
        return _given(entry, name, scheme)

    match scheme:
        case "bearer":
            return Bearer(given("token"))
        case "basic":
            return Basic(given("username"), given("password"))
        case "header":
            return Header(header, given("token"))
        case "oauth2":
            return OAuth2(token_path, given("client_id"), given("client_secret"))
        case _:
            return NoCredentials()


def _layout(entry: words.FolderDestinationSettings, connector_id: str, plugins: Plugins) -> Destination:
    """Write a connector's own columns, as its dialect writes; its first table of a contract decides."""
    supplier, connector, _plugin = plugins.connector(connector_id)
    tables = {table.contract: table for table in reversed(connector.tables)}

    def rendered(contract: str, frame: pl.DataFrame) -> pl.DataFrame:
        if contract not in tables:
            raise FlowError("settings.layout.no_table", connector=connector_id, contract=contract)
        return render(frame, tables[contract], supplier=supplier.id)

    dialect = connector.dialect if isinstance(connector.dialect, Csv) else Csv()
    return FolderDestination(
        entry.path,
        format="csv",
        layout=rendered,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        encoding=dialect.encoding,
    )
