"""Guess which code of our lists each word of a file stands for."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz.fuzz import ratio

from passerelle import nomenclatures
from passerelle.extension.inferring.name_likeness import load_lexicon, to_plain, to_stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CLOSE = 88
_SHORT = 3
"""Shorter words are only compared whole."""


def guess_codes(words: Iterable[str], codes: str) -> Mapping[str, str]:
    """Return the code of each word that the list (or what suppliers write for it) probably knows."""
    known = _load_known(codes) if codes in nomenclatures.list_names() else {}
    guesses = {word: _guess_code(_to_bare(word), known) for word in words}
    return {word: code for word, code in guesses.items() if code}


def compute_known_share(words: Mapping[str, int], codes: str) -> float:
    """Return which share of the words, by their counts, a list knows."""
    return sum(words[word] for word in guess_codes(words, codes)) / max(sum(words.values()), 1)


def _to_bare(word: str) -> str:
    return " ".join(to_stem(one) for one in to_plain(word).split() if one not in ("e", "ve", "par", "l", "d", "de"))


@cache
def _load_known(codes: str) -> dict[str, str]:
    """Return the code of each label, code and synonym of a list, and of the pieces of its labels."""
    known: dict[str, str] = {}
    for code, entry in nomenclatures.get(codes).entries.items():
        for label in (entry.label_fr, entry.label_en, code):
            known.setdefault(_to_bare(label), code)
    # Pieces of labels come after all whole labels: `setdefault` lets the whole ones win.
    for code, entry in nomenclatures.get(codes).entries.items():
        for piece in re.split(r" ou |[/(,]", entry.label_fr):
            known.setdefault(_to_bare(piece), code)
    for code, words in load_lexicon().words.get(codes, {}).items():
        # What suppliers write wins over the labels of the list: it was seen in their files.
        known |= {_to_bare(word): code for word in words}
    return known


def _guess_code(word: str, known: Mapping[str, str]) -> str:
    if word in known or len(word) <= _SHORT:
        return known.get(word, "")
    # Misspelt words are common in exports; codes themselves are too short for a likeness to mean anything.
    near = max(known, key=lambda one: ratio(word, one), default="")
    return known[near] if near and len(near) > _SHORT and ratio(word, near) >= _CLOSE else ""
