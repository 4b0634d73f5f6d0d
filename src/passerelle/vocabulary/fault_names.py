"""What may be shown of an exception: its class, and where in which file it was raised. Never its message.

Plugins and libraries raise what they like. A class made while the program runs, or code compiled under a made-up file
name, would carry a value of a record in its very name: only what stands in a module under its own name is shown.
"""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

UNKNOWN_PLACE = "?"
_FILE = re.compile(r"[A-Za-z0-9_.-]{1,80}\.py\Z")
_FOLDER = re.compile(r"[A-Za-z0-9_.-]{1,80}\Z")
_OF_NO_MODULE = frozenset({"PanicException"})
"""Classes that no module has under their name: polars and other libraries in Rust raise this one."""


def name_class(error: BaseException) -> str:
    """Return the name of an exception's class, or of its nearest base that its module knows by this name."""
    return next(one.__name__ for one in type(error).__mro__ if _is_known(one))


def _is_known(one: type) -> bool:
    module = sys.modules.get(one.__module__)
    # Not `getattr`, which a module may answer by itself.
    is_there = module is not None and vars(module).get(one.__name__) is one
    return is_there or one.__name__ in _OF_NO_MODULE


def list_places(step: TracebackType | None) -> list[str]:
    """Return folder, file and line of each frame, the innermost last; no path, which may name a person's folder."""
    return [_name_place(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(step)]


def find_last_place(step: TracebackType | None) -> str:
    """Return file and line of the innermost frame; `?` where there is none, or no such file."""
    places = list_places(step)
    return places[-1].rpartition("/")[2] if places else UNKNOWN_PLACE


def _name_place(path: str, line: int) -> str:
    file = PurePath(path)
    if not _FILE.match(file.name):
        return f"{UNKNOWN_PLACE}:{line}"
    folder = file.parent.name if _FOLDER.match(file.parent.name) else UNKNOWN_PLACE
    return f"{folder}/{file.name}:{line}"
