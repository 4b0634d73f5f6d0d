"""A report made of sections, each some sentences and a table: for a terminal, or as a page that stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.documents.charts import draw_bars
from passerelle.documents.templates import get_template
from passerelle.documents.text_table import write_table
from passerelle.vocabulary.language import get_current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.documents.charts import GroupedBars


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report. Headers without rows are not shown."""

    title: str
    sentences: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[int, ...] = ()
    """Columns that hold figures."""
    picture: GroupedBars | None = None
    """Drawn on pages, above the table that holds its figures."""


def write_text(title: str, sections: Sequence[Section]) -> str:
    """Write a report for a terminal."""
    blocks = [title]
    for section in sections:
        lines = [section.title, *(f"  {sentence}" for sentence in section.sentences)]
        if section.rows:
            table = write_table(section.headers, section.rows)
            lines += [f"  {line}" for line in table.splitlines()]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def write_page(title: str, sections: Sequence[Section]) -> str:
    """Write a report as one HTML page that needs nothing else; everything is escaped."""
    return get_template("documents/sections.html.jinja").render(
        language=get_current(), title=title, sections=sections, draw_bars=draw_bars
    )
