"""Drift: how the columns a supplier sends differ from those the connector describes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from passerelle.stages.translate.table import covers
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.plan import TranslationPlan

_MIN_LIKENESS = 0.75
"""Likeness (0 to 1) from which a missing and an unknown name are taken for one renamed column."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Differences of one header. A renamed column is also in `unknown` (its new name) and `missing` (its old name)."""

    unknown: tuple[str, ...] = ()
    """Columns that the connector does not name; their cells are carried in `extra`."""
    missing: tuple[str, ...] = ()
    """Columns that the connector reads and that are not there."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Likely renamings: old name, new name."""
    blocking: bool = False
    """Whether a column is missing without which no row can be translated."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.unknown or self.missing)


def detect_drift(columns: Sequence[str], member: str, plan: TranslationPlan) -> Drift:
    """Compare a header with the connector. A member that no table describes has no drift: its rows are set aside."""
    tables = plan.list_tables(member)
    if not tables:
        return Drift()
    scope_columns = plan.list_scope_columns(member)
    required = list_required_columns(member, plan)
    read = required.union(*(entry.expected_columns for entry in tables))
    # a list or object that holds nothing in any record has no members: it stands where these were to be
    holders = {name[:end] for name in read | scope_columns for end, char in enumerate(name) if char == "."}
    # Gathered once: a table names a hundred columns, and a header has as many.
    known = holders.union(scope_columns, *(entry.known_columns for entry in tables))
    # Plain names are among the known ones.
    families = [family for entry in tables for family in entry.table.carried if family.endswith(("/*", ".*"))]
    unknown = tuple(
        name
        for name in columns
        if name not in known
        and not any(covers(family, name) for family in families)
        and plan.find_unread_reason(name) is None
    )
    missing = tuple(sorted(read - set(columns)))
    blocking = not required.isdisjoint(missing)
    return Drift(unknown, missing, match_renamed(missing, unknown), blocking)


def list_required_columns(member: str, plan: TranslationPlan) -> frozenset[str]:
    """Return the columns without which no row of a member can be translated."""
    return plan.list_required_scope_columns(member).union(*(entry.required for entry in plan.list_tables(member)))


def match_renamed(missing: Sequence[str], unknown: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pair missing with unknown names, the most alike first; each is used once."""
    texts = {name: _normalize(name) for name in (*missing, *unknown)}
    letters = {name: Counter(text) for name, text in texts.items()}
    # Two names that share too few letters are not compared: a header may have thousands of unknown ones.
    pairs = sorted(
        (
            (SequenceMatcher(None, texts[old], texts[new]).ratio(), old, new)
            for old in missing
            for new in unknown
            if _may_be_alike(letters[old], letters[new])
        ),
        reverse=True,
    )
    renamed: dict[str, str] = {}
    for likeness, old, new in pairs:
        if likeness >= _MIN_LIKENESS and old not in renamed and new not in renamed.values():
            renamed[old] = new
    return tuple(sorted(renamed.items()))


def _may_be_alike(one: Counter[str], other: Counter[str]) -> bool:
    """Whether the letters that two names share leave it possible that they are alike (an upper bound of the ratio)."""
    both = one.total() + other.total()
    shortest = min(one.total(), other.total())
    return 2 * shortest >= _MIN_LIKENESS * both and 2 * (one & other).total() >= _MIN_LIKENESS * both


def _normalize(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(char for char in letters if not unicodedata.combining(char))))
