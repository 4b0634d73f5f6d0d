"""A connection to an SFTP server whose host key is pinned: opened when it is needed, with a deadline for each step.

asyncssh is written for an event loop. Ours runs only while a step is awaited, on the thread that asks for it, so that
the program stays as it is; between two steps the server may have hung up, and a step that may be repeated is.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import field
from typing import TYPE_CHECKING, TypeVar

import asyncssh

from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from passerelle.edges.places.host_keys import PinnedHostKey

T = TypeVar("T")
CONNECT_SECONDS = 30.0
"""For greeting, keys and login together: a server that is asleep is no server."""
STEP_SECONDS = 60.0
"""For one step: a listing, a rename, a piece of a file."""
_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
"""RFC 8332: how a key of the kind `ssh-rsa` signs today; with SHA-1 it is not accepted."""
_LOST = (asyncssh.DisconnectError, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, OSError)
"""What tells that there is no connection. TimeoutError is an OSError."""

asyncssh.set_log_level(logging.CRITICAL)  # it would write names of hosts and accounts beside our own log


@dataclass(frozen=True, slots=True)
class SftpAccess:
    """Where the server is, who it must be, and who we are to it."""

    host: str
    port: int
    user: str
    host_keys: tuple[PinnedHostKey, ...]
    """Its keys; none: it is told which key it shows, and nothing else is done."""
    key: str | None = field(default=None, repr=False)
    """Our private key, as OpenSSH or PEM write it."""
    password: str | None = field(default=None, repr=False)


class _HostKeyCheck(asyncssh.SSHClient):
    """Accepts the pinned keys alone, and remembers which key the server showed."""

    def __init__(self, pinned: tuple[PinnedHostKey, ...]) -> None:
        self.pinned = frozenset(each.fingerprint for each in pinned)
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002  the library's own signature
        """Whether the key is pinned, whatever the server's name and address."""
        fingerprint = key.get_fingerprint()
        self.shown = f"{key.get_algorithm()} {fingerprint}"
        return fingerprint in self.pinned


class SftpSession:
    """A connection, opened at the first step and after each loss."""

    def __init__(self, access: SftpAccess) -> None:
        self._access = access
        self._runner: asyncio.Runner | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    def run(self, step: Callable[[asyncssh.SFTPClient], Awaitable[T]], *, repeats: bool = True) -> T:
        """Take a step and return what it returns, once more on a new connection when the old one was lost.

        `repeats`: the step may be repeated. Raises what opening raises, TransientError `incident.sftp.unreachable` when
        the connection is lost, and SFTPError for what the server answers.
        """
        is_fresh = self._client is None
        client = self._client or self._open()
        try:
            return self._await(step(client), STEP_SECONDS)
        except _LOST:
            self.close()
            if is_fresh or not repeats:
                raise TransientError("incident.sftp.unreachable") from None
        return self.run(step, repeats=False)

    def drop(self, file: asyncssh.SFTPClientFile) -> None:
        """Close a file that was read; what goes wrong there loses nothing."""
        if self._client is not None:
            try:
                self._await(file.close(), STEP_SECONDS)
            except (*_LOST, asyncssh.SFTPError):
                self.close()

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        runner, connection = self._runner, self._connection
        self._runner = self._connection = self._client = None
        if runner is None:
            return
        try:
            if connection is not None:
                connection.abort()  # nothing waits on its way: each step was awaited
                runner.run(asyncio.wait_for(connection.wait_closed(), STEP_SECONDS))
        except _LOST:
            pass  # it is closed, one way or the other
        finally:
            runner.close()

    def _open(self) -> asyncssh.SFTPClient:
        """Connect and log in. Raises FlowError for what somebody must correct, TransientError for what may pass."""
        keys = _read_key(self._access.key)
        self._runner = asyncio.Runner()
        check = _HostKeyCheck(self._access.host_keys)
        try:
            self._client = self._await(self._connect(check, keys), CONNECT_SECONDS)
        except BaseException as error:
            self.close()
            if (known := _translate(error, check)) is not None:
                raise known from None
            raise
        return self._client

    async def _connect(self, check: _HostKeyCheck, keys: list[asyncssh.SSHKey]) -> asyncssh.SFTPClient:
        """Connect with nothing but what the settings say: no file of the account, no agent, no other way to log in."""
        access = self._access
        self._connection = await asyncssh.connect(
            access.host,
            access.port,
            config=None,
            client_factory=lambda: check,
            known_hosts=([], [], []),
            server_host_key_algs=_list_algorithms(access.host_keys),
            x509_trusted_certs=None,
            username=access.user,
            client_keys=keys or None,
            password=access.password,
            preferred_auth="publickey" if keys else "password,keyboard-interactive",
            agent_path=None,
            gss_host=None,
        )
        return await self._connection.start_sftp_client(path_encoding="utf-8", path_errors="surrogateescape")

    def _await(self, step: Awaitable[T], seconds: float) -> T:
        async def wait() -> T:
            async with asyncio.timeout(seconds):
                return await step

        assert self._runner is not None  # noqa: S101  made by `_open`
        return self._runner.run(wait())


def _translate(error: BaseException, check: _HostKeyCheck) -> PasserelleError | None:
    """Return what a failure to connect is in our words; None when it is something else. No text of it is kept."""
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return FlowError("incident.sftp.host_key" if check.pinned else "incident.sftp.unpinned", shown=check.shown)
        case asyncssh.PermissionDenied() | asyncssh.IllegalUserName():
            return FlowError("incident.credentials.refused")
        case asyncssh.KeyExchangeFailed() | asyncssh.ProtocolNotSupported():
            return FlowError("incident.sftp.incompatible")
        case asyncssh.ChannelOpenError():
            return FlowError("incident.access.forbidden")
        case asyncssh.SFTPError() | asyncssh.DisconnectError() | OSError():
            return TransientError("incident.sftp.unreachable")
    return None


def _list_algorithms(pinned: tuple[PinnedHostKey, ...]) -> list[str]:
    """Return the kinds of host keys that are asked for, pinned ones first: a server shows the first that it has."""
    kinds = {each.kind for each in pinned}
    wanted = [kind for kind in _KINDS if kind in kinds] + list(_RSA if "ssh-rsa" in kinds else ())
    return list(dict.fromkeys((*wanted, *_KINDS, *_RSA)))


def _read_key(text: str | None) -> list[asyncssh.SSHKey]:
    """Return our key, if any. Raises FlowError when it is none, or asks for a passphrase."""
    if text is None:
        return []
    try:
        # a reference loses the last line break, without which the last line is none
        return [asyncssh.import_private_key(text + "\n")]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise FlowError("settings.sftp.key") from None
