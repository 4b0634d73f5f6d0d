"""Suggestions for mistyped names, and lists of names for messages."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def find_nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name most similar to `word`, or beginning with it; empty when there is none."""
    folded = word.casefold()
    by_folded = {name.casefold(): name for name in known}
    # 0.6 is difflib's own cutoff: two transposed or missing letters of a short word still match.
    matches = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    matches = matches or [name for name in by_folded if name.startswith(folded)]
    return by_folded[matches[0]] if matches else ""


def join_names(names: Iterable[str], *, most: int = 12) -> str:
    """Return names as a list for a sentence, cut after `most`; a dash when there are none."""
    all_names = list(names)
    return (", ".join(all_names[:most]) + (", …" if len(all_names) > most else "")) or "–"
