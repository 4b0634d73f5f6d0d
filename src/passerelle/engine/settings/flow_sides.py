"""Which side of a flow an error is about, its source or its destination, and what the settings call that place."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from passerelle.engine.settings.place_settings import RemotePlaceSettings
from passerelle.vocabulary.errors import FlowError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.workspace_settings import Destination, Flow, Source

Side = Literal["source", "destination"]

_SIDED = tuple(
    f"incident.{subject}."
    for subject in (
        *("supplier", "credentials", "access", "request", "address"),
        *("folder", "file", "sftp", "place", "mail", "source", "destination", "cursor", "flow_database", "query"),
    )
)
"""How codes begin whose sentence speaks of «the other system» or «the folder»: a flow has one at each end."""


def name_place(entry: Source | Destination) -> str:
    """Return the folder, host or file that the settings name; empty where the name itself is a secret."""
    if entry.kind == "folder":
        return entry.path.name
    if isinstance(entry, RemotePlaceSettings):
        return entry.server
    if entry.kind in ("api", "supplier"):
        return urlsplit(entry.base_url).hostname or ""
    if entry.kind in ("database", "sql") and isinstance(entry.url, Path):
        return entry.url.name
    return ""


@contextmanager
def name_side(flow: Flow, side: Side) -> Iterator[None]:
    """Add the side and its place to errors that are about one end of a flow; one that has them keeps them."""
    try:
        yield
    except (FlowError, TransientError) as error:
        if error.code.startswith(_SIDED):
            error.details.setdefault("at_side", side)
            error.details.setdefault("at_place", name_place(flow.source if side == "source" else flow.destination))
        raise
