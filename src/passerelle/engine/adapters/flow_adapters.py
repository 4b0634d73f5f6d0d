"""Opens the source and the destination that a flow's settings name.

What calls other machines, opens databases or writes a supplier's layout is imported by the flows that do so: a run
over folders needs none of it, and starts faster.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.destinations.shelf import ShelfDestination
from passerelle.edges.sources.folder import FolderSource
from passerelle.edges.sources.inbox import InboxSource
from passerelle.engine.adapters.file_places import open_place, open_unlock
from passerelle.engine.adapters.previewing import preview_nothing
from passerelle.engine.settings.api_settings import HandedSourceSettings
from passerelle.engine.settings.endpoint_settings import (
    ApiDestinationSettings,
    DatabaseDestinationSettings,
    InboxSourceSettings,
    SupplierDestinationSettings,
)
from passerelle.engine.settings.mailbox_settings import MailboxSourceSettings
from passerelle.engine.settings.place_settings import (
    FileDestinationSettings,
    FileSourceSettings,
    FolderDestinationSettings,
)
from passerelle.engine.settings.query_sources import SqlSourceSettings, open_query_source
from passerelle.engine.settings.secrets import resolve
from passerelle.engine.settings.shelf_settings import ShelfDestinationSettings
from passerelle.extension.plugin_errors import iterate_plugin
from passerelle.vocabulary.errors import FlowError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.edges.destinations.database import DatabaseDestination
    from passerelle.edges.places.file_place import FilePlace
    from passerelle.edges.sources.mailbox import MailboxSource
    from passerelle.engine.adapters.previewing import Preview
    from passerelle.engine.adapters.related_records import RelatedRecords
    from passerelle.engine.settings import workspace_settings as words
    from passerelle.engine.settings.endpoint_settings import ApiSourceSettings
    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector, Page
    from passerelle.vocabulary.ports import Client, Clock, Destination, Source


def open_source(entry: words.Source, connector: Connector, plugin: PluginInfo, clock: Clock) -> Source:
    """Open where parcels come from. Raises FlowError when the connector cannot read that way."""
    if isinstance(entry, FileSourceSettings):
        return FolderSource(
            open_place(entry),
            entry.glob,
            after=entry.after,
            quiet_seconds=entry.quiet_seconds,
            order=entry.order,
            name_date=entry.name_date,
            unlock=open_unlock(entry),
            clock=clock,
        )
    if isinstance(entry, HandedSourceSettings):
        return InboxSource()
    if isinstance(entry, InboxSourceSettings):
        if connector.push is None:
            raise FlowError("settings.connector.no_push", connector=connector.id)
        return InboxSource()
    if isinstance(entry, SqlSourceSettings):
        return open_query_source(entry, clock)
    if isinstance(entry, MailboxSourceSettings):
        return open_mailbox(entry)
    if connector.collect is None:
        raise FlowError("settings.connector.no_api", connector=connector.id)
    from passerelle.edges.sources.api import ApiSource  # noqa: PLC0415  see above
    from passerelle.edges.sources.overlapping import Overlap  # noqa: PLC0415  see above
    from passerelle.engine.adapters import api_clients  # noqa: PLC0415  see above

    collect, client = connector.collect, api_clients.make_client(entry, connector.access, clock)

    def collect_pages(client: Client, settings: Any, cursor: str) -> Iterator[Page]:
        # an exception of the plugin gets its name, and loses its message, which may hold values
        return iterate_plugin(plugin, lambda: collect(client, settings, cursor), family=FlowError)

    is_whole = connector.whole if entry.whole.enabled is None else entry.whole.enabled
    overlap = Overlap(connector.overlap if entry.overlap is None else entry.overlap)
    settings = _check_settings(entry, connector)
    return ApiSource(collect_pages, client, settings, overlap=overlap, clock=clock, confirms=is_whole)


def open_mailbox(entry: MailboxSourceSettings) -> MailboxSource:
    """Open a mailbox. Raises SettingsError for a secret that is not there."""
    from passerelle.edges.sources.mailbox import MailboxSource  # noqa: PLC0415  see above
    from passerelle.edges.sources.mailbox_session import MailboxAccess, MailboxSession  # noqa: PLC0415  see above

    password = resolve(entry.password).reveal()
    access = MailboxAccess(entry.host, entry.port, entry.user, password, entry.folder, entry.allow_private)
    return MailboxSource(
        MailboxSession(access),
        entry.senders,
        entry.glob,
        after=entry.after,
        done=entry.done,
        name_date=entry.name_date,
        unlock=open_unlock(entry),
    )


def _check_settings(entry: ApiSourceSettings, connector: Connector) -> Any:
    """Return the connector's own settings, checked. Raises FlowError, which names wrong keys, never their values."""
    if connector.settings is None:
        return dict(entry.settings)
    try:
        return connector.settings.model_validate(dict(entry.settings))
    except ValidationError as error:
        keys = {".".join(str(part) for part in problem["loc"]) for problem in error.errors(include_input=False)}
        raise FlowError("settings.connector.invalid", connector=connector.id, keys=", ".join(sorted(keys))) from None


