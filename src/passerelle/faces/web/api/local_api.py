"""The server of the API beside the workbench: an application and an address of its own, in a thread of its own."""

from __future__ import annotations

import gc
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.engine.api.event_sending import SERVER, notify_subscribers
from passerelle.engine.api.live_api import LiveApi
from passerelle.engine.api.shelf_opening import open_shelf
from passerelle.faces.web.api.app import build_api
from passerelle.faces.web.local_server import make_server
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.language import get_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.api_settings import ApiSettings
    from passerelle.engine.workspace.assembly import Workspace

_SECONDS = 1.0
"""Between two looks for whom to tell."""


@contextmanager
def serve_api(workspace: Workspace, settings: ApiSettings) -> Iterator[str]:
    """Serve the API until the context ends, and yield its address.

    Raises UsageError `api.shelf.absent` while no flow fills a shelf, FatalError `incident.port.taken`.
    """
    live = LiveApi(workspace, open_shelf(workspace), per_second=settings.per_second)
    bound = bind_address(settings)
    server = make_server(build_api(live, get_current()))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    is_over = threading.Event()
    telling = threading.Thread(target=_notify_until, args=(workspace, is_over))
    # what a start brings stays: each look for garbage would go through it, and cost a stream a third of its time
    gc.collect()
    gc.freeze()
    serving.start()
    telling.start()
    try:
        yield settings.public_url or f"http://{settings.address.rpartition(':')[0]}:{bound.getsockname()[1]}"
    finally:
        is_over.set()
        server.should_exit = True
        telling.join()
        serving.join()
        bound.close()


def _notify_until(workspace: Workspace, is_over: threading.Event) -> None:
    """Inform subscribers of what changed, each second, until it is over."""
    while not is_over.wait(_SECONDS):
        notify_subscribers(workspace, SERVER)


def bind_address(settings: ApiSettings) -> socket.socket:
    """Bind the address of the API. Raises FatalError `incident.port.taken`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # the protocol is named, as for the workbench: asyncio switches Nagle's algorithm off for such sockets alone
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.bind((settings.host, settings.port))
    except OSError:
        bound.close()
        raise FatalError("incident.port.taken", port=str(settings.port)) from None
    return bound
