"""A file of another machine, read piece by piece over connections that may be lost in between."""

from __future__ import annotations

from io import RawIOBase
from typing import TYPE_CHECKING

import asyncssh

from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.edges.places.sftp_session import SftpSession


class RemoteFile(RawIOBase):
    """Reads `size` bytes from `path`, and goes on where it was after a lost connection.

    At the end it asks `is_same` whether nobody wrote in between: what was read of two states is of neither. Raises
    TransientError `incident.file.unreadable` then, and `incident.sftp.unreachable` when no connection can be had.
    """

    def __init__(self, session: SftpSession, path: str, size: int, is_same: Callable[[], bool]) -> None:
        super().__init__()
        self._session, self._path, self._size, self._is_same = session, path, size, is_same
        self._offset = 0
        self._file: asyncssh.SFTPClientFile | None = None
        self._opened_by: asyncssh.SFTPClient | None = None

    def begin(self) -> None:
        """Open the file. Raises TransientError when it cannot be opened."""
        self._ask(0)

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands over
        """Read the next bytes, none at the end."""
        wanted = min(len(buffer), self._size - self._offset)
        if not wanted:
            if not self._is_same():
                raise TransientError("incident.file.unreadable")
            return 0
        got = self._ask(wanted)
        if not got:  # shorter than it was said to be
            raise TransientError("incident.file.unreadable")
        buffer[: len(got)] = got
        self._offset += len(got)
        return len(got)

    def close(self) -> None:
        """Close the file; the connection stays."""
        if not self.closed and self._file is not None:
            file, self._file = self._file, None
            self._session.drop(file)
        super().close()

    def _ask(self, wanted: int) -> bytes:
        """Return bytes from where the reader is; on a connection that did not open the file, open it first."""

        async def step(client: asyncssh.SFTPClient) -> bytes:
            if self._file is None or self._opened_by is not client:
                self._file, self._opened_by = await client.open(self._path, "rb"), client
            return bytes(await self._file.read(wanted, self._offset)) if wanted else b""  # type: ignore[arg-type]  # opened for bytes

        try:
            return self._session.run(step)
        except asyncssh.SFTPError:
            raise TransientError("incident.file.unreadable") from None
