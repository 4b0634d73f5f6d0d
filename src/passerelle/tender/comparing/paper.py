"""A comparison as DOCX: what a committee has before it, with the map of requirements and bidders as a tinted table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents import word_document
from passerelle.documents.blocks import (
    Bullets,
    Heading,
    Paragraph,
    PrintableDocument,
    TableBlock,
    TableCell,
    TintedCell,
)
from passerelle.tender.comparing import forms, price_table
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import summary
from passerelle.vocabulary.formatting import format_count, format_day, format_labelled, format_number, join_clauses
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.blocks import Block
    from passerelle.tender.comparing.comparison import BidComparison, ComparedRequirement

_NAME = 0.3
"""Share of a table's width that the names of its rows take."""


def write(comparison: BidComparison) -> bytes:
    """Write the document, in the language in use. The same comparison always gives the same bytes."""
    notes = (format_labelled(one.name, score_labels.write_interval(one.note)) for one in comparison.bidders)
    document = PrintableDocument(
        language=comparison.language,
        kind=_("Comparison of bidders"),
        title=comparison.tender.title,
        buyer=comparison.tender.buyer,
        reference=comparison.tender.id,
        facts=(
            (_("Tender"), comparison.tender.title),
            (_("Date"), format_day(comparison.date)),
            (_("Note"), join_clauses(notes)),
        ),
        blocks=tuple(_iter_blocks(comparison)),
        digest=comparison.digest,
        words={
            "contents": _("Contents"),
            "page": _("Page"),
            "digest": _("Digest"),
            "annex": _("Annex"),
            "digest_says": _("Drawn from the comparison with this digest, whose JSON file holds all of it."),
        },
    )
    return word_document.write(document, comparison.date)


def _iter_blocks(comparison: BidComparison) -> Iterator[Block]:
    yield Heading(1, _("Bidders"))
    yield Paragraph(_("The note and the gate state facts; only the buyer draws a consequence from them."), is_note=True)
    yield _tabulate_bidders(comparison)
    if undecided := [one for one in comparison.bidders if one.undecided]:
        yield Bullets(tuple(format_labelled(one.name, forms.write_undecided(one.undecided)) for one in undecided))
    if comparison.suspicions:
        yield Heading(1, _("To ask about"))
        yield Bullets(comparison.suspicions)
    yield from _iter_prices(comparison)
    yield from _iter_members(comparison)
    yield Heading(1, _("The most costly gaps"))
    for bidder in comparison.bidders:
        rows = tuple((one.id, one.title, format_number(one.cost, 1), one.remedy) for one in bidder.gaps)
        if rows:
            heads = (_("No."), _("Requirement"), _("Points"), _("What to do"))
            yield TableBlock(caption=bidder.name, heads=heads, rows=rows, widths=(0.16, 0.36, 0.1, 0.38))
        else:
            yield Paragraph(format_labelled(bidder.name, _("None.")))
    yield Heading(1, _("Requirement by requirement"), annex=True)
    for chapter, lines in summary.group_by_chapter(comparison.lines).items():
        yield _draw_map(comparison, chapter, lines)


def _tabulate_bidders(comparison: BidComparison) -> TableBlock:
    return TableBlock(
        caption=_("In the order of what is proved"),
        heads=(_("Bidder"), _("Note"), _("Primordial requirements"), _("Points not proved"), _("Price")),
        rows=tuple(
            (
                " – ".join(filter(None, (one.name, one.product))),
                score_labels.write_interval(one.note),
                forms.write_gate(one),
                forms.write_costs(one),
                forms.write_price(one) or "–",
            )
            for one in comparison.bidders
        ),
        widths=(0.2, 0.16, 0.24, 0.2, 0.2),
    )


def _iter_prices(comparison: BidComparison) -> Iterator[Block]:
    lines = price_table.list_prices(comparison)
    if not lines:
        return
    yield Heading(1, _("Prices, item by item"))
    yield Paragraph(_("Without tax, as each bidder filled in the schedule of the grid. Prices count in no note."))
    names = tuple(one.name for one in comparison.bidders)
    rows = tuple((line.title, *line.write_cells()) for line in lines)
    yield TableBlock(caption=_("Prices"), heads=(_("Item"), *names), rows=rows, widths=_share_out(len(names)))


def _iter_members(comparison: BidComparison) -> Iterator[Block]:
    if not comparison.members:
        return
    names = tuple(one.name for one in comparison.bidders)
    rows = tuple((one.title, *map(score_labels.write_interval, one.notes)) for one in comparison.members)
    yield Heading(1, _("By member"))
    yield TableBlock(caption=_("Note"), heads=(_("Member"), *names), rows=rows, widths=_share_out(len(names)))


def _draw_map(comparison: BidComparison, chapter: str, lines: list[ComparedRequirement]) -> TableBlock:
    """Return the verdicts of a chapter as a map: a tint and its words in each cell."""
    names = tuple(one.name for one in comparison.bidders)
    rows: tuple[tuple[TableCell | str, ...], ...] = tuple(
        (
            f"{line.id} {line.title}",
            line.level,
            *(TintedCell("", score_labels.write_verdict(one), score_labels.TINTS[one]) for one in line.verdicts),
        )
        for line in lines
    )
    return TableBlock(
        caption=f"{chapter} ({format_count(len(lines))})",
        heads=(_("Requirement"), _("Level"), *names),
        rows=rows,
        widths=(0.4, 0.08, *((0.52 / len(names),) * len(names))),
        is_wide=True,
    )


def _share_out(count: int) -> tuple[float, ...]:
    return (_NAME, *(((1 - _NAME) / count,) * count))
