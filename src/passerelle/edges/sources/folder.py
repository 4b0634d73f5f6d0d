"""A folder where a supplier, or somebody, drops files: whole files only, each taken once, none lost."""

from __future__ import annotations

import os
from dataclasses import field
from functools import partial
from typing import IO, TYPE_CHECKING, Literal

from passerelle.edges.places.file_place import ARCHIVES, as_place
from passerelle.vocabulary.composition import match_glob
from passerelle.vocabulary.dated_names import find_name_date
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.ports import Arrival

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from passerelle.edges.places.file_place import FilePlace, FileState
    from passerelle.vocabulary.ports import Clock, Unlock

After = Literal["archive", "keep", "delete"]
Order = Literal["name", "date", "time"]
_IN_PROGRESS = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".lock", ".lck", "~")
"""Endings that transfer tools and office software give to what is not finished."""
_IN_PROGRESS_STARTS = (".", "~$")
_LEFT_SECONDS = 86_400
"""A day: what lies there longer and is not taken was not dropped a moment ago, nor is it on its way."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Looks once for files whose name matches `glob` (upper and lower case alike), in their `order`, oldest first.

    `time` is when a file was last written; `date` is the date in its name, written as `name_date` says, or its time
    where it has none. Ties go by name.

    Left alone until a later run: what is younger than `quiet_seconds`, what changed between two looks, hidden and
    temporary files, folders, links that lead out of the folder.
    """

    path: Path | FilePlace
    """A folder of this machine, or of another one."""
    glob: str = "*"
    after: After = field(default="archive", kw_only=True)
    quiet_seconds: float = field(default=30.0, kw_only=True)
    order: Order = field(default="time", kw_only=True)
    name_date: str = field(default="", kw_only=True)
    unlock: Unlock | None = field(default=None, kw_only=True)
    """What opens files that are encrypted; what is not, it hands on as it came."""
    clock: Clock = field(kw_only=True)
    passed: set[str] = field(default_factory=set, kw_only=True, compare=False)
    """Names that looks passed over, hidden ones aside."""

    def iter_arrivals(self, cursor: str) -> Iterator[Arrival]:  # noqa: ARG002  it has no cursor
        """Yield the files that nobody is writing.

        Raises FlowError when the folder cannot be read, TransientError when it is away, and TransientError, after all
        others came, for a file that cannot be opened.
        """
        place = as_place(self.path)
        try:
            yield from self._iter_arrivals(place)
        finally:
            # what follows a look may take hours: no connection waits for the next one
            place.close()

    def list_waiting(self) -> frozenset[tuple[str, int]]:
        """Return what a look would take now, by name and time of its last change in nanoseconds; opens no file.

        Raises FlowError when the folder cannot be read, TransientError when it is away.
        """
        place = as_place(self.path)
        try:
            found = self._list_quiet(place)
        finally:
            place.close()
        # another machine tells no time of change, only when a file was written
        return frozenset((name, state.changed or state.modified) for name, state in found)

    def count_strays(self, elsewhere: Collection[str]) -> int:
        """Count the files that a look passed over and that lie there for a day, those that `elsewhere` names aside.

        These are globs. Transfers that never ended are among them; folders and hidden files are not. Raises as
        `list_waiting`.
        """
        strays = {name for name in self.passed if not any(match_glob(name, glob) for glob in elsewhere)}
        if not strays:
            return 0
        place, now = as_place(self.path), self.clock.now().timestamp()
        try:
            # who copies a file may keep the time when it was written
            moments = [max(state.modified, state.changed) for _name, state in place.list_files(strays.__contains__)]
        finally:
            place.close()
        return sum(now - moment / 1e9 >= _LEFT_SECONDS for moment in moments)

    def _list_quiet(self, place: FilePlace) -> list[tuple[str, FileState]]:
        return [each for each in place.list_files(self._is_wanted) if self._is_quiet(each[1])]

    def _iter_arrivals(self, place: FilePlace) -> Iterator[Arrival]:
        unreadable = False
        for name, state in sorted(self._list_quiet(place), key=self._make_sort_key):
            if place.read_state(name) != state:
                continue
            if not place.can_read(name):
                unreadable = True
                continue
            shown = os.fsencode(name).decode("utf-8", "replace")  # not UTF-8: cannot be stored as text
            yield Arrival(
                shown,
                partial(self._open, place, name, state),
                partial(self._acknowledge, place, name, state),
                marks=place.mark(name, state, stays=self.after == "keep"),
                named_at=find_name_date(shown, self.name_date),
            )
        if unreadable:
            raise TransientError("incident.file.unreadable")

    def _open(self, place: FilePlace, name: str, state: FileState) -> IO[bytes]:
        stream = place.open(name, state)
        return stream if self.unlock is None else self.unlock(stream)

    def _is_wanted(self, original: str) -> bool:
        name = original.lower()
        is_wanted = not name.startswith(_IN_PROGRESS_STARTS) and not name.endswith(_IN_PROGRESS)
        is_wanted = is_wanted and match_glob(original, self.glob)
        if not is_wanted and original != ARCHIVES and not name.startswith(_IN_PROGRESS_STARTS):
            self.passed.add(original)
        return is_wanted

    def _is_quiet(self, state: FileState) -> bool:
        """Whether nobody wrote the file lately."""
        # `abs`: a time in the future means a wrong clock, not a recent file.
        return abs(self.clock.now().timestamp() - state.modified / 1e9) >= self.quiet_seconds

    def _make_sort_key(self, candidate: tuple[str, FileState]) -> tuple[float, str]:
        name, state = candidate
        moment = state.modified / 1e9
        if self.order == "name":
            moment = 0.0
        elif self.order == "date" and (named_at := find_name_date(name, self.name_date)):
            moment = named_at.timestamp()
        return moment, name

    def _acknowledge(self, place: FilePlace, name: str, state: FileState) -> None:
        """Archive or delete the file, unless it changed since it was registered: then it stays and comes again."""
        if self.after == "keep" or place.read_state(name) != state:
            return
        if self.after == "delete":
            place.delete(name)
        else:
            place.archive(name)
