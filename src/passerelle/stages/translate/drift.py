"""Drift: how the columns a supplier sends differ from those the connector describes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

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
    unknown = tuple(
        name for name in columns if name not in scope_columns and not any(entry.knows(name) for entry in tables)
    )
    missing = tuple(sorted(read - set(columns)))
    blocking = not required.isdisjoint(missing)
    return Drift(unknown, missing, _match_renamed(missing, unknown), blocking)


def list_required_columns(member: str, plan: TranslationPlan) -> frozenset[str]:
    """Return the columns without which no row of a member can be translated."""
    return plan.list_required_scope_columns(member).union(*(entry.required for entry in plan.list_tables(member)))


def _match_renamed(missing: Sequence[str], unknown: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pair missing with unknown names, the most alike first; each is used once."""
    pairs = sorted(
        (
            (SequenceMatcher(None, _normalize(old), _normalize(new)).ratio(), old, new)
            for old in missing
            for new in unknown
        ),
        reverse=True,
    )
    renamed: dict[str, str] = {}
    for likeness, old, new in pairs:
        if likeness >= _MIN_LIKENESS and old not in renamed and new not in renamed.values():
            renamed[old] = new
    return tuple(sorted(renamed.items()))


def _normalize(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(char for char in letters if not unicodedata.combining(char))))
