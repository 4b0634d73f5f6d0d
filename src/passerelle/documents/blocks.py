"""Blocks of a document, independent of its format: headings, paragraphs, lists, tables, answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.documents.charts import GroupedBars


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, numbered by its place."""

    level: int
    """1 or 2."""
    text: str
    annex: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str
    is_note: bool = False
    """Smaller: what is only for those who look."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell with a few strong words before its text."""

    strong: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TintedCell(TableCell):
    """A cell of a map: its words say what its tint shows; light, for the words are dark."""

    tint: str = ""
    """`#d9efe0`; where a format has no tints, the words are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """A table with one head row. The first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[TableCell | str, ...], ...]
    widths: tuple[float, ...]
    """Shares of the width, one for each column."""
    is_wide: bool = False
    """Needs a page in landscape."""
    is_folded: bool = False
    """On a page, shown when somebody opens it; on paper as any other."""


@dataclass(frozen=True, slots=True)
class Law:
    """A legal reference, with its source and its warning."""

    title: str
    says: str
    """Empty where it is only named."""
    source: str
    warning: str


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """A labelled answer; room to write where there is none yet."""

    label: str
    text: str
    blank: str


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A chart, with its figures as a table where a format shows no words in pictures."""

    chart: GroupedBars
    read: str = ""
    """How to read it."""


Block = Heading | Paragraph | Bullets | TableBlock | Law | AnswerBlock | ChartBlock


@dataclass(frozen=True, slots=True)
class NumberedHeading:
    """A heading with its number: `4.2`, `Annexe A`."""

    number: str
    heading: Heading
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintableDocument:
    """A whole document."""

    language: str
    kind: str
    title: str
    buyer: str
    reference: str
    facts: tuple[tuple[str, str], ...]
    """What the title page says: label, value."""
    blocks: tuple[Block, ...]
    digest: str
    """SHA-256 of the content."""
    words: dict[str, str]
    """The few words that the writers need: `contents`, `page`, `digest`, `annex`."""

    def number_headings(self) -> dict[int, NumberedHeading]:
        """Return the numbered headings, by their place among the blocks."""
        return dict(_iter_numbered(self.blocks, self.words["annex"]))


def _iter_numbered(blocks: Sequence[Block], annex: str) -> Iterable[tuple[int, NumberedHeading]]:
    chapter = section = annexes = 0
    for place, block in enumerate(blocks):
        if not isinstance(block, Heading):
            continue
        if block.annex:
            annexes += 1
            yield place, NumberedHeading(f"{annex} {chr(64 + annexes)}", block, f"annexe-{chr(96 + annexes)}")
        elif block.level == 1:
            chapter, section = chapter + 1, 0
            yield place, NumberedHeading(f"{chapter}", block, f"chapitre-{chapter}")
        else:
            section += 1
            yield place, NumberedHeading(f"{chapter}.{section}", block, f"chapitre-{chapter}-{section}")
