"""When Python looks for cycles in memory: not while it imports, not while it ends, and seldom in between.

Imports make very many objects that stay and hardly any cycle; tables of records make hardly any either.
"""

from __future__ import annotations

import gc

_OBJECTS = 50_000
"""New objects after which Python looks for cycles."""


def begin() -> None:
    """Import first; called once, where the process starts."""
    gc.disable()


def work() -> None:
    """What a command needs is imported: leave that out for good. Does nothing without `begin`."""
    if gc.isenabled():
        return
    gc.freeze()
    gc.set_threshold(_OBJECTS, 20)
    gc.enable()


def end() -> None:
    """Leave out all that is still there: Python would go through the whole of it once more, only to forget it."""
    gc.freeze()
