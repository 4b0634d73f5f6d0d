"""The objects of a bucket below a prefix, as a folder: the same protocol as a folder of this machine.

A store shows an object only once all of it is there, so that no other name is needed while it is written. It renames
nothing: an object is copied by the store, then the first one is deleted.
"""

from __future__ import annotations

import contextlib
from io import BufferedReader
from typing import IO, TYPE_CHECKING, cast

from passerelle.edges.places.file_place import ARCHIVES, FileState, mark_remote_file, number_names
from passerelle.edges.places.pieces import PIECE, iter_pieces
from passerelle.edges.places.resumed_file import ResumedFile
from passerelle.edges.places.s3_answers import parse_page, parse_xml, read_headers, refuse
from passerelle.edges.places.s3_bucket import PART, S3Bucket, quote_key
from passerelle.edges.places.web_session import Body
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from passerelle.vocabulary.arrivals import ArrivalMarks

_TRIAL = ".passerelle.part"
_UNREADABLE, _UNWRITABLE = "incident.folder.unreadable", "incident.folder.unwritable"
_GONE = 404
_CHANGED = (409, 412)
_NOT_OFFERED = 501
_ONLY_NEW = {"if-none-match": "*"}


@dataclass(frozen=True, slots=True)
class S3Folder(S3Bucket):
    """Objects of a bucket: see `FilePlace`. The bucket is never made: whoever runs the store declares it."""

    def list_files(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, FileState]]:
        """Yield the wanted files, by name."""
        for name, state in sorted(self._iter_objects()):
            if is_wanted(name):
                yield name, state

    def read_state(self, name: str) -> FileState | None:
        """Return the state of a file."""
        reply = self.session.ask("HEAD", self._locate(name))
        if reply.status == _GONE:
            return None
        if reply.status != 200:
            refuse(reply, _UNREADABLE)
        return read_headers(reply)

    def can_read(self, name: str) -> bool:  # noqa: ARG002  rights on another machine are those of its account
        """Return true: only opening tells."""
        return True

    def open(self, name: str, state: FileState) -> IO[bytes]:
        """Open a file, which is read while it is in this state: what is written meanwhile comes in a later look."""

        def open_at(offset: int) -> Generator[bytes, None, None]:
            headers = {"range": f"bytes={offset}-"} if offset else {}
            with self.session.open_stream(self._locate(name), headers) as (status, _headers, pieces):
                if status != (206 if offset else 200):
                    raise TransientError("incident.file.unreadable")
                yield from pieces

        file = ResumedFile(open_at, state.size, lambda: self.read_state(name) == state)
        file.begin()
        return cast("IO[bytes]", BufferedReader(file, PIECE))

    def mark(self, name: str, state: FileState, *, stays: bool) -> ArrivalMarks:
        """Return the mark of a file: its name, when it was written, its size and its tag."""
        return mark_remote_file(name, state, stays=stays, tag=state.inode[1])

    def archive(self, name: str) -> None:
        """Move a file into the archives. What a killed process copied there already is not copied again."""
        state = self.read_state(name)
        if state is None:  # another run of the same flow was quicker
            return
        for each in number_names(name):
            kept = self.read_state(f"{ARCHIVES}/{each}")
            if kept is None:
                self._copy(name, f"{ARCHIVES}/{each}")
            elif (kept.size, kept.inode) != (state.size, state.inode):
                continue
            self.delete(name)
            return

    def write(self, name: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:  # noqa: ARG002  as the store decides
        """Write a file; a large one in parts, of which nothing is seen before the last."""
        pieces = iter_pieces(content, PART)
        first, second = next(pieces, b""), next(pieces, b"")
        if second:
            self._write_parts(name, [first, second], pieces)
        else:
            hit_failpoint("folder.written")
            self._ask("PUT", self._locate(name), body=Body(first))
        hit_failpoint("folder.renamed")

    def rename(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename a file; one that is gone was renamed by an earlier try, whose answer was lost."""
        state = self.read_state(name)
        if state is None:
            return True
        if replaces:
            self._copy(name, other)
        elif not self._copy_new(name, other, state):
            return False
        self.delete(name)
        return True

    def list_names(self) -> list[str]:
        """Return all names."""
        return [name for name, _state in self._iter_objects()]

    def try_write(self) -> None:
        """Write a file and remove it at once. Raises as `write`."""
        self._ask("PUT", self._locate(_TRIAL), body=Body(b"\0" * 4096))
        self.delete(_TRIAL)

    def _iter_objects(self) -> Iterator[tuple[str, FileState]]:
        asked = {"list-type": "2", "delimiter": "/", "encoding-type": "url", "prefix": self.prefix}
        following = ""
        while True:
            query = {**asked, "continuation-token": following} if following else asked
            reply = self._ask("GET", self._locate_query(query), fault=_UNREADABLE)
            page = parse_page(reply.content, self.prefix)
            yield from page.objects
            if not page.following or page.following == following:
                return
            following = page.following

    def _write_parts(self, name: str, begun: list[bytes], rest: Iterator[bytes]) -> None:
        """Write a large object in parts; what fails, or was left by a killed process, is cleared away."""
        self._clear_parts(name)
        upload = self._begin_parts(name)
        try:
            tags: list[str] = []
            for part in begun:
                tags.append(self._write_part(name, upload, len(tags) + 1, part))
            begun.clear()
            for part in rest:
                tags.append(self._write_part(name, upload, len(tags) + 1, part))
            hit_failpoint("folder.written")
            self._finish_parts(name, upload, tags)
        except BaseException:
            with contextlib.suppress(TransientError, FlowError):
                self._drop_parts(name, upload)
            raise

    def _clear_parts(self, name: str) -> None:
        key = f"{self.prefix}{name}"
        reply = self._ask("GET", self._locate_query({"uploads": "", "prefix": key}), good=(200, 403, _NOT_OFFERED))
        if reply.status != 200:  # a right of its own; without it, a rule of the store clears away
            return
        for entry in parse_xml(reply.content).iterfind("Upload"):
            if entry.findtext("Key", "") == key:
                self._drop_parts(name, entry.findtext("UploadId", ""))

    def _copy(self, name: str, other: str) -> None:
        """Have the store copy an object, over what has the other name."""
        reply = self._ask("PUT", self._locate(other), {"x-amz-copy-source": self._quote_source(name)})
        if parse_xml(reply.content).tag != "CopyObjectResult":
            raise TransientError("incident.folder.failing")

    def _copy_new(self, name: str, other: str, state: FileState) -> bool:
        """Copy an object where nothing has the other name; whether that was so, as the store judges at once."""
        if self.read_state(other) is not None:
            return False
        if not state.size:  # no part is empty
            return self._ask("PUT", self._locate(other), _ONLY_NEW, good=(200, *_CHANGED)).status == 200
        upload = self._begin_parts(other)
        try:
            query = {"partNumber": "1", "uploadId": upload}
            source = {"x-amz-copy-source": self._quote_source(name)}
            tag = parse_xml(self._ask("PUT", self._locate_query(query, other), source).content).findtext("ETag", "")
            status = self._finish_parts(other, upload, [tag], _ONLY_NEW)
            if status == _NOT_OFFERED:  # an older store: it was looked at above
                status = self._finish_parts(other, upload, [tag])
        except BaseException:
            with contextlib.suppress(TransientError, FlowError):
                self._drop_parts(other, upload)
            raise
        if status != 200:
            self._drop_parts(other, upload)
        return status == 200

    def _quote_source(self, name: str) -> str:
        return f"/{self.bucket}/{quote_key(self.prefix + name)}"
