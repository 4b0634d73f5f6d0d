"""Comparing texts: lengths, patterns and formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.evolution.patterns import Language, UndecidableError, outside
from passerelle.contracts.evolution.verdicts import PROVED, UNDECIDED, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

WALKABLE = 400
"""Longest bound for which lengths and patterns are walked together."""


def string_verdict(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Verdict:
    """Compare the keywords of two string schemas. A format is opaque: only the same format includes it."""
    if "format" in theirs and mine.get("format") != theirs["format"]:
        return UNDECIDED
    inner, outer = _language(mine), _language(theirs)
    try:
        return _compare(inner, outer, has_format="format" in mine)
    except UndecidableError:
        return UNDECIDED


def _compare(inner: Language, outer: Language, *, has_format: bool) -> Verdict:
    if outer.pattern in (None, inner.pattern):
        if _lengths_within(inner, outer):
            return PROVED
    elif _lengths_within(inner, outer) and outside(Language(inner.pattern), Language(outer.pattern)) is None:
        return PROVED
    if has_format or _farthest(inner, outer) > WALKABLE:
        return _by_length(inner, outer)
    text = outside(inner, outer)
    return PROVED if text is None else Verdict(State.BROKEN, text)


def _by_length(inner: Language, outer: Language) -> Verdict:
    """Propose a text that is only too long or too short."""
    if inner.pattern is None and outer.longest is not None and inner.fits(outer.longest + 1):
        return Verdict(State.BROKEN, "x" * (outer.longest + 1))
    if inner.pattern is None and inner.shortest < outer.shortest:
        return Verdict(State.BROKEN, "x" * inner.shortest)
    return UNDECIDED


def _language(keywords: Mapping[str, Any]) -> Language:
    return Language(keywords.get("pattern"), keywords.get("minLength", 0), keywords.get("maxLength"))


def _lengths_within(inner: Language, outer: Language) -> bool:
    if outer.shortest > inner.shortest:
        return False
    return outer.longest is None or (inner.longest is not None and inner.longest <= outer.longest)


def _farthest(inner: Language, outer: Language) -> int:
    return max(bound or 0 for bound in (inner.shortest, inner.longest, outer.shortest, outer.longest))
