"""The garbage collector: off while modules are imported, seldom during a command, off at the end.

Imports make very many objects that stay and hardly any cycle; tables of records make hardly any either.
"""

from __future__ import annotations

import gc

_OBJECTS = 50_000
"""New objects after which Python looks for cycles; the default of Python 3.11 is 700."""


def begin() -> None:
    """Turn the collector off; called once, where the process starts, before the imports."""
    gc.disable()


def work() -> None:
    """Turn the collector on, without all that is imported by now. Does nothing without `begin`."""
    if gc.isenabled():
        return
    # frozen objects are walked through no more: modules, models and plans stay to the end anyway
    gc.freeze()
    gc.set_threshold(_OBJECTS, 20)
    gc.enable()


def end() -> None:
    """Leave everything out of the collection that Python makes at exit."""
    # the process ends: going through all objects once more would free what the system takes back anyway
    gc.freeze()
