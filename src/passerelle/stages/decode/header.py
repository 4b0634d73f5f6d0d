"""Names of columns: as the supplier writes them, made unique."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from passerelle.stages.decode.damage import find_damage
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

MAX_COLUMNS = 4096
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_BREAKS = re.compile(r"[ \t]*[\r\n\t]+[ \t]*")


def tidy_name(cell: str) -> str:
    """Return the name of a column in one line, without white space around it."""
    return _BREAKS.sub(" ", cell.strip())


def make_names(cells: Iterable[str]) -> tuple[str, ...]:
    """Return unique names of columns: `Motif`, `Motif#2` for the second of that name, `#7` for a seventh without name.

    Raises ParcelError for more than `MAX_COLUMNS`, or a damaged name.
    """
    unique = [tidy_name(cell) for cell in cells]
    if len(unique) > MAX_COLUMNS:
        raise ParcelError("decode.header.too_wide", limit=str(MAX_COLUMNS))
    if any(find_damage(name) for name in unique):
        raise ParcelError("decode.header.unreadable")
    taken, last = {ROW}, dict[str, int]()
    for position, name in enumerate(unique, start=1):
        wanted = name or f"#{position}"
        # Counted on from the last of that name: from 2 each time, a header of equal names takes minutes.
        free, last[wanted] = count_free_name(wanted, taken, last.get(wanted, 1))
        taken.add(free)
        unique[position - 1] = free
    return tuple(unique)


def fold_name(name: str) -> str:
    """Return a name without what programs in between change: capitals, white space, marks without width."""
    return " ".join(_INVISIBLE.sub("", compose(name)).casefold().split())


def make_free_name(name: str, taken: Container[str]) -> str:
    """Return the name, or the first of `name#2`, `name#3` … that is not taken."""
    return count_free_name(name, taken, 1)[0]


def count_free_name(name: str, taken: Container[str], count: int) -> tuple[str, int]:
    """Return the first of `name#count` and those behind it that is not taken, with its number; 1 is the name alone.

    But for a name that polars takes for a pattern of names, `*` for all of them: that is `*#1`.
    """
    # a star alone heads columns that have to be filled; read as a pattern, it would stop the whole file
    is_pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    free = name if count == 1 and not is_pattern else f"{name}#{count}"
    while free in taken:
        count += 1
        free = f"{name}#{count}"
    return free, count
