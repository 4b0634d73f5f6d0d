"""Finds the programs of a PostgreSQL server and runs them, for tests that start one of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_binaries() -> Path | None:
    """Return the folder of `initdb`; None where there is none, or where root could not become another account."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return None
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def run_as_server(*command: str) -> None:
    """Run a command of the server, which refuses to be root."""
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    silent = subprocess.DEVNULL
    subprocess.run([*prefix, *command], stdout=silent, stderr=silent, cwd="/", check=True)


def find_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_guarded_server(certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Run a server that asks `postgres` for the password `le-bon`, and yield its address: `127.0.0.1:port`.

    With a certificate and its key it encrypts.
    """
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL to start here (binaries; for root, setpriv): no server with passwords was tried")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    words = folder / "word"
    words.write_text("le-bon\n", "utf-8")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(words, "postgres", "postgres")
    data, control, port = str(folder / "data"), str(binaries / "pg_ctl"), find_port()
    account = ("-A", "scram-sha-256", "-U", "postgres", "--pwfile", str(words))
    run_as_server(str(binaries / "initdb"), "-D", data, "-N", "-E", "UTF8", *account)
    options = f"-k {folder} -c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -c max_connections=8"
    for path, setting in zip(certificate or (), ("ssl_cert_file", "ssl_key_file"), strict=False):
        shutil.copy(path, folder / path.name)
        (folder / path.name).chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(folder / path.name, "postgres", "postgres")
        options += f" -c {setting}={folder / path.name}"
    options += " -c ssl=on" if certificate else ""
    run_as_server(control, "-D", data, "-w", "-o", options, "start")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        run_as_server(control, "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
