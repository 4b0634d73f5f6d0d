"""A real OpenSSH server on a free port of this machine, for tests: its own host keys, accounts and log."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin yes
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
"""


@dataclass(slots=True)
class SftpServer:
    """The server: where it is, its key, the key that it lets in, and the folder that tests write into."""

    folder: Path
    port: int
    user: str
    key: str
    """Our private key."""
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def fingerprint(self) -> str:
        return asyncssh.read_public_key(self.folder / "host_key.pub").get_fingerprint()

    @property
    def host_key_line(self) -> str:
        return (self.folder / "host_key.pub").read_text()

    def make_host_key(self) -> None:
        _write_key(self.folder / "host_key")

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        # in the foreground, so that the process is ours to stop; sessions are children of it
        command = [SSHD, "-D", "-e", "-f", str(self.folder / "config")]
        self.process = subprocess.Popen(command, stderr=log, start_new_session=True)
        log.close()
        for _turn in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail((self.folder / "log").read_text("utf-8", "replace"))

    def stop(self) -> None:
        """Stop the server and, with it, every connection."""
        if self.process is not None:
            self.hang_up()
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def hang_up(self) -> None:
        """Cut the connections that are open; the server takes new ones."""
        assert self.process is not None
        for child in _list_children(self.process.pid):
            for each in (*_list_children(child), child):
                subprocess.run(["kill", "-9", str(each)], check=False, stderr=subprocess.DEVNULL)
        time.sleep(0.1)


def _list_children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _write_key(path: Path, kind: str = "ssh-ed25519") -> str:
    key = asyncssh.generate_private_key(kind)
    path.write_bytes(key.export_private_key())
    path.chmod(0o600)
    key.write_public_key(f"{path}.pub")
    return path.read_text()


@contextmanager
def run_sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Run a server whose files are in `folder`; skip where there is no sshd."""
    if SSHD is None:
        pytest.skip("there is no sshd here: what speaks SFTP was not tried")
    folder.chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd of Debian, as root, locks itself in
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = _write_key(folder / "key")
    shutil.copy(folder / "key.pub", folder / "authorized_keys")
    (folder / "config").write_text(_CONFIG.format(port=port, folder=folder))
    server = SftpServer(folder, port, getpass.getuser(), key)
    server.make_host_key()
    server.start()
    try:
        yield server
    finally:
        server.stop()