def open_destination(
    entry: words.Destination,
    plugins: Plugins,
    clock: Clock,
    *,
    settle_unknown: bool,
    related: RelatedRecords | None = None,
    was_here: bool = False,
) -> Destination:
    """Open where records go. `settle_unknown`: a record without a usable answer is settled, not tried again.

    `related`: what a document looks up beside, and what of it may go; None: everything. `was_here`: records went there
    before, so that a folder that is not there is away. Raises FlowError where what is to be written under one file name
    cannot be.
    """
    if isinstance(entry, ApiDestinationSettings):
        from passerelle.engine.adapters import api_clients  # noqa: PLC0415  see above

        return api_clients.open_api_destination(entry, clock, settle_unknown=settle_unknown)
    if isinstance(entry, SupplierDestinationSettings):
        from passerelle.engine.adapters import api_clients, layout_destinations  # noqa: PLC0415  see above

        writer = layout_destinations.make_writer(entry, entry.connector, plugins, related)
        return api_clients.open_supplier_destination(entry, writer, clock, settle_unknown=settle_unknown)
    if isinstance(entry, ShelfDestinationSettings):
        return ShelfDestination()
    if isinstance(entry, DatabaseDestinationSettings):
        refuse_away(entry, was_here=was_here)
        return open_database_destination(entry)
    return _open_files(entry, open_place(entry, was_here=was_here), plugins, related)


def refuse_away(entry: words.Destination, *, was_here: bool) -> None:
    """Raise TransientError where records went to a folder of this machine, and it is not there any more.

    A share that is not mounted: what would be made in its place would be read by nobody.
    """
    folder = None
    if isinstance(entry, FolderDestinationSettings):
        folder = entry.path
    elif isinstance(entry, DatabaseDestinationSettings) and isinstance(entry.url, Path):
        folder = entry.url.parent
    if was_here and folder is not None and not folder.exists():
        raise TransientError("incident.folder.away")


def _open_files(
    entry: FileDestinationSettings,
    place: FilePlace,
    plugins: Plugins,
    related: RelatedRecords | None,
) -> Destination:
    """Open where files are written."""
    if not entry.layout:
        return FolderDestination(place, format=entry.format, rights=entry.rights, formulas=entry.formulas)
    from passerelle.engine.adapters import layout_destinations  # noqa: PLC0415  see above

    destination = layout_destinations.open_layout_destination(entry, place, entry.layout, plugins, related)
    if entry.file_name and not isinstance(destination, FolderDestination):
        # documents, and rows of several contracts, hold what came together: they cannot be joined
        raise FlowError("settings.file_name.layout", layout=entry.layout)
    return destination


def open_database_destination(entry: DatabaseDestinationSettings) -> DatabaseDestination:
    """Open the database that the settings name. Raises SettingsError for an address that is none, or is not there."""
    from passerelle.edges.destinations.database import DatabaseDestination  # noqa: PLC0415  see above

    url = f"sqlite:///{entry.url}" if not isinstance(entry.url, str) else resolve(entry.url).reveal()
    return DatabaseDestination(url, prefix=entry.prefix, views=entry.views)


def can_withdraw(entry: words.Destination, plugins: Plugins) -> bool:
    """Whether the destination that the settings name can delete records, without opening it."""
    if isinstance(entry, ApiDestinationSettings):
        return bool(entry.delete_path)
    if isinstance(entry, SupplierDestinationSettings):
        send = plugins.find_connector(entry.connector)[1].send
        return send is not None and bool(send.delete_path)
    if isinstance(entry, DatabaseDestinationSettings | ShelfDestinationSettings):
        return True
    return not entry.layout or entry.file_holds == "all"


def make_preview(entry: words.Destination, plugins: Plugins, related: RelatedRecords | None = None) -> Preview:
    """Return a function that finds, before anything is sent, what the destination's layout could not hold."""
    layout = None
    if isinstance(entry, SupplierDestinationSettings | FileDestinationSettings):
        layout = entry.connector if isinstance(entry, SupplierDestinationSettings) else entry.layout
    if layout and isinstance(entry, SupplierDestinationSettings | FileDestinationSettings):
        from passerelle.engine.adapters import layout_destinations  # noqa: PLC0415  see above

        return layout_destinations.make_preview(entry, layout, plugins, related)
    return preview_nothing
