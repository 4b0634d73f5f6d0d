"""A document as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from passerelle.documents.blocks import Answer, Bullets, Cell, Heading, Law, Paragraph, Table
from passerelle.vocabulary.formatting import format_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.blocks import Block, Document, Entry


def write(document: Document) -> bytes:
    """Write it. The same document always gives the same bytes."""
    return ("\n\n".join(_parts(document)) + "\n").encode()


def _parts(document: Document) -> Iterator[str]:
    numbers = document.numbered()
    yield f"# {document.title}"
    yield document.kind
    yield "\n".join(f"- {format_labelled(f'**{label}**', value, document.language)}" for label, value in document.facts)
    yield f"## {document.words['contents']}"
    yield "\n".join(_line(entry) for entry in numbers.values() if entry.heading.level == 1)
    for place, block in enumerate(document.blocks):
        yield from _block(block, numbers.get(place))
    yield "---"
    yield format_labelled(document.words["digest_says"], f"`{document.digest}`", document.language)


def _line(entry: Entry) -> str:
    return f"- {entry.number} {entry.heading.text}"


def _block(block: Block, entry: Entry | None) -> Iterator[str]:
    match block:
        case Heading():
            number = entry.number if entry else ""
            yield f"{'#' * (block.level + 1)} {number} {_safe(block.text)}"
        case Paragraph():
            yield _safe(block.text)
        case Bullets():
            yield "\n".join(f"- {_safe(item)}" for item in block.items)
        case Table():
            yield f"**{_safe(block.caption)}**"
            yield _table(block)
        case Law():
            says = f" {_safe(block.says)}" if block.says else ""
            yield f"> **{_safe(block.title)}.**{says} *{_safe(block.source)}.* **{_safe(block.warning)}**"
        case Answer():
            yield f"**{_safe(block.label)}**\n\n{_safe(block.text) or f'*{block.blank}*'}"
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    def line(cells: Iterator[str] | list[str]) -> str:
        return f"| {' | '.join(cells)} |"

    head = line([_safe(one) for one in table.heads])
    rows = [line([_cell(cell) for cell in row]) for row in table.rows]
    return "\n".join([head, line(["---"] * len(table.heads)), *rows])


def _cell(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return _safe(cell)
    return f"**{_safe(cell.strong)}** {_safe(cell.text)}".strip()


def _safe(text: str) -> str:
    for mark in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")
