"""Who a flow's records go to, by name: under it, handles are made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from passerelle.engine.records.handles import Handles
from passerelle.engine.settings.endpoint_settings import (
    ApiDestinationSettings,
    DatabaseDestinationSettings,
    SupplierDestinationSettings,
)
from passerelle.engine.settings.place_settings import FolderDestinationSettings, RemotePlaceSettings
from passerelle.engine.settings.shelf_settings import ShelfDestinationSettings
from passerelle.extension.opaque_references import list_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.extension.plugins import Plugins
    from passerelle.stores.seal import Seal


_FILE = "file:"
"""How a reference to a secret begins that stands in a file."""


def name_recipient(flow: Flow, home: Path) -> str:
    """Return the name of the recipient that the flow declares, else a stable name of its destination.

    That is the address of an API without its path, an account of a server with files, a database without its tables,
    a folder as seen from the settings file (`home` is its folder): an installation that is moved as a whole keeps its
    handles, and two flows into one place have the same.
    """
    if declared := flow.declare_processing().recipient.name:
        return declared
    destination = flow.destination
    if isinstance(destination, ApiDestinationSettings | SupplierDestinationSettings):
        parts = urlsplit(destination.base_url)
        return f"{parts.scheme}://{parts.netloc.lower()}"
    if isinstance(destination, DatabaseDestinationSettings):
        url = destination.url
        if isinstance(url, str) and not url.startswith(_FILE):
            return url
        return _name_path(Path(str(url).removeprefix(_FILE)), home)
    if isinstance(destination, RemotePlaceSettings | ShelfDestinationSettings):
        return destination.account
    assert isinstance(destination, FolderDestinationSettings)  # noqa: S101  the only other kind
    return _name_path(destination.path, home)


def make_handles(flow: Flow, plugins: Plugins, seal: Seal, home: Path) -> Handles:
    """Return what makes the handles of a flow."""
    list_kept_of = make_list_kept(flow, plugins)
    return Handles(seal=seal, recipient=name_recipient(flow, home), purpose=flow.purpose, list_kept=list_kept_of)


def make_list_kept(flow: Flow, plugins: Plugins, *, is_read: bool = False) -> Callable[[str], frozenset[str]]:
    """Return what lists, for a system, the beginnings of references of a flow that leave as they are.

    `is_read`: when they are read from its shelf, rather than when they go there.
    """
    own = plugins.find_connector(flow.connector)[0]
    # what leaves with a shelf leaves when it is read
    is_inside = isinstance(flow.destination, ShelfDestinationSettings) and not is_read

    def list_system_kept(system: str) -> frozenset[str]:
        if is_inside:
            return frozenset({f"{system}:"})
        # Of another supplier too, for a record may refer to its own: a visit to the plan that its payer numbered.
        other = plugins.get_supplier(system)
        kept = list_kept(own) | (list_kept(other) if other and other is not own else frozenset())
        if not isinstance(flow.destination, SupplierDestinationSettings):
            return kept
        # Its own ids go back to a supplier: it gave them, and finds its records by nothing else.
        return kept | {f"{plugins.find_connector(flow.destination.connector)[0].id}:"}

    return list_system_kept


def _name_path(path: Path, home: Path) -> str:
    # as posix: a state that moves from Windows to Linux names its folders alike
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.as_posix()
