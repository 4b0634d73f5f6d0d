"""A real IMAP server on this machine (pymap, in a process of its own), reached over TLS from the first byte."""

from __future__ import annotations

import contextlib
import imaplib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "exports", "epreuve-du-soir"
PYMAP = shutil.which("pymap", path=str(Path(sys.executable).parent))


def make_mail(sender: str, *attachments: tuple[str, bytes], subject: str = "export") -> bytes:
    mail = EmailMessage()
    if sender:
        mail["From"] = sender
    mail["To"] = "exports@exemple.fr"
    mail["Subject"] = subject
    mail.set_content("Bonjour, voici l'export.")
    for name, content in attachments:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


@dataclass
class MailHouse:
    """The server: its port over TLS, and the one behind it."""

    plain: int
    port: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    def ask(self) -> imaplib.IMAP4:
        imap = imaplib.IMAP4("127.0.0.1", self.plain, timeout=30)
        imap.login(USER, PASSWORD)
        return imap

    def send(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.ask() as imap:
            for mail in mails:
                assert imap.append(folder, "", None, mail)[0] == "OK"

    def read(self, folder: str = "INBOX") -> list[tuple[str, str]]:
        """Return what lies in a folder: subject and flags of each message, oldest first."""
        with self.ask() as imap:
            if imap.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            numbers = imap.search(None, "UNDELETED")[1][0].split()
            found = []
            for number in numbers:
                told = imap.fetch(number, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
                flags = b" ".join(part[0] if isinstance(part, tuple) else part for part in told).decode()
                found.append((told[0][1].decode().partition(":")[2].strip(), "seen" if r"\Seen" in flags else ""))
            return found

    def empty(self) -> None:
        with self.ask() as imap:
            for folder in ("INBOX", "Passerelle"):
                if imap.select(folder)[0] == "OK":
                    imap.store("1:*", "+FLAGS", r"(\Deleted)")
                    imap.expunge()

    @contextmanager
    def serve_tls(self, certificate: tuple[Path, Path], port: int = 0) -> Iterator[None]:
        """Take what comes over TLS to the server and back, until the end of the block."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        listener = socket.create_server(("127.0.0.1", port))
        self.port = listener.getsockname()[1]
        threads = [threading.Thread(target=self._accept, args=(listener, context), daemon=True)]
        threads[0].start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            threads[0].join()
            listener.close()
            self.hang_up()

    def hang_up(self) -> None:
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.sockets.clear()

    def _accept(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                threading.Thread(target=self._join, args=(connection, context), daemon=True).start()

    def _join(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        with (
            connection,
            suppress(OSError),
            context.wrap_socket(connection, server_side=True) as front,
            socket.create_connection(("127.0.0.1", self.plain)) as back,
        ):
            self.sockets += [front, back]
            answers = threading.Thread(target=_copy, args=(back, front), daemon=True)
            answers.start()
            _copy(front, back)
            answers.join()


def _copy(origin: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := origin.recv(1 << 16):
            target.sendall(content)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def run_mail_house() -> Iterator[MailHouse]:
    """Run a server that keeps its mails in memory."""
    if PYMAP is None:
        pytest.skip("there is no pymap here: what reads a mailbox was not tried")
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        plain = free.getsockname()[1]
    command = [PYMAP, "--host", "127.0.0.1", "--port", str(plain), "--no-tls", "dict"]
    words = ["--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    house = MailHouse(plain)
    try:
        for _turn in range(400):
            with suppress(OSError, imaplib.IMAP4.error), house.ask():
                break
            time.sleep(0.05)
        else:
            pytest.fail("the server did not start")
        yield house
    finally:
        process.terminate()
        process.wait(30)
