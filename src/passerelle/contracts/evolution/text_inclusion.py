"""Inclusion of string schemas: lengths, patterns and formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.contracts.evolution.patterns import Language, UndecidableError, find_outside
from passerelle.contracts.evolution.schema_verdict import PROVED, UNDECIDED, ProofState, SchemaVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping

WALKABLE = 400
"""Longest bound for which lengths and patterns are walked together."""


def compare_strings(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> SchemaVerdict:
    """Return whether texts under `mine` satisfy `theirs`. A format is opaque: only the same format includes it."""
    # A format may refuse any text, so it is included only in itself.
    if "format" in theirs and mine.get("format") != theirs["format"]:
        return UNDECIDED
    inner, outer = _read_language(mine), _read_language(theirs)
    try:
        return _compare_languages(inner, outer, has_format="format" in mine)
    except UndecidableError:
        return UNDECIDED


def _compare_languages(inner: Language, outer: Language, *, has_format: bool) -> SchemaVerdict:
    if outer.pattern in (None, inner.pattern):
        if _has_narrower_lengths(inner, outer):
            return PROVED
    elif _has_narrower_lengths(inner, outer) and find_outside(Language(inner.pattern), Language(outer.pattern)) is None:
        return PROVED
    bounds = (inner.shortest, inner.longest or 0, outer.shortest, outer.longest or 0)
    # A walk visits one state per length: bounds of 20,000 characters are compared without it.
    if has_format or max(bounds) > WALKABLE:
        # With a pattern, a text of that length may not exist: no counter-example without a walk.
        if inner.pattern is None and outer.longest is not None and inner.has_length(outer.longest + 1):
            return SchemaVerdict(ProofState.BROKEN, "x" * (outer.longest + 1))
        if inner.pattern is None and inner.shortest < outer.shortest:
            return SchemaVerdict(ProofState.BROKEN, "x" * inner.shortest)
        return UNDECIDED
    text = find_outside(inner, outer)
    return PROVED if text is None else SchemaVerdict(ProofState.BROKEN, text)


def _read_language(keywords: Mapping[str, Any]) -> Language:
    return Language(keywords.get("pattern"), keywords.get("minLength", 0), keywords.get("maxLength"))


def _has_narrower_lengths(inner: Language, outer: Language) -> bool:
    if outer.shortest > inner.shortest:
        return False
    return outer.longest is None or (inner.longest is not None and inner.longest <= outer.longest)
