"""A folder of a server that speaks WebDAV (RFC 4918): the same protocol as a folder of this machine.

Nothing leads out of it: names are the last parts of what a listing shows, and no redirection is followed.
"""

from __future__ import annotations

from io import BufferedReader
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import quote

from passerelle.edges.places.file_place import ARCHIVES, FileState, mark_remote_file, number_names
from passerelle.edges.places.pieces import PIECE, iter_pieces
from passerelle.edges.places.resumed_file import ResumedFile
from passerelle.edges.places.web_session import NOTHING, Body
from passerelle.edges.places.webdav_answers import ASKED, Member, decode_path, parse_members
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    import httpx

    from passerelle.edges.places.web_session import WebSession
    from passerelle.vocabulary.arrivals import ArrivalMarks
    from passerelle.vocabulary.ports import Reply

_TRIAL = ".passerelle.part"
_FORBIDDEN = 403
_GONE = (404, 410)
_MADE_ALREADY = 405
_NO_PARENT = 409
_CHANGED = 412
_NO_ROOM = (413, 507)
_NOT_SPOKEN = (400, 405, 415, 501)
_MULTISTATUS = 207
_ITSELF = {"depth": "0", "content-type": "application/xml; charset=utf-8"}
_WITHIN = {"depth": "1", "content-type": "application/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class WebDavFolder:
    """A folder of another machine: see `FilePlace`. It is never made: whoever runs that machine declares it."""

    session: WebSession

    def list_files(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, FileState]]:
        """Yield the wanted files, by name."""
        found = {each.name: each.state for each in self._look() if not each.is_folder}
        for name, state in sorted(found.items()):
            if is_wanted(name):
                yield name, state

    def read_state(self, name: str) -> FileState | None:
        """Return the state of a file."""
        reply = self._ask("PROPFIND", self._locate(name), _ITSELF, Body(ASKED), fault="incident.folder.unreadable")
        if reply.status in _GONE:
            return None
        members = list(_parse(reply))
        return members[0].state if members and not members[0].is_folder else None

    def can_read(self, name: str) -> bool:  # noqa: ARG002  rights on another machine are those of its account
        """Return true: only opening tells."""
        return True

    def open(self, name: str, state: FileState) -> IO[bytes]:
        """Open a file, which is read while it is in this state: what is written meanwhile comes in a later look."""

        def open_at(offset: int) -> Generator[bytes, None, None]:
            headers = {"range": f"bytes={offset}-"} if offset else {}
            with self.session.open_stream(self._locate(name), headers) as (status, _headers, pieces):
                if status not in (200, 206):
                    raise TransientError("incident.file.unreadable")
                # a server that knows no ranges begins anew
                skipped = offset if status == 200 else 0
                for piece in pieces:
                    taken = piece[skipped:]
                    skipped -= len(piece) - len(taken)
                    if taken:
                        yield taken

        file = ResumedFile(open_at, state.size, lambda: self.read_state(name) == state)
        file.begin()
        return cast("IO[bytes]", BufferedReader(file, PIECE))

    def mark(self, name: str, state: FileState, *, stays: bool) -> ArrivalMarks:
        """Return the mark of a file: its name, when it was written, its size, and what the server adds."""
        return mark_remote_file(name, state, stays=stays, tag=state.inode[1])

    def archive(self, name: str) -> None:
        """Move a file into the archives."""
        made = self._ask("MKCOL", self._locate(f"{ARCHIVES}/"))
        if made.status not in (201, _MADE_ALREADY):
            _refuse(made)
        for each in number_names(name):
            if self._move(name, f"{ARCHIVES}/{each}", replaces=False):
                return

    def delete(self, name: str) -> None:
        """Delete a file."""
        reply = self._ask("DELETE", self._locate(name))
        if reply.status not in (200, 204, *_GONE):
            _refuse(reply)

    def write(self, name: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:  # noqa: ARG002  as the server decides
        """Write a file under another name, then rename it."""
        draft = f".{name}.part"
        self.check()
        self._upload(draft, content)
        hit_failpoint("folder.written")
        self._move(draft, name, replaces=True)
        hit_failpoint("folder.renamed")

    def rename(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename a file; one that is gone was renamed by an earlier try, whose answer was lost."""
        return self._move(name, other, replaces=replaces)

    def list_names(self) -> list[str]:
        """Return all names."""
        return [each.name for each in self._look()]

    def try_write(self) -> None:
        """Write a file and remove it at once. Raises as `write`."""
        self.check()
        self._upload(_TRIAL, b"\0" * 4096)
        self.delete(_TRIAL)

    def check(self) -> None:
        """Raise TransientError when the folder is away, FlowError when something else has its place."""
        fault = "incident.folder.unreadable"
        reply = self._ask("PROPFIND", self._locate(""), _ITSELF, Body(ASKED), fault=fault)
        members = list(_parse(reply))
        if not members or not members[0].is_folder:
            raise FlowError("incident.folder.unwritable")

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def _look(self) -> list[Member]:
        """Return what is in the folder, the folder itself left out, and whatever else the server may name."""
        fault = "incident.folder.unreadable"
        members = list(_parse(self._ask("PROPFIND", self._locate(""), _WITHIN, Body(ASKED), fault=fault)))
        own = decode_path(self.session.base.raw_path.decode("ascii"))
        if not any(each.path == own and each.is_folder for each in members):
            raise FlowError("incident.folder.unreadable")
        return [each for each in members if each.path.rpartition("/")[0] == own and each.name and "\0" not in each.name]

    def _locate(self, name: str) -> httpx.URL:
        base = self.session.base.raw_path.decode("ascii").rstrip("/")
        path = quote(name.encode("utf-8", "surrogateescape"), safe="/")
        return self.session.base.copy_with(raw_path=f"{base}/{path}".encode("ascii"))

    def _ask(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str] | None = None,
        body: Body = NOTHING,
        *,
        fault: str = "incident.folder.unwritable",
    ) -> Reply:
        reply = self.session.ask(method, url, headers, body)
        if reply.status == _FORBIDDEN:
            raise FlowError(fault)
        if 300 <= reply.status < 400:
            raise FlowError("incident.supplier.moved")
        return reply

    def _move(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename at once; whether that was done. What is not there any more was renamed before, or by another run."""
        headers = {"destination": str(self._locate(other)), "overwrite": "T" if replaces else "F"}
        reply = self._ask("MOVE", self._locate(name), headers)
        if reply.status == _CHANGED and not replaces:
            return False
        if reply.status == _NO_PARENT:  # something else has the name of the archives
            raise FlowError("incident.folder.unwritable")
        if reply.status not in (201, 204, *_GONE):
            _refuse(reply)
        return True

    def _upload(self, name: str, content: bytes | Iterable[bytes | memoryview]) -> None:
        """Write a new file to its end, and look whether all of it is there."""
        sent = 0

        def count(pieces: Iterable[bytes]) -> Iterator[bytes]:
            nonlocal sent
            for piece in pieces:
                sent += len(piece)
                yield piece

        # in clear length where it is known: not every server takes a body that does not say its own
        body = Body(content) if isinstance(content, bytes) else Body(pieces=count(iter_pieces(content)))
        sent += len(body.content)
        headers = {"content-type": "application/octet-stream"}
        reply = self._ask("PUT", self._locate(name), headers, body)
        if reply.status not in (200, 201, 204):
            _refuse(reply)
        state = self.read_state(name)
        if state is None or state.size != sent:
            raise TransientError("incident.folder.failing")


def _parse(reply: Reply) -> Iterator[Member]:
    if reply.status != _MULTISTATUS:
        _refuse(reply)
    return parse_members(reply.content)


def _refuse(reply: Reply) -> None:
    """Raise what a refusal means, whatever text came with it."""
    if reply.status in (*_GONE, _NO_PARENT):
        raise TransientError("incident.folder.away")
    if reply.status in _NO_ROOM:
        raise TransientError("incident.folder.full")
    if reply.status in _NOT_SPOKEN or reply.status < 300:
        raise FlowError("incident.place.incompatible")
    raise TransientError("incident.folder.failing")
