"""Compare names of columns and fields by their words: without accents, plural and short forms, by meaning."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from rapidfuzz.fuzz import ratio

from passerelle.contracts.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

Tokens = tuple[str, ...]

_MOST_VARIANTS = 12
_CLOSE = 84
"""From this likeness on, two words are taken for the same word, one of them misspelt."""
_SHORT = 3
"""Fewer letters are not taken for the beginning of a longer word."""


_SURE = 0.99
_VAGUE = 0.7
"""What a likeness is worth that rests on words like «date» alone."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The content of `synonyms.toml`, with stems computed."""

    little: frozenset[str]
    """Words that are skipped: articles and prepositions."""
    phrases: Mapping[str, str]
    abbreviations: Mapping[str, tuple[str, ...]]
    concepts: Mapping[str, str]
    """By stem: the stem of the concept."""
    weights: Mapping[str, float]
    fields: Mapping[str, Mapping[str, tuple[str, ...]]]
    about: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    core: Mapping[str, tuple[tuple[str, ...], ...]]
    """By family: groups of fields, and of words of names with `~` before; of each group a file has at least one."""
    never: Mapping[str, tuple[str, ...]]
    """By family: names of columns that no file of this contract has."""


@cache
def load_lexicon() -> Lexicon:
    """Read the synonyms once."""
    raw: dict[str, Any] = tomllib.loads((files(__package__) / "synonyms.toml").read_text(encoding="utf-8"))
    return Lexicon(
        little=frozenset(raw["little"]),
        phrases=raw["phrases"],
        abbreviations={short: tuple(long) for short, long in raw["abbreviations"].items()},
        concepts={to_stem(word): to_stem(name) for name, words in raw["concepts"].items() for word in words},
        weights={to_stem(word): weight for word, weight in raw["weights"].items()},
        fields=raw["fields"],
        about=raw["about"],
        words=raw["words"],
        core=raw["core"],
        never=raw["never"],
    )


def to_plain(text: str) -> str:
    """Write a text in small letters and digits only, one space between words: `N° de dossier` → `n de dossier`."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text.replace("{each}", " "))
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.lower().replace("œ", "oe")).split())


def to_stem(word: str) -> str:
    """Take the plural and the feminine off a word."""
    word = word.rstrip("sx") if len(word) > _SHORT else word
    return word[:-1] if word.endswith("e") and len(word) > _SHORT + 1 else word


@lru_cache(maxsize=20_000)
def list_variants(name: str) -> tuple[Tokens, ...]:
    """Return the possible readings of a name as stems: its abbreviations may stand for several words."""
    text = f" {to_plain(re.sub(r'#[0-9]+$', '', name))} "
    for phrase, meaning in load_lexicon().phrases.items():
        text = text.replace(f" {phrase} ", f" {meaning} ")
    telling = [word for word in text.split() if word not in load_lexicon().little] or text.split()
    choices = [load_lexicon().abbreviations.get(word, (word,)) for word in telling]
    variants: dict[Tokens, None] = {}
    for reading in islice(product(*choices), _MOST_VARIANTS):
        # Split again: an abbreviation may stand for several words, little ones among them.
        words = " ".join(reading).split()
        stems = [to_stem(word) for word in words if word not in load_lexicon().little] or words
        variants[tuple(dict.fromkeys(load_lexicon().concepts.get(stem, stem) for stem in stems))] = None
    return tuple(variants)


def has_stem(name: str, stems: frozenset[str]) -> bool:
    """Whether one of these stems stands in a reading of a name."""
    return any(not stems.isdisjoint(variant) for variant in list_variants(name))


@lru_cache(maxsize=200_000)
def _compare_stems(one: str, other: str) -> float:
    """Return how far two stems are the same word, from 0 to 1."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORT:
        return 0.0
    if long.startswith(short):
        return 0.75
    close = ratio(one, other)
    return close / 110 if close >= _CLOSE and short[0] == long[0] else 0.0


def compute_likeness(one: Tokens, other: Tokens) -> float:
    """Return how far two names mean the same, from 0 to 1: the words that both have, by their weight."""
    if not one or not other:
        return 0.0
    shares = _compute_share(one, other), _compute_share(other, one)
    if not all(shares):
        return 0.0
    # The harmonic mean: a short name inside a long one must not count as the whole of it.
    alike = 2 * shares[0] * shares[1] / (shares[0] + shares[1])
    # Words of less weight («date», «number», «name») stand in many fields: sharing only those proves little.
    telling = [word for word in one if load_lexicon().weights.get(word, 1.0) >= 1]
    if alike > _SURE or any(_compare_stems(word, two) for word in telling for two in other):
        return alike
    return alike * _VAGUE


def _compute_share(these: Tokens, those: Tokens) -> float:
    """Return which part of these words is among those."""
    weights = [load_lexicon().weights.get(one, 1.0) for one in these]
    shared = sum(
        weight * max(_compare_stems(one, two) for two in those) for one, weight in zip(these, weights, strict=True)
    )
    return shared / sum(weights)


@lru_cache(maxsize=100_000)
def compare_names(name: str, phrase: str) -> float:
    """Compare a column's name with what a field may be called."""
    if not _list_reachable(name) & _list_stems(phrase):
        return 0.0
    return max(compute_likeness(one, two) for one in list_variants(name) for two in list_variants(phrase))


@lru_cache(maxsize=100_000)
def is_spelt_alike(name: str, phrase: str) -> bool:
    """Whether two names have the same words, little ones and endings apart: not only the same meaning."""
    return _list_words(name) == _list_words(phrase)


@lru_cache(maxsize=20_000)
def _list_words(name: str) -> frozenset[str]:
    words = to_plain(name).split()
    return frozenset(to_stem(word) for word in words if word not in load_lexicon().little)


@lru_cache(maxsize=20_000)
def _list_reachable(name: str) -> frozenset[str]:
    """Return the stems of our own vocabulary that a name's words are, or look like."""
    return frozenset().union(*(_list_near(word) for one in list_variants(name) for word in one))


@lru_cache(maxsize=20_000)
def _list_near(word: str) -> frozenset[str]:
    if not word.isalpha():
        return frozenset((word,))
    return frozenset(one for one in _load_vocabulary() if _compare_stems(word, one) > 0)


@lru_cache(maxsize=20_000)
def _list_stems(phrase: str) -> frozenset[str]:
    """Return the stems of a phrase."""
    return frozenset(word for one in list_variants(phrase) for word in one)


@cache
def _load_vocabulary() -> frozenset[str]:
    """Collect the stems of everything that a field may be called."""
    known = load_lexicon()
    own = [phrase for fields in known.fields.values() for phrases in fields.values() for phrase in phrases]
    about = [phrase for phrases in known.about.values() for phrase in phrases]
    titles = [
        title
        for contract in catalogue().values()
        for fact in contract.describe_fields().values()
        for title in (fact.fr_title, fact.en_title)
    ]
    return frozenset().union(*(_list_stems(phrase) for phrase in (*own, *about, *titles)))
