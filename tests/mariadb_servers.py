"""Finds the programs of a MariaDB server and runs one of its own, for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql
import pytest
from postgresql_servers import find_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "le-bon"


def find_server() -> str | None:
    """Return the path of `mariadbd`; None where there is none, or nothing that prepares its folder."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found if found and shutil.which("mariadb-install-db") else None


@contextmanager
def run_mariadb(certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Run a server that asks `admin` for the password `le-bon`, and yield its address: `127.0.0.1:port`."""
    server = find_server()
    if server is None:
        pytest.skip("no MariaDB to start here (mariadbd, mariadb-install-db): MySQL and MariaDB were not tried")
    folder = Path(tempfile.mkdtemp(prefix="maria-"))
    account = "mysql" if os.geteuid() == 0 else ""
    if account:
        shutil.chown(folder, account, account)
    data, port, socket = folder / "data", find_port(), folder / "s"
    as_account = [f"--user={account}"] if account else []
    made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*made, *as_account], **silent, check=True)
    options = [f"--datadir={data}", f"--port={port}", f"--socket={socket}", "--bind-address=127.0.0.1"]
    options += ["--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--max-connections=20"]
    if certificate:
        for path in certificate:
            copied = folder / path.name
            shutil.copy(path, copied)
            if account:
                shutil.chown(copied, account, account)
        options += [f"--ssl-cert={folder / certificate[0].name}", f"--ssl-key={folder / certificate[1].name}"]
    process = subprocess.Popen([server, "--no-defaults", *options, *as_account], **silent)
    try:
        _make_account(socket, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)


def _make_account(socket: Path, process: subprocess.Popen) -> None:
    """Wait until the server answers, and make the account of the tests; `root` has no password and a socket only."""
    for _look in range(600):
        assert process.poll() is None, "mariadbd ended by itself"
        if socket.exists():  # it is made when the server listens
            break
        threading.Event().wait(0.1)  # some tests have `time.sleep` do nothing
    with pymysql.connect(unix_socket=str(socket), user="root") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER admin IDENTIFIED BY %s", (PASSWORD,))
        cursor.execute("GRANT ALL ON *.* TO admin WITH GRANT OPTION")
        cursor.execute("DROP USER root@localhost")
