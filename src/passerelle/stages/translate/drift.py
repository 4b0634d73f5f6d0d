"""Drift: what a supplier's columns have become, compared with what the connector describes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.plan import Plan

_ALIKE = 0.75
"""How alike two names must be (0 to 1) to be taken for one."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs. A renamed column is also among the unknown (its new name) and the missing (its old name)."""

    unknown: tuple[str, ...] = ()
    """Columns that the connector does not speak of; their cells are carried in `extra`."""
    missing: tuple[str, ...] = ()
    """Columns that the connector reads and that are not there."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Likely renamings: old name, new name."""
    blocking: bool = False
    """A column is missing without which no row can be understood."""

    def __bool__(self) -> bool:
        """Say whether anything differs."""
        return bool(self.unknown or self.missing)


def drift(columns: Sequence[str], member: str, plan: Plan) -> Drift:
    """Compare a header with the connector. A member that no table describes has no drift: its rows speak for it."""
    tables = plan.tables_of(member)
    if not tables:
        return Drift()
    asked = plan.asked_of(member)
    required = plan.needed_of(member).union(*(entry.required for entry in tables))
    read = required.union(*(entry.expected for entry in tables))
    unknown = tuple(name for name in columns if name not in asked and not any(one.speaks_of(name) for one in tables))
    missing = tuple(sorted(read - set(columns)))
    blocking = not required.isdisjoint(missing)
    return Drift(unknown, missing, _renamed(missing, unknown), blocking)


def _renamed(missing: Sequence[str], unknown: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pair names off, the most alike first; each is used once."""
    pairs = sorted(((_likeness(old, new), old, new) for old in missing for new in unknown), reverse=True)
    found: dict[str, str] = {}
    for likeness, old, new in pairs:
        if likeness >= _ALIKE and old not in found and new not in found.values():
            found[old] = new
    return tuple(sorted(found.items()))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _plain(one), _plain(other)).ratio()


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(char for char in letters if not unicodedata.combining(char))))
