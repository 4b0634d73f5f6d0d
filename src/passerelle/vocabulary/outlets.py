"""Standard output and error are for our own words: what other code prints there may hold values, and is dropped.

Plugins run in this process, and a library may print what it was given. Nothing of it may reach a terminal, the journal
of the machine, or a program that reads our answer as JSON. Once such code runs, only `speak_up` lets words through.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_speaks: ContextVar[bool] = ContextVar("speaks", default=False)
_tally: Counter[str] = Counter()


class Outlet:
    """A standard stream that lets through what this program says, and drops the rest."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_guarded = False

    def write(self, text: str) -> int:
        """Write a text of ours; another is dropped. Raises TypeError for bytes, as text streams do."""
        if not isinstance(text, str):
            raise TypeError
        if self._lets_through:
            return self.stream.write(text)
        _tally["characters"] += len(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of some texts."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> IO[bytes]:
        """The stream of bytes below, for words of ours; for others one that leads nowhere."""
        return self.stream.buffer if self._lets_through else BytesIO()

    @property
    def _lets_through(self) -> bool:
        return not self.is_guarded or _speaks.get()

    def __getattr__(self, name: str) -> Any:
        """Return what else the stream has: `flush`, `isatty`, `encoding`."""
        return getattr(self.stream, name)


@contextmanager
def replace_streams() -> Iterator[None]:
    """Put outlets in place of the standard streams."""
    before = sys.stdout, sys.stderr
    if None not in before:  # a program without a console has none
        sys.stdout, sys.stderr = (cast("TextIO", Outlet(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def guard_streams() -> None:
    """Let only words of ours through from now on: code of others is about to run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, Outlet):
            stream.is_guarded = True


def count_foreign() -> int:
    """Count the characters of others that were dropped since the last call."""
    return _tally.pop("characters", 0)


@contextmanager
def speak_up() -> Iterator[None]:
    """Let what is written meanwhile through: words of this program."""
    token = _speaks.set(True)
    try:
        yield
    finally:
        _speaks.reset(token)


def find_stream(stream: TextIO) -> TextIO:
    """Return the stream itself, below its outlet: for what is drawn from a thread of a library's own."""
    return stream.stream if isinstance(stream, Outlet) else stream
