"""A score as DOCX: one page that can be published, and its annex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.documents import charts, word_document
from passerelle.documents.blocks import (
    Bullets,
    ChartBlock,
    Heading,
    Paragraph,
    PrintableDocument,
    TableBlock,
    TableCell,
    TintedCell,
)
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import pictures, summary
from passerelle.vocabulary.formatting import (
    format_count,
    format_day,
    format_labelled,
    format_measured_share,
    format_number,
)
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.documents.blocks import Block
    from passerelle.tender.scoring.scorecard import RequirementResult, Score

_MONTHS = 12
"""Columns of months that are readable on a page."""


def write(score: Score) -> bytes:
    """Write the document, in the language in use."""
    return word_document.write(compose_document(score), score.date)


def compose_document(score: Score) -> PrintableDocument:
    """Return the document: the title page attests, the chapters explain."""
    facts = (
        (_("Tender"), score.tender.title),
        (_("Date"), format_day(score.date)),
        (_("Note"), score_labels.write_interval(score.note)),
        (_("Primordial requirements"), summary.write_gate(score)),
        (_("Contracts"), ", ".join(f"{one.id} ({one.version})" for one in score.tender.contracts)),
        (_("Sample"), ", ".join(f"{one.name} ({score_labels.count_rows(one.rows)})" for one in score.samples)),
        (_("Conclusion"), " ".join(summary.write_conclusion(score))),
    )
    return PrintableDocument(
        language=score.language,
        kind=_("Attestation of conformity of a sample"),
        title=summary.write_title(score),
        buyer=score.tender.buyer,
        reference=score.tender.id,
        facts=facts,
        blocks=tuple(_iter_blocks(score)),
        digest=score.digest,
        words={
            "contents": _("Contents"),
            "page": _("Page"),
            "digest": _("Digest"),
            "annex": _("Annex"),
            "digest_says": _("Drawn from the score with this digest, whose JSON file holds all of it."),
        },
    )


def _iter_blocks(score: Score) -> Iterator[Block]:
    yield Heading(1, _("Summary by domain"))
    yield Paragraph(_("The note and the gate state facts; only the buyer draws a consequence from them."), is_note=True)
    yield _tabulate_domains(score)
    if costly := summary.list_costly(score):
        rows = []
        for one in costly:
            parts = (score_labels.write_measure(one) if one.checked else "", one.why)
            fact = " – ".join((score_labels.write_verdict(one.verdict), *filter(None, parts)))
            rows.append((one.id, TableCell(one.title, fact), format_number(one.cost, 1), one.remedy))
        yield TableBlock(
            caption=_("The most costly gaps"),
            heads=(_("No."), _("Requirement"), _("Points"), _("What to do")),
            rows=tuple(rows),
            widths=(0.15, 0.42, 0.1, 0.33),
        )
    yield from _iter_anomalies(score)
    yield from _iter_pictures(score)
    if asked := (*score.suspicions, *map(summary.write_doubt, score.doubts)):
        yield Heading(1, _("To ask about"))
        yield Bullets(asked)
    yield Heading(1, _("Request for more"))
    if asking := list(summary.iter_requests(score)):
        yield Paragraph(summary.write_request())
        yield Bullets(tuple(f"{why} {summary.write_spans(some)}" for why, some in asking))
    else:
        yield Paragraph(_("None."))
    yield Heading(1, _("Method"))
    yield from _iter_method(score)
    yield Heading(1, _("Grid of conformity"), annex=True)
    for chapter, group in summary.group_by_chapter(score.results).items():
        yield _tabulate_results(chapter, group)


def _tabulate_domains(score: Score) -> TableBlock:
    return TableBlock(
        caption=_("Out of 100: what is proved, and what would be reached if all that was not shown were met."),
        heads=(_("Domain"), _("Note"), _("Requirements"), _("Not evaluated")),
        rows=tuple(
            (
                _(score_labels.DOMAINS.get(one.domain, one.domain)),
                score_labels.write_interval(one.note),
                format_count(one.requirements),
                format_count(one.unseen),
            )
            for one in score.domains
        ),
        widths=(0.34, 0.34, 0.16, 0.16),
    )


def _iter_pictures(score: Score) -> Iterator[Block]:
    """Yield the charts of the sample, each with its figures under it."""
    drawn = list(pictures.iter_charts(score))
    if drawn or score.filled.months:
        yield Heading(1, _("What the sample looks like"))
        yield Paragraph(
            _("Drawn from the records that could be read. A picture proves nothing: it shows what to ask about.")
        )
    for chart, read, first in drawn:
        yield ChartBlock(chart, read)
        heads = (first, *(one.name for one in chart.series))
        rows = tuple(pictures.list_figures(chart))
        yield TableBlock(caption=_("The same figures"), heads=heads, rows=rows, widths=(1 / len(heads),) * len(heads))
    yield from _iter_fill_map(score)


def _iter_fill_map(score: Score) -> Iterator[Block]:
    """Yield the map of contracts and months as tinted tables, a year of months in each."""
    shown = pictures.make_fill_map(score)
    for first in range(0, len(shown.columns) if shown else 0, _MONTHS):
        if shown is None:
            break
        months = shown.columns[first : first + _MONTHS]
        rows: list[tuple[TableCell | str, ...]] = [
            (title, *(_make_share(share) for share in shares[first : first + _MONTHS])) for title, shares in shown.rows
        ]
        widths = (0.28, *((0.72 / len(months),) * len(months)))
        yield TableBlock(caption=shown.title, heads=(_("Contract"), *months), rows=tuple(rows), widths=widths)


def _make_share(share: float | None) -> TintedCell:
    if share is None:
        return TintedCell("", "–")
    return TintedCell("", format_measured_share(share), charts.compute_tint(share))


def _iter_anomalies(score: Score) -> Iterator[Block]:
    causes = summary.group_causes(score)
    yield Heading(1, _("Anomalies, by cause"))
    if not causes:
        yield Paragraph(_("None."))
        return
    yield TableBlock(
        caption=_("The first places of each; the list of places has them all."),
        heads=(_("What"), _("Found"), _("What to do")),
        rows=tuple(
            (
                cause.title,
                TableCell("", f"{cause.finding} {cause.consequence} ({score_labels.write_places(cause)})"),
                TableCell(cause.concerns, cause.advice),
            )
            for cause, _ids in causes
        ),
        widths=(0.2, 0.46, 0.34),
    )


def _iter_method(score: Score) -> Iterator[Block]:
    for sentence in summary.write_method():
        yield Paragraph(sentence)
    yield TableBlock(
        caption=_("Sample"),
        heads=(_("File"), _("Read by"), _("Rows"), "SHA-256"),
        rows=tuple(
            (one.name, f"{one.connector} {one.connector_version}", format_count(one.rows), one.digest)
            for one in score.samples
        ),
        widths=(0.25, 0.25, 0.1, 0.4),
    )
    if noted := [one for one in score.results if one.finding]:
        yield TableBlock(
            caption=_("The buyer's findings"),
            heads=(_("No."), _("Requirement"), _("Fact"), _("Rests on"), _("By")),
            rows=tuple(
                (
                    one.id,
                    one.title,
                    f"{score_labels.write_verdict(one.verdict)}. {one.why}",
                    score_labels.write_evidence(one.finding, score.language),
                    score_labels.write_authors(one.finding),
                )
                for one in noted
                if one.finding
            ),
            widths=(0.14, 0.24, 0.24, 0.2, 0.18),
        )
    if score.waivers:
        yield TableBlock(
            caption=_("Decisions of the buyer"),
            heads=(_("No."), _("Decision"), _("Reason"), _("By")),
            rows=tuple(
                (
                    one.requirement,
                    score_labels.write_verdict(one.verdict),
                    one.reason,
                    f"{one.who}, {format_day(one.day)}",
                )
                for one in score.waivers
            ),
            widths=(0.16, 0.2, 0.4, 0.24),
        )
    yield Paragraph(f"{score.software}. {format_labelled(_('Rules'), score.tender.rules_digest)}", is_note=True)


def _tabulate_results(chapter: str, group: list[RequirementResult]) -> TableBlock:
    return TableBlock(
        caption=chapter,
        heads=(
            _("No."),
            _("Requirement"),
            _("Level"),
            _("Fact"),
            _("Measure and reach"),
            _("Answer"),
            _("Points not proved"),
        ),
        rows=tuple(
            (
                one.id,
                one.title,
                one.level.value,
                score_labels.write_verdict(one.verdict),
                " ".join(
                    filter(
                        None,
                        (
                            score_labels.write_measure(one) if one.checked else "",
                            score_labels.write_reach(one),
                            one.why,
                        ),
                    )
                ),
                f"{one.reply.response} {one.gap}".strip() if one.reply and one.reply.response else "–",
                format_number(one.cost, 1) if one.cost else "–",
            )
            for one in group
        ),
        widths=(0.1, 0.26, 0.07, 0.14, 0.25, 0.09, 0.09),
        is_wide=True,
    )
