"""A connection to an FTP server that is encrypted before anything is said (RFC 4217): control and data, verified."""

from __future__ import annotations

import ftplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import field
from time import monotonic
from typing import TYPE_CHECKING, TypeVar, cast

from passerelle.edges.http.network import connect_allowed, make_tls_context
from passerelle.edges.places.pieces import PIECE
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Iterable, Iterator

T = TypeVar("T")
STEP_SECONDS = 60.0
"""For one step: a listing, a rename, a piece of a file."""
_LOST = (OSError, EOFError, ftplib.error_proto)
"""What tells that there is no connection. TimeoutError and SSLError are OSErrors."""
_LOGIN = ("530", "532")
_NO_ROOM = ("452", "552")
_NOT_SPOKEN = ("500", "501", "502", "503", "504", "522", "534", "536")


@dataclass(frozen=True, slots=True)
class FtpsAccess:
    """Where the server is, and who we are to it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    path: str
    private: bool = False


class _GuardedFtp(ftplib.FTP_TLS):
    """Connects to checked addresses only; data takes the session of the control connection, as some servers ask.

    Where a server tells another address for data, the library keeps to the one that it is connected to.
    """

    def __init__(self, access: FtpsAccess) -> None:
        super().__init__(context=make_tls_context(), timeout=STEP_SECONDS, encoding="utf-8")
        self._access = access

    def begin(self) -> None:
        """Connect, encrypt, log in, and enter the folder."""
        access = self._access
        self.host, self.port = access.host, access.port
        self.sock = connect_allowed(access.host, access.port, private=access.private, timeout=STEP_SECONDS)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding="utf-8", errors="surrogateescape")
        self.welcome = self.getresp()
        self.auth()
        # what was read as text before belongs to the connection in clear
        self.file = self.sock.makefile("r", encoding="utf-8", errors="surrogateescape")
        self.login(access.user, access.password, secure=False)
        self.prot_p()
        self.voidcmd("TYPE I")

    def putline(self, line: str) -> None:
        """Send a line; a name whose bytes are no UTF-8 goes as it came."""
        if "\r" in line or "\n" in line:
            raise ftplib.error_perm("553 a name of two lines")  # noqa: S321  over TLS
        self.sock.sendall(f"{line}\r\n".encode("utf-8", "surrogateescape"))  # type: ignore[union-attr]  # connected

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Open a connection for data."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  over TLS
        session = cast("ssl.SSLSocket", self.sock).session
        wrapped = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        return wrapped, size


class FtpsSession:
    """A connection, opened at the first step and after each loss."""

    def __init__(self, access: FtpsAccess) -> None:
        self.access = access
        self._ftp: _GuardedFtp | None = None

    def make_another(self) -> FtpsSession:
        """Return a session of its own: while a file is read, the first connection does other things."""
        return FtpsSession(self.access)

    def run(self, step: Callable[[ftplib.FTP], T], *, repeats: bool = True) -> T:
        """Take a step and return what it returns, once more on a new connection when the old one was lost.

        Raises what opening raises, TransientError `incident.place.unreachable` when the connection is lost, and
        `ftplib.Error` for what the server answers.
        """
        is_fresh = self._ftp is None
        ftp = self._ftp or self._open()
        try:
            return step(ftp)
        except ftplib.error_temp as error:
            if not str(error).startswith("421"):  # the server hangs up on who was silent for long
                raise
        except _LOST:
            pass
        self.close()
        if is_fresh or not repeats:
            raise TransientError("incident.place.unreachable")
        return self.run(step, repeats=False)

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        ftp, self._ftp = self._ftp, None
        if ftp is not None:
            with suppress(*_LOST, ftplib.Error):
                ftp.close()

    def iter_content(self, name: str, offset: int) -> Generator[bytes, None, None]:
        """Yield what a file holds from an offset, in pieces, over a connection of its own."""
        session = self.make_another()
        try:
            with translate_answers("incident.folder.unreadable", gone="incident.file.unreadable"), _translate_loss():
                ftp = session._open()  # noqa: SLF001  another of this class
                with ftp.transfercmd(f"RETR {name}", offset or None) as connection:
                    yield from _iter_pieces(connection)
                # a connection for data that ends early looks like the end of the file: this tells
                ftp.voidresp()
        finally:
            session.close()

    def upload(self, name: str, pieces: Iterable[bytes]) -> int:
        """Write a file to its end and return its size. It is never repeated by itself."""

        def send(ftp: ftplib.FTP) -> int:
            size = 0
            with ftp.transfercmd(f"STOR {name}") as connection:
                for piece in pieces:
                    connection.sendall(piece)
                    size += len(piece)
                with suppress(OSError):
                    cast("ssl.SSLSocket", connection).unwrap()
            ftp.voidresp()
            return size

        self.run(lambda ftp: ftp.voidcmd("NOOP"))  # a connection that slept too long is not found out by half a file
        try:
            return self.run(send, repeats=False)
        except BaseException:
            self.close()  # what is still on its way belongs to no other step
            raise

    def _open(self) -> _GuardedFtp:
        """Connect and log in. Raises FlowError for what somebody must correct, TransientError for what may pass."""
        ftp = _GuardedFtp(self.access)
        try:
            with _translate_loss(), translate_answers("incident.access.forbidden"):
                ftp.begin()
            with _translate_loss(), translate_answers("incident.folder.unreadable", gone="incident.folder.away"):
                ftp.cwd(self.access.path)
        except BaseException:
            with suppress(*_LOST, ftplib.Error):
                ftp.close()
            raise
        self._ftp = ftp
        return ftp


def _iter_pieces(connection: socket.socket) -> Iterator[bytes]:
    """Yield what comes, in pieces, each within its own time."""
    is_over = False
    while not is_over:
        piece, ends = bytearray(), monotonic() + STEP_SECONDS
        while len(piece) < PIECE and not is_over:
            if monotonic() > ends:
                raise TransientError("incident.place.unreachable")
            chunk = connection.recv(1 << 16)
            piece += chunk
            is_over = not chunk
        if piece:
            yield bytes(piece)


@contextmanager
def _translate_loss() -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise FlowError("incident.supplier.untrusted") from None
    except _LOST:
        raise TransientError("incident.place.unreachable") from None


@contextmanager
def translate_answers(code: str, *, gone: str = "") -> Iterator[None]:
    """Turn what a server answers, whose text may name anything, into our own errors: `code` for missing rights.

    FTP tells what is not there and what is forbidden by one number; where `gone` is given, it is not there.
    """
    try:
        yield
    except ftplib.Error as error:
        number = str(error)[:3]
        if number in _LOGIN:
            raise FlowError("incident.credentials.refused") from None
        if number in _NO_ROOM:
            raise TransientError("incident.folder.full") from None
        if number in _NOT_SPOKEN:
            raise FlowError("incident.place.incompatible") from None
        if number.startswith("55"):
            raise (TransientError(gone) if gone else FlowError(code)) from None
        if number.startswith("421"):
            raise TransientError("incident.place.unreachable") from None
        raise TransientError("incident.folder.failing") from None
