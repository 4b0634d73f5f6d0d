"""Which known name somebody probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def find_nearest(word: str, known: Iterable[str]) -> str:
    """Give the known name that looks most like `word`, or begins with it; empty when none does."""
    folded = word.casefold()
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    found = found or [name for name in by_folded if name.startswith(folded)]
    return by_folded[found[0]] if found else ""


def join_names(names: Iterable[str], *, most: int = 12) -> str:
    """Write names as a list for a sentence, cut after `most`; a dash when there is none."""
    every = list(names)
    return (", ".join(every[:most]) + (", …" if len(every) > most else "")) or "–"
