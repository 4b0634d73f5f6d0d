"""A comparison as text, as one HTML page, and as a workbook."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING

from passerelle.documents.charts import ChartSeries, GroupedBars
from passerelle.documents.packing import repack
from passerelle.tender.comparing import price_table
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import page, summary
from passerelle.tender.scoring.forms.sheets import ReportWorkbook, SheetCell
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.formatting import format_labelled, format_number
from passerelle.vocabulary.language import _, get_current, translate_plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.tender.comparing.comparison import BidComparison, ComparedBidder


def write_text(comparison: BidComparison) -> str:
    """Write the comparison for a terminal."""
    lines = [f"{comparison.tender.title} ({comparison.tender.id})", ""]
    for one in comparison.bidders:
        lines += [
            format_labelled(one.name, score_labels.write_interval(one.note)),
            "  " + _("Primordial requirements: {counts}").format(counts=write_gate(one)),
            "  " + write_costs(one),
            *("  " + line for line in (write_undecided(one.undecided), write_price(one)) if line),
        ]
    for member in comparison.members:
        lines += ["", member.title]
        for one, note, others in zip(comparison.bidders, member.notes, member.undecided, strict=True):
            lines.append("  " + format_labelled(one.name, score_labels.write_interval(note)))
            if others:
                lines.append("    " + write_undecided(others))
    lines += ["", *comparison.suspicions, _("Digest: {digest}").format(digest=comparison.digest)]
    return "\n".join(lines)


def write_gate(bidder: ComparedBidder) -> str:
    """Write the gate of a bidder."""
    return summary.write_counts(bidder.gate)


def write_undecided(others: Sequence[str]) -> str:
    """Write from whom a bidder cannot be told apart yet; empty when it can from everybody."""
    if not others:
        return ""
    return _("Not told apart yet from {names}: the intervals overlap.").format(names=", ".join(others))


def write_price(bidder: ComparedBidder) -> str:
    """Write what an offer costs and what closing its gaps would; empty when nobody said."""
    price = bidder.price
    if price is None:
        # Write why a schedule that was filled in adds up to no price; empty without one.
        if bidder.offered is None:
            return ""
        if missing := bidder.offered.list_missing():
            return _("No price yet, the schedule leaves empty: {lines}").format(lines=", ".join(missing))
        return _("No price over the contract: the tender does not say how long it lasts.")
    parts = [_("Price: {amount} €, without tax").format(amount=price_table.format_amount(price.amount))]
    if price.gaps is not None:
        parts.append(_("gaps to close: {amount} €").format(amount=price_table.format_amount(price.gaps)))
        parts.append(_("together {amount} €").format(amount=price_table.format_amount(price.amount + price.gaps)))
    return ", ".join(parts) + (f" ({price.source})" if price.source else "")


def write_costs(bidder: ComparedBidder) -> str:
    """Write the points that gaps cost, and those that were not shown."""
    found, unseen = bidder.gap_cost, bidder.unseen_cost
    texts = (
        translate_plural("{count} point for what was found", "{count} points for what was found", _round(found)),
        translate_plural(
            "{count} point for what was not shown", "{count} points for what was not shown", _round(unseen)
        ),
    )
    return ", ".join(
        text.format(count=format_number(cost, 1)) for text, cost in zip(texts, (found, unseen), strict=True)
    )


def _round(cost: float) -> int:
    """Return the whole number whose plural a cost takes: in French 1,5 is singular, in English 1.5 is not."""
    return int(cost) if get_current() == "fr" or round(cost, 1) % 1 == 0 else 2


def write_html(comparison: BidComparison) -> bytes:
    """Write one page that needs nothing else."""
    grouped = summary.group_by_chapter(comparison.lines)
    counts = [Counter(line.verdicts[nth] for line in comparison.lines) for nth in range(len(comparison.bidders))]
    # In the order of the verdicts, so that the bars of all bidders begin with the same colour.
    tallies = [{verdict.value: count[verdict] for verdict in BidVerdict} for count in counts]
    return (
        page.find_template("comparison.html.jinja")
        .render(
            comparison=comparison,
            gate=write_gate,
            costs=write_costs,
            undecided=write_undecided,
            price=write_price,
            prices=price_table.list_prices(comparison),
            names=[str(place) for place in range(1, len(comparison.bidders) + 1)],
            chapters=grouped,
            heat={name: [(line.id, line.verdicts) for line in lines] for name, lines in grouped.items()},
            tallies=tallies,
            domains=list(dict.fromkeys(one.domain for bidder in comparison.bidders for one in bidder.domains)),
        )
        .encode()
    )


def write_xlsx(comparison: BidComparison) -> bytes:
    """Write a workbook: bidders, requirement by requirement, what the sample of each does not show."""
    stream = io.BytesIO()
    book = ReportWorkbook(stream, comparison.tender.title, comparison.date, comparison.digest)
    _write_bidders(book, comparison)
    names = [one.name for one in comparison.bidders]
    costs_of = [_("Points not proved: {name}").format(name=name) for name in names]
    heads = (_("No."), _("Requirement"), _("Level"), _("Weight"), *names, *costs_of)
    widths = (14, 44, 8, 8, *(24 for _name in names), *(14 for _name in names))
    rows: list[tuple[SheetCell, ...]] = [
        (line.id, line.title, line.level, line.weight, *line.verdicts, *line.costs) for line in comparison.lines
    ]
    book.add_sheet(_("Requirements"), heads, widths, rows)
    _write_reversibility(book, comparison)
    _write_prices(book, comparison)
    _write_members(book, comparison)
    notes = (
        ChartSeries(_("Proved"), tuple(one.note.floor for one in comparison.bidders)),
        ChartSeries(_("At best"), tuple(one.note.ceiling for one in comparison.bidders)),
    )
    book.add_chart(_("Notes"), GroupedBars(_("Notes, out of 100"), tuple(names), notes))
    book.close()
    return repack(stream.getvalue())


def _write_bidders(book: ReportWorkbook, comparison: BidComparison) -> None:
    heads = (
        *(_("Bidder"), _("Product"), _("Proved, out of 100"), _("At best, out of 100"), _("Primordial requirements")),
        *(_("Points for gaps found"), _("Points for what was not shown")),
        *(_("Not told apart yet from"), _("Price"), _("Digest")),
    )
    rows = [
        (
            one.name,
            one.product,
            one.note.floor,
            one.note.ceiling,
            write_gate(one),
            one.gap_cost,
            one.unseen_cost,
            ", ".join(one.undecided) or "–",
            write_price(one) or "–",
            one.digest,
        )
        for one in comparison.bidders
    ]
    book.add_sheet(_("Bidders"), heads, (28, 24, 12, 12, 44, 14, 16, 28, 34, 34), rows)


def _write_prices(book: ReportWorkbook, comparison: BidComparison) -> None:
    """Write the price schedules side by side, as numbers."""
    lines = price_table.list_prices(comparison)
    if not lines:
        return
    names = [one.name for one in comparison.bidders]
    once = [_("Once (€): {name}").format(name=name) for name in names]
    yearly = [_("By year (€): {name}").format(name=name) for name in names]
    rows: list[tuple[SheetCell, ...]] = [
        (one.code, one.title, *("–" if amount is None else amount for amount in (*one.once, *one.yearly)))
        for one in lines
    ]
    widths = (10, 44, *(18 for _name in (*once, *yearly)))
    book.add_sheet(_("Prices"), (_("No."), _("Item"), *once, *yearly), widths, rows)


def _write_members(book: ReportWorkbook, comparison: BidComparison) -> None:
    """Write the notes of all bidders on what each member of a federation asks for."""
    if not comparison.members:
        return
    heads = (
        *(_("Member"), _("Bidder"), _("Proved, out of 100"), _("At best, out of 100")),
        *(_("Primordial requirements"), _("Not told apart yet from")),
    )
    rows: list[tuple[SheetCell, ...]] = [
        (member.title, one.name, note.floor, note.ceiling, summary.write_counts(gate), ", ".join(others) or "–")
        for member in comparison.members
        for one, note, gate, others in zip(
            comparison.bidders, member.notes, member.gates, member.undecided, strict=True
        )
    ]
    book.add_sheet(_("Members"), heads, (34, 26, 14, 14, 44, 34), rows)


def _write_reversibility(book: ReportWorkbook, comparison: BidComparison) -> None:
    heads = (
        *(_("Bidder"), _("Contract"), _("Records"), _("Asked for"), _("Shown")),
        *(_("Not shown by the sample"), _("Lost there and back")),
    )
    rows: list[tuple[SheetCell, ...]] = []
    for bidder in comparison.bidders:
        for one in bidder.given:
            missing = summary.write_fields(one.contract, one.missing) if one.is_shown else _("nothing shown")
            lost = summary.write_fields(one.contract, one.lost)
            rows.append(
                (bidder.name, f"{one.title} ({one.contract})", one.records, one.asked, one.shown, missing, lost)
            )
    book.add_sheet(_("Reversibility"), heads, (26, 34, 16, 12, 10, 60, 40), rows)
