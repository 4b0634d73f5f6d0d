"""Real servers on this machine that hold files and speak HTTP: WebDAV over TLS."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tls_servers import serve_wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER, PASSWORD = "saad-aube", "épreuve"


@dataclass
class WebShare:
    """A server: its folder, where it listens, what it was asked, and what it answers instead of what it would."""

    folder: Path
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    instead: Callable[[dict[str, Any]], str | None] = lambda _environ: None
    """Returns a status that is answered instead, for a request; None: the true answer."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/depot"


@contextmanager
def serve_webdav(folder: Path, certificate: tuple[Path, Path], port: int = 0) -> Iterator[WebShare]:
    """Serve a folder over WebDAV and TLS to one account; nothing is kept after the end."""
    share = WebShare(folder)
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
            "hotfixes": {"re_encode_path_info": True},
        }
    )

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        share.asked.append((environ["REQUEST_METHOD"], environ.get("HTTP_RANGE", "")))
        if status := share.instead(environ):
            start_response(status, [("Content-Length", "0")])
            return [b""]
        return application(environ, start_response)

    with serve_wsgi(answer, certificate, port) as share.port:
        yield share
    logging.getLogger("wsgidav").handlers.clear()


def drop(path: Path, content: bytes, moment: float) -> Path:
    path.write_bytes(content)
    os.utime(path, (moment, moment))
    return path
