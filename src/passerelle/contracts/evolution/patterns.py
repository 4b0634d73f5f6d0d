"""Inclusion of regular expressions, decided exactly, with the shortest counter-example.

Patterns are read as JSON Schema reads them (ECMA-262 subset, unanchored unless `^` and `$` say otherwise) through the
standard library's own regex parser, turned into a non-deterministic automaton, and compared by a breadth-first walk of
both at once. What lies outside the subset (look-around, back-references, inner anchors) raises Undecidable.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own parser has no stubs
from re import _parser as parser  # type: ignore[attr-defined]  # the parser of `re`, without a public name
from typing import Any

HIGHEST = 0x10FFFF
# Limits of one comparison: beyond them the answer is «undecided», and a person looks.
STATES = 6_000
VISITS = 60_000
READABLE = (*range(ord("a"), ord("z") + 1), *range(ord("0"), ord("9") + 1), *range(ord("A"), ord("Z") + 1), ord(" "))

Ranges = tuple[tuple[int, int], ...]
ANY: Ranges = ((0, HIGHEST),)


class UndecidableError(Exception):
    """The pattern is outside the subset for which inclusion can be decided here."""


@dataclass(slots=True)
class Automaton:
    """Thompson's construction: states, edges on ranges of characters, silent edges. 0 starts, 1 accepts."""

    edges: list[list[tuple[Ranges, int]]] = field(default_factory=lambda: [[], []])
    silent: list[list[int]] = field(default_factory=lambda: [[], []])

    def add_state(self) -> int:
        """Add a state and return its number."""
        if len(self.edges) >= STATES:
            raise UndecidableError
        self.edges.append([])
        self.silent.append([])
        return len(self.edges) - 1

    def follow_silent(self, states: frozenset[int]) -> frozenset[int]:
        """Return the states reached through silent edges."""
        seen, waiting = set(states), list(states)
        while waiting:
            for target in self.silent[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    def read(self, states: frozenset[int], character: int) -> frozenset[int]:
        """Return the states reached by reading one character."""
        return self.follow_silent(
            frozenset(
                target
                for state in states
                for ranges, target in self.edges[state]
                if any(low <= character <= high for low, high in ranges)
            )
        )


@dataclass(frozen=True, slots=True)
class Language:
    """The texts of a pattern (None: any) within a range of lengths, in characters."""

    pattern: str | None = None
    shortest: int = 0
    longest: int | None = None

    def has_length(self, length: int) -> bool:
        """Whether a length is in range."""
        return self.shortest <= length and (self.longest is None or length <= self.longest)


def _complement(ranges: list[tuple[int, int]]) -> Ranges:
    result, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            result.append((start, low - 1))
        start = max(start, high + 1)
    return (*result, (start, HIGHEST)) if start <= HIGHEST else tuple(result)


_CATEGORIES = {
    # ASCII only, as in ECMA-262: Python's own \d and \w match the digits and letters of every script.
    sre.CATEGORY_DIGIT: ((48, 57),),
    sre.CATEGORY_SPACE: ((9, 13), (32, 32), (160, 160)),
    sre.CATEGORY_WORD: ((48, 57), (65, 90), (95, 95), (97, 122)),
}
_NEGATED = {
    sre.CATEGORY_NOT_DIGIT: sre.CATEGORY_DIGIT,
    sre.CATEGORY_NOT_SPACE: sre.CATEGORY_SPACE,
    sre.CATEGORY_NOT_WORD: sre.CATEGORY_WORD,
}


def _read_ranges(items: list[Any]) -> Ranges:
    negated, found = False, []
    for kind, value in items:
        if kind is sre.NEGATE:
            negated = True
        elif kind is sre.LITERAL:
            found.append((value, value))
        elif kind is sre.RANGE:
            found.append(value)
        elif kind is sre.CATEGORY and value in _CATEGORIES:
            found.extend(_CATEGORIES[value])
        elif kind is sre.CATEGORY and value in _NEGATED:
            found.extend(_complement(list(_CATEGORIES[_NEGATED[value]])))
        else:
            raise UndecidableError
    return _complement(found) if negated else tuple(sorted(found))


class _Builder:
    """Builds the automaton of a parsed pattern, piece by piece, each from one state to another."""

    def __init__(self) -> None:
        self.automaton = Automaton()

    def add_sequence(self, pieces: Any, start: int, end: int) -> None:
        here = start
        for piece in pieces:
            after = self.automaton.add_state()
            self.add_piece(piece, here, after)
            here = after
        self.automaton.silent[here].append(end)

    def add_piece(self, piece: Any, start: int, end: int) -> None:
        kind, value = piece
        if kind is sre.LITERAL:
            self.automaton.edges[start].append((((value, value),), end))
        elif kind is sre.NOT_LITERAL:
            self.automaton.edges[start].append((_complement([(value, value)]), end))
        elif kind is sre.ANY:
            # Every character but the line feed, as the validator that confirms counter-examples reads it.
            self.automaton.edges[start].append((_complement([(10, 10)]), end))
        elif kind is sre.IN:
            self.automaton.edges[start].append((_read_ranges(value), end))
        elif kind is sre.BRANCH:
            for choice in value[1]:
                self.add_sequence(choice, start, end)
        elif kind is sre.SUBPATTERN:
            self.add_sequence(value[3], start, end)
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            self.add_repeat(value, start, end)
        else:
            raise UndecidableError

    def add_repeat(self, value: Any, start: int, end: int) -> None:
        least, most, what = value
        here = start
        for _ in range(least):
            after = self.automaton.add_state()
            self.add_sequence(what, here, after)
            here = after
        if most is sre.MAXREPEAT:
            loop = self.automaton.add_state()
            self.automaton.silent[here].append(loop)
            self.add_sequence(what, loop, loop)
            here = loop
        else:
            for _ in range(most - least):
                self.automaton.silent[here].append(end)
                after = self.automaton.add_state()
                self.add_sequence(what, here, after)
                here = after
        self.automaton.silent[here].append(end)


@lru_cache(maxsize=512)
def build_automaton(pattern: str | None) -> Automaton:
    """Return the automaton of a pattern. Raises UndecidableError outside the subset."""
    builder = _Builder()
    try:
        pieces = list(parser.parse(pattern or ""))
    except Exception:  # noqa: BLE001  a pattern that this parser refuses is undecidable, whatever it says
        raise UndecidableError from None
    anchored_start = bool(pieces) and pieces[0] == (sre.AT, sre.AT_BEGINNING)
    anchored_end = bool(pieces) and pieces[-1] == (sre.AT, sre.AT_END)
    inner = pieces[anchored_start : len(pieces) - anchored_end]
    first, last = builder.automaton.add_state(), builder.automaton.add_state()
    builder.automaton.silent[0].append(first)
    builder.automaton.silent[last].append(1)
    # JSON Schema searches: a pattern without anchors accepts any text around it.
    if not anchored_start:
        builder.automaton.edges[first].append((ANY, first))
    if not anchored_end:
        builder.automaton.edges[last].append((ANY, last))
    builder.add_sequence(inner, first, last)
    return builder.automaton


def _choose_alphabet(*automata: Automaton) -> list[int]:
    """Return one character, readable where possible, for each class that the automata distinguish."""
    cuts = {0}
    for one in automata:
        for edges in one.edges:
            for ranges, _target in edges:
                for low, high in ranges:
                    cuts.update((low, high + 1))
    ordered = sorted(cut for cut in cuts if cut <= HIGHEST)
    chosen = []
    for low, after in zip(ordered, [*ordered[1:], HIGHEST + 1], strict=True):
        chosen.append(next((code for code in READABLE if low <= code < after), low))
    return sorted(chosen, key=lambda code: READABLE.index(code) if code in READABLE else 100 + code)


def find_outside(inner: Language, outer: Language) -> str | None:
    """Return the shortest text of `inner` that is not in `outer`, or None when there is none: inclusion is proved.

    Raises UndecidableError when the walk grows too large or a pattern is outside the subset.
    """
    one, other = build_automaton(inner.pattern), build_automaton(outer.pattern)
    bounds = (inner.shortest, inner.longest, outer.shortest, outer.longest)
    # Past the highest bound all lengths are alike: counting further would make the walk endless.
    cap = max(bound for bound in bounds if bound is not None) + 1
    alphabet = _choose_alphabet(one, other)
    start = (one.follow_silent(frozenset({0})), other.follow_silent(frozenset({0})), 0)
    waiting: deque[tuple[tuple[frozenset[int], frozenset[int], int], int, str]] = deque([(start, 0, "")])
    seen = {start}
    while waiting:
        (here, there, _), length, text = waiting.popleft()
        if 1 in here and inner.has_length(length) and not (1 in there and outer.has_length(length)):
            return text
        if inner.longest is not None and length >= inner.longest:
            continue
        for character in alphabet:
            # Once no text of `inner` can follow, whatever `outer` accepts makes no difference.
            if not (moved := one.read(here, character)):
                continue
            state = (moved, other.read(there, character), min(length + 1, cap))
            if state not in seen:
                seen.add(state)
                waiting.append((state, length + 1, text + chr(character)))
        if len(seen) > VISITS:
            raise UndecidableError
    return None
