"""A folder of a server that speaks FTP over TLS: the same protocol as a folder of this machine."""

from __future__ import annotations

import ftplib
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedReader
from typing import IO, TYPE_CHECKING, cast

from passerelle.edges.places.file_place import ARCHIVES, FileState, mark_remote_file, number_names
from passerelle.edges.places.ftps_session import translate_answers
from passerelle.edges.places.pieces import PIECE, iter_pieces
from passerelle.edges.places.resumed_file import ResumedFile
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from passerelle.edges.places.ftps_session import FtpsSession
    from passerelle.vocabulary.arrivals import ArrivalMarks

_TRIAL = ".passerelle.part"
_UNREADABLE, _UNWRITABLE = "incident.folder.unreadable", "incident.folder.unwritable"
_UNKNOWN_COMMAND = ("500", "501", "502", "504")
_NOT_THERE = "550"


@dataclass(frozen=True, slots=True)
class FtpsFolder:
    """A folder of another machine: see `FilePlace`. It is never made: whoever runs that machine declares it."""

    session: FtpsSession

    def list_files(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, FileState]]:
        """Yield the wanted files, by name."""
        for name, state in sorted(self._look().items()):
            if not is_wanted(name):
                continue
            # a server that lists names alone is asked for each
            if found := self.read_state(name) if state is None else state:
                yield name, found

    def read_state(self, name: str) -> FileState | None:
        """Return the state of a file."""
        with translate_answers(_UNREADABLE):
            try:
                answer = self.session.run(lambda ftp: ftp.sendcmd(f"MLST {name}"))
            except ftplib.error_perm as error:
                if str(error).startswith(_NOT_THERE):
                    return None
                if not str(error).startswith(_UNKNOWN_COMMAND):
                    raise
                return self._read_plain_state(name)
            lines = [line for line in answer.splitlines() if line.startswith(" ")]
            return _parse_facts(lines[0].strip()[: lines[0].strip().find("; ") + 1]) if lines else None

    def can_read(self, name: str) -> bool:  # noqa: ARG002  rights on another machine are those of its account
        """Return true: only opening tells."""
        return True

    def open(self, name: str, state: FileState) -> IO[bytes]:
        """Open a file, which is read while it is in this state: what is written meanwhile comes in a later look."""

        def open_at(offset: int) -> Generator[bytes, None, None]:
            return self.session.iter_content(name, offset)

        file = ResumedFile(open_at, state.size, lambda: self.read_state(name) == state)
        file.begin()
        return cast("IO[bytes]", BufferedReader(file, PIECE))

    def mark(self, name: str, state: FileState, *, stays: bool) -> ArrivalMarks:
        """Return the mark of a file: its name, the second in which it was written, and its size."""
        return mark_remote_file(name, state, stays=stays)

    def archive(self, name: str) -> None:
        """Move a file into the archives."""
        with translate_answers(_UNWRITABLE), suppress(ftplib.error_perm):  # it is there already
            self.session.run(lambda ftp: ftp.mkd(ARCHIVES))
        for each in number_names(name):
            if not self._is_there(f"{ARCHIVES}/{each}"):
                self._rename(name, f"{ARCHIVES}/{each}")
                return

    def delete(self, name: str) -> None:
        """Delete a file."""
        with translate_answers(_UNWRITABLE):
            try:
                self.session.run(lambda ftp: ftp.delete(name))
            except ftplib.error_perm as error:
                # one that is gone is no fault; one that stays is
                if not str(error).startswith(_NOT_THERE) or self._is_there(name):
                    raise

    def write(self, name: str, content: bytes | Iterable[bytes | memoryview], rights: int) -> None:  # noqa: ARG002  as the server decides
        """Write a file under another name, then rename it."""
        draft = f".{name}.part"
        self._upload(draft, content)
        hit_failpoint("folder.written")
        self._rename(draft, name, replaces=True)
        hit_failpoint("folder.renamed")

    def rename(self, name: str, other: str, *, replaces: bool) -> bool:
        """Rename a file; one that is gone was renamed by an earlier try, whose answer was lost."""
        if not replaces and self._is_there(name) and self._is_there(other):
            return False
        self._rename(name, other, replaces=replaces)
        return True

    def list_names(self) -> list[str]:
        """Return all names."""
        return list(self._look())

    def try_write(self) -> None:
        """Write a file and remove it at once. Raises as `write`."""
        self._upload(_TRIAL, b"\0" * 4096)
        self.delete(_TRIAL)

    def close(self) -> None:
        """Close the connection."""
        self.session.close()

    def _look(self) -> dict[str, FileState | None]:
        """Return the files that are there, by name; without a state where the server lists names alone."""
        with translate_answers(_UNREADABLE):
            try:
                lines = self._list("MLSD")
            except ftplib.error_perm as error:
                if not str(error).startswith(_UNKNOWN_COMMAND):
                    raise
                return {name: None for name in self._list_plainly() if _is_plain(name)}
        found = {}
        for line in lines:
            facts, _space, name = line.partition(" ")
            if _is_plain(name) and (state := _parse_facts(facts)):
                found[name] = state
        return found  # type: ignore[return-value]  # every value fits

    def _list(self, command: str) -> list[str]:
        def step(ftp: ftplib.FTP) -> bytes:
            content = bytearray()
            ftp.retrbinary(command, content.extend)
            return bytes(content)

        return self.session.run(step).decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")

    def _list_plainly(self) -> list[str]:
        try:
            return self._list("NLST")
        except ftplib.error_perm as error:
            if not str(error).startswith(_NOT_THERE):  # what many servers say of an empty folder
                raise
            return []

    def _read_plain_state(self, name: str) -> FileState | None:
        """Ask for size and time one by one; what has no size is no file."""
        try:
            size = self.session.run(lambda ftp: ftp.size(name))
            answer = self.session.run(lambda ftp: ftp.sendcmd(f"MDTM {name}"))
        except ftplib.error_perm as error:
            if not str(error).startswith(_NOT_THERE):
                raise
            return None
        return FileState(_parse_stamp(answer[4:]), size or 0)

    def _is_there(self, name: str) -> bool:
        return self.read_state(name) is not None

    def _rename(self, name: str, other: str, *, replaces: bool = False) -> None:
        """Rename at once where the server can replace a file; else the same batch comes again before there is half."""
        with translate_answers(_UNWRITABLE):
            try:
                self.session.run(lambda ftp: ftp.rename(name, other))
            except ftplib.error_perm:
                if not self._is_there(name):  # renamed by an earlier try, or taken by another run
                    return
                if not replaces or not self._is_there(other):
                    raise
                self.delete(other)
                self.session.run(lambda ftp: ftp.rename(name, other))

    def _upload(self, name: str, content: bytes | Iterable[bytes | memoryview]) -> None:
        """Write a new file to its end, and look whether all of it is there."""
        self.delete(name)
        with translate_answers(_UNWRITABLE):
            size = self.session.upload(name, iter_pieces(content))
        state = self.read_state(name)
        if state is None or state.size != size:
            raise TransientError("incident.folder.failing")


def _is_plain(name: str) -> bool:
    """Whether a name is one of this folder, whatever the server says."""
    return bool(name) and name not in (".", "..") and not any(sign in name for sign in "/\0\r")


def _parse_facts(text: str) -> FileState | None:
    """Read the facts of RFC 3659 (`type=file;size=3;modify=20260302080000;`); None for what is no file."""
    facts = {}
    for part in text.split(";"):
        name, _sign, value = part.partition("=")
        facts[name.lower()] = value
    if facts.get("type", "").lower() != "file":
        return None
    size = facts.get("size", "")
    return FileState(_parse_stamp(facts.get("modify", "")), int(size[:18]) if size.isascii() and size.isdigit() else 0)


def _parse_stamp(text: str) -> int:
    """Return a time of RFC 3659, in whole seconds: not every answer tells more. 0 where there is none."""
    try:
        moment = datetime.strptime(text.strip().partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return 0
    return int(moment.timestamp()) * 10**9
