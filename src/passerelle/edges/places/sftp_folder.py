"""A folder of another machine, reached over SFTP: the same protocol as a folder of this one.

Nothing leads out of it: names are those that a listing shows, without a slash, and links are never followed.
"""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from io import BufferedReader
from typing import IO, TYPE_CHECKING, Literal, cast

import asyncssh
from asyncssh import FILEXFER_TYPE_DIRECTORY, FILEXFER_TYPE_REGULAR, FILEXFER_TYPE_UNKNOWN

from passerelle.edges.places.file_place import ARCHIVES, FileState, mark_remote_file, number_names
from passerelle.edges.places.pieces import iter_pieces
from passerelle.edges.places.sftp_file import RemoteFile
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.safe_files import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from passerelle.edges.places.sftp_session import SftpSession
    from passerelle.vocabulary.arrivals import ArrivalMarks

_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
_FORBIDDEN = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect)
_NO_ROOM = (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)
"""What servers of later versions of the protocol say; of version 3 (OpenSSH) a full disk is a mere failure."""
_TRIAL = ".passerelle.part"
_BUFFER = 1 << 20
_SECOND = 10**9


@dataclass(frozen=True, slots=True)
class SftpFolder:
    """A folder of another machine: see `FilePlace`. It is never made: whoever runs that machine declares it."""

    session: SftpSession
    path: str

    def list_files(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, FileState]]:
        """Yield the wanted files, by name."""
        with _translate_answers("incident.folder.unreadable"):
            entries = self.session.run(lambda client: client.readdir(self.path))
        found = {str(entry.filename): entry.attrs for entry in entries}
        for name, attributes in sorted(found.items()):
            # A name with a slash is none of this folder, whatever the server says.
            if "/" in name or "\0" in name or not is_wanted(name):
                continue
            is_told = attributes.type != FILEXFER_TYPE_UNKNOWN
            if state := _make_state(attributes) if is_told else self.read_state(name):
                yield name, state

    def read_state(self, name: str) -> FileState | None:
        """Return the state of a file: of the file itself, not of what a link leads to."""
        with _translate_answers("incident.folder.unreadable"):
            try:
                return _make_state(self.session.run(lambda client: client.lstat(self._join(name))))
            except _GONE:
                return None

    def can_read(self, name: str) -> bool:  # noqa: ARG002  rights on another machine are those of its account
        """Return true: only opening tells."""
        return True

    def open(self, name: str, state: FileState) -> IO[bytes]:
        """Open a file, which is read while it is in this state: what is written meanwhile comes in a later look."""
        remote = RemoteFile(self.session, self._join(name), state.size, lambda: self.read_state(name) == state)
        remote.begin()
        return cast("IO[bytes]", BufferedReader(remote, _BUFFER))

    def mark(self, name: str, state: FileState, *, stays: bool) -> ArrivalMarks:
        """Return the mark of a file: its name, the second in which it was written, and its size."""
        return mark_remote_file(name, state, stays=stays)

    def archive(self, name: str) -> None:
        """Move a file into the archives."""
        archives = self._join(ARCHIVES)
        # Not found: another run of the same flow was quicker.
        with _translate_answers("incident.folder.unwritable"), contextlib.suppress(*_GONE):
            self._make_archives(archives)
            for each in number_names(name):
                if not self._is_there(f"{archives}/{each}"):
                    # Not by `posix_rename`, which would replace what took the name meanwhile.
                    self._ask("rename", self._join(name), f"{archives}/{each}")
                    return

    def delete(self, name: str) -> None:
        """Delete a file."""
        with _translate_answers("incident.folder.unwritable"), contextlib.suppress(*_GONE):
            self._ask("remove", self._join(name))

    def write(self, name: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:
        """Write a file under another name, then rename it. `rights` 0: as the server decides."""
        draft = self._join(f".{name}.part")
        self.check()
        with _translate_answers("incident.folder.unwritable"):
            try:
                # What a killed process left is cleared away, and a link that somebody planted is not written through.
                self._remove(draft)
                self._upload(draft, content, rights)
                hit_failpoint("folder.written")
                self._rename(draft, self._join(name))
            except asyncssh.SFTPError:
                with contextlib.suppress(asyncssh.SFTPError, TransientError, FlowError):
                    self._remove(draft)
                raise
        hit_failpoint("folder.renamed")

    def rename(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename a file."""
        old, new = self._join(name), self._join(other)
        # Not found: the answer to an earlier try was lost.
        with _translate_answers("incident.folder.unwritable"), contextlib.suppress(*_GONE):
            if replaces:
                self._rename(old, new)
            elif self._is_there(new):
                return False
            else:
                # Not by `posix_rename`, which would replace what took the name meanwhile.
                self._ask("rename", old, new)
        return True

    def list_names(self) -> list[str]:
        """Return all names."""
        with _translate_answers("incident.folder.unreadable"):
            return [str(entry.filename) for entry in self.session.run(lambda client: client.readdir(self.path))]

    def try_write(self) -> None:
        """Write a file and remove it at once: rights alone do not tell of a full disk. Raises as `write`."""
        self.check()
        draft = self._join(_TRIAL)
        with _translate_answers("incident.folder.unwritable"):
            self._remove(draft)
            self._upload(draft, b"\0" * 4096, OWNER)
            self._remove(draft)

    def check(self) -> None:
        """Raise TransientError when the folder is away; whatever it raises, nothing was written."""
        with _translate_answers("incident.folder.unreadable"):
            found = self.session.run(lambda client: client.stat(self.path))
            if found.type not in (FILEXFER_TYPE_DIRECTORY, FILEXFER_TYPE_UNKNOWN):
                raise FlowError("incident.folder.unwritable")

    def close(self) -> None:
        """Close the connection."""
        self.session.close()

    def _join(self, name: str) -> str:
        return f"{self.path.rstrip('/')}/{name}"

    def _ask(self, verb: Literal["rename", "posix_rename", "remove", "mkdir"], *paths: str) -> None:
        """Ask for a change of names. Repeated after a lost connection, what was done already is gone: see `_GONE`."""
        self.session.run(lambda client: getattr(client, verb)(*paths))

    def _is_there(self, path: str) -> bool:
        try:
            self.session.run(lambda client: client.lstat(path))
        except _GONE:
            return False
        return True

    def _make_archives(self, archives: str) -> None:
        """Make the folder of the archives where it is not. Raises FlowError when something else has its name."""
        try:
            found = self.session.run(lambda client: client.lstat(archives))
        except _GONE:
            self._ask("mkdir", archives)
            return
        if found.type not in (FILEXFER_TYPE_DIRECTORY, FILEXFER_TYPE_UNKNOWN):  # a link leads elsewhere
            raise FlowError("incident.folder.unwritable")

    def _remove(self, path: str) -> None:
        with contextlib.suppress(*_GONE):
            self._ask("remove", path)

    def _upload(self, path: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:
        """Write a new file to its end. It is never repeated by itself: the content may be made while it is read."""
        attributes = asyncssh.SFTPAttrs(permissions=rights) if rights else asyncssh.SFTPAttrs()

        async def begin(client: asyncssh.SFTPClient) -> asyncssh.SFTPClientFile:
            return await client.open(path, "xb", attributes)

        file, size = self.session.run(begin, repeats=False), 0
        for piece in iter_pieces(content):
            self.session.run(lambda _client, part=piece: file.write(part), repeats=False)  # type: ignore[misc]  # awaited
            size += len(piece)
        self.session.run(lambda _client: _finish(file), repeats=False)
        state = self.read_state(path.rpartition("/")[2])
        if state is None or state.size != size:
            raise TransientError("incident.folder.failing")

    def _rename(self, draft: str, path: str) -> None:
        """Name a finished file, at once where the server can replace a file."""
        try:
            self._ask("posix_rename", draft, path)
        except asyncssh.SFTPOpUnsupported:
            # The same batch again: between the two steps there is no file, never half of one.
            self._remove(path)
            self._ask("rename", draft, path)


async def _finish(file: asyncssh.SFTPClientFile) -> None:
    """Have the server write a file to its disk, if it can say so, and close it."""
    with contextlib.suppress(asyncssh.SFTPOpUnsupported):
        await file.fsync()
    await file.close()


def _make_state(attributes: asyncssh.SFTPAttrs) -> FileState | None:
    if attributes.type not in (FILEXFER_TYPE_REGULAR, FILEXFER_TYPE_UNKNOWN):
        return None
    return FileState((attributes.mtime or 0) * _SECOND, attributes.size or 0)


@contextmanager
def _translate_answers(code: str) -> Iterator[None]:
    """Turn what a server answers, whose text may name anything, into our own errors: `code` for missing rights."""
    try:
        yield
    except _GONE:
        raise TransientError("incident.folder.away") from None
    except _FORBIDDEN:
        raise FlowError(code) from None
    except _NO_ROOM:
        raise TransientError("incident.folder.full") from None
    except asyncssh.SFTPError:
        raise TransientError("incident.folder.failing") from None
