"""A document for people who are not at ease with documents: one HTML page, large, short lines, labelled values.

It needs nothing else (no script, no font, no network) and prints on A4. What is not known yet is an empty place to be
filled in by hand, counted for whoever makes the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from passerelle.documents.blocks import Bullets, Heading, Paragraph
from passerelle.documents.templates import get_template

if TYPE_CHECKING:
    from collections.abc import Sequence

BLANK = ""
"""A value that nobody has given yet."""


@dataclass(frozen=True, slots=True)
class FactCard:
    """Some facts under a title: label, and the lines of its value; `BLANK` alone is an empty place."""

    title: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""
    """A sentence below the facts."""
    is_compact: bool = False
    """Facts follow one another in a line, where there are many such cards."""


PlainBlock: TypeAlias = Heading | Paragraph | Bullets | FactCard


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPage:
    """A whole document."""

    language: str
    title: str
    sender: str
    """Who hands it over; `BLANK` where nobody said."""
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    blocks: tuple[PlainBlock, ...]
    to_complete: str
    """What stands in an empty place: «à compléter»."""

    def count_blanks(self) -> int:
        """Return how many places somebody has to fill in."""
        cards = (block.facts for block in self.blocks if isinstance(block, FactCard))
        facts = [*self.facts, *(fact for card in cards for fact in card)]
        return sum(lines == (BLANK,) for _label, lines in facts) + (self.sender == BLANK)


def write_plain_page(page: PlainPage) -> str:
    """Write the page. Everything is escaped."""
    # Jinja has no `isinstance`: the template chooses by the name of the class
    blocks: Sequence[tuple[str, PlainBlock]] = [(type(block).__name__, block) for block in page.blocks]
    return get_template("documents/plain_page.html.jinja").render(page=page, blocks=blocks)
