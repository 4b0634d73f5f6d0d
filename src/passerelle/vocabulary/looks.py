"""A look at a list that comes in pages: whether it was complete, and if not, why."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class LookDefect:
    """One thing by which a look is not complete, or cannot be known to be. Details are counts, never a value."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LookReport:
    """What a source knows of its last look once it has yielded everything."""

    defects: tuple[LookDefect, ...] = ()
    passed: int = 0
    """Arrivals of earlier looks of the same run: the list moved under them, and it was read again from the start."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.defects


DEFECTS = frozenset(
    {
        "pages.total.changed",
        "pages.total.unmet",
        "pages.rows.repeated",
        "pages.rows.shifted",
        "pages.page.uneven",
        "pages.page.empty",
        "pages.cursor.repeated",
        "pages.link.repeated",
        "pages.look.endless",
        "pages.look.unsteady",
        "pages.answer.cut",
    }
)
"""Everything that can be wrong with a look: the notices that the next complete one clears."""
