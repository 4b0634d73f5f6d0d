"""Folders on real servers of this machine, one of each kind that places know: what tests drop there and find there."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ftps_server import serve_ftps
from s3_store import ACCESS, BUCKET, REGION, SECRET, serve_s3
from web_shares import PASSWORD, USER, serve_webdav

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


@dataclass
class RemoteDepot:
    """A folder on a server that can be stopped: `settings` are the keys that lead there, without `kind`."""

    kind: str
    root: Path
    certificate: tuple[Path, Path]
    port: int = 0
    absent: str = "absent"
    """A folder that is not there."""
    server: Any = None
    _running: AbstractContextManager[Any] | None = field(default=None)

    def start(self) -> None:
        self.port = self.port or _find_port()
        self._running = self.serve()
        self.server = self._running.__enter__()

    def stop(self) -> None:
        if self._running is not None:
            self._running.__exit__(None, None, None)
            self._running = None

    def serve(self) -> AbstractContextManager[Any]:
        raise NotImplementedError

    def settings(self, folder: str) -> dict[str, Any]:
        raise NotImplementedError

    def make_folder(self, folder: str) -> None:
        (self.root / folder).mkdir(parents=True, exist_ok=True)

    def drop(self, folder: str, name: str, content: bytes, moment: float) -> None:
        path = self.root / folder / name
        path.write_bytes(content)
        os.utime(path, (moment, moment))

    def remove(self, folder: str, name: str) -> None:
        (self.root / folder / name).unlink()

    def read(self, folder: str) -> dict[str, bytes]:
        """Return the files that are there, by name; of a folder in it, what is in that."""
        return {path.name: path.read_bytes() for path in (self.root / folder).iterdir() if path.is_file()}


class WebDavDepot(RemoteDepot):
    def serve(self) -> AbstractContextManager[Any]:
        (self.root / "depot").mkdir(exist_ok=True)
        return serve_webdav(self.root, self.certificate, self.port)

    def settings(self, folder: str) -> dict[str, Any]:
        return {"base_url": f"https://127.0.0.1:{self.port}/{folder}", "user": USER, "password": "env:DEPOT_MOT"}


class S3Depot(RemoteDepot):
    def serve(self) -> AbstractContextManager[Any]:
        return serve_s3(self.certificate, self.port)

    def settings(self, folder: str) -> dict[str, Any]:
        return {
            "base_url": f"https://127.0.0.1:{self.port}",
            "region": REGION,
            # a prefix is nothing by itself: what is not there is a bucket
            "bucket": folder if folder == self.absent else BUCKET,
            "prefix": folder,
            "access_key": "env:DEPOT_CLE",
            "secret_key": "env:DEPOT_MOT_S3",
        }

    def make_folder(self, folder: str) -> None:
        self.server.keep(f"{folder}/", b"", 0)

    def drop(self, folder: str, name: str, content: bytes, moment: float) -> None:
        self.server.keep(f"{folder}/{name}", content, moment)

    def remove(self, folder: str, name: str) -> None:
        self.server.remove(f"{folder}/{name}")

    def read(self, folder: str) -> dict[str, bytes]:
        return {name: content for name, content in self.server.read(f"{folder}/").items() if name}


class FtpsDepot(RemoteDepot):
    def serve(self) -> AbstractContextManager[Any]:
        return serve_ftps(self.root, self.certificate, self.port)

    def settings(self, folder: str) -> dict[str, Any]:
        facts = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": "env:DEPOT_MOT"}
        return {**facts, "path": f"/{folder}"}


KINDS = {"webdav": WebDavDepot, "s3": S3Depot, "ftps": FtpsDepot}
WORD = {"DEPOT_MOT": PASSWORD, "DEPOT_MOT_S3": SECRET, "DEPOT_CLE": ACCESS}
WRONG = {"DEPOT_MOT": "mot-de-passe-faux", "DEPOT_MOT_S3": "mot-de-passe-faux"}
"""What stands behind the references of `settings`."""


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def run_depot(kind: str, root: Path, certificate: tuple[Path, Path]) -> Iterator[RemoteDepot]:
    """Run a server of a kind whose files are below `root`, as far as it keeps files."""
    depot = KINDS[kind](kind, root, certificate)
    depot.start()
    try:
        yield depot
    finally:
        depot.stop()
