"""A document as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from passerelle.documents.blocks import AnswerBlock, Bullets, ChartBlock, Heading, Law, Paragraph, TableBlock, TableCell
from passerelle.vocabulary.formatting import format_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.blocks import Block, NumberedHeading, PrintableDocument


def write(document: PrintableDocument) -> bytes:
    """Return the Markdown. The same document always gives the same bytes."""
    return ("\n\n".join(_iter_parts(document)) + "\n").encode()


def _iter_parts(document: PrintableDocument) -> Iterator[str]:
    numbers = document.number_headings()
    yield f"# {document.title}"
    yield document.kind
    yield "\n".join(f"- {format_labelled(f'**{label}**', value, document.language)}" for label, value in document.facts)
    yield f"## {document.words['contents']}"
    yield "\n".join(f"- {entry.number} {entry.heading.text}" for entry in numbers.values() if entry.heading.level == 1)
    for place, block in enumerate(document.blocks):
        yield from _iter_block(block, numbers.get(place))
    yield "---"
    yield format_labelled(document.words["digest_says"], f"`{document.digest}`", document.language)


def _iter_block(block: Block, entry: NumberedHeading | None) -> Iterator[str]:
    match block:
        case Heading():
            number = entry.number if entry else ""
            yield f"{'#' * (block.level + 1)} {number} {_escape(block.text)}"
        case Paragraph():
            yield _escape(block.text)
        case Bullets():
            yield "\n".join(f"- {_escape(item)}" for item in block.items)
        case TableBlock():
            yield f"**{_escape(block.caption)}**"
            yield _write_table(block)
        case ChartBlock():
            # A text shows no picture: its figures stand in the table that follows.
            yield f"*{block.chart.says or block.chart.title}*"
        case Law():
            says = f" {_escape(block.says)}" if block.says else ""
            yield f"> **{_escape(block.title)}.**{says} *{_escape(block.source)}.* **{_escape(block.warning)}**"
        case AnswerBlock():
            yield f"**{_escape(block.label)}**\n\n{_escape(block.text) or f'*{block.blank}*'}"
        case _:
            assert_never(block)


def _write_table(table: TableBlock) -> str:
    def join_cells(cells: Iterator[str] | list[str]) -> str:
        return f"| {' | '.join(cells)} |"

    head = join_cells([_escape(one) for one in table.heads])
    rows = [join_cells([_write_cell(cell) for cell in row]) for row in table.rows]
    return "\n".join([head, join_cells(["---"] * len(table.heads)), *rows])


def _write_cell(cell: TableCell | str) -> str:
    if isinstance(cell, str):
        return _escape(cell)
    return f"**{_escape(cell.strong)}** {_escape(cell.text)}".strip()


def _escape(text: str) -> str:
    # The backslash first, or the others would be escaped twice.
    for mark in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")
