"""The answer grid of a tender, filled in: what the bidder answered beside what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender import bilingual_texts, grid
from passerelle.tender.findings_sheet import FindingRow
from passerelle.tender.price_sheet import PriceRow, list_lines
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.findings import can_be_noted
from passerelle.tender.scoring.forms import pictures, summary
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.examining import ScoredBid


_NOTED = ("note", "comment", "who", "day")


def _iter_findings(scored: ScoredBid) -> Iterator[FindingRow]:
    """Yield a row for each requirement that the buyer decides, with what was noted already."""
    language = scored.consultation.language
    asked = {one.id: one for one in scored.consultation.requirements}
    for result in scored.score.results:
        waived = result.verdict in (BidVerdict.WAIVED, BidVerdict.VOID)
        noted = result.finding
        if waived or not (noted or can_be_noted(asked[result.id], result.verdict)):
            continue
        cells: dict[str, str] = {}
        if noted:
            cells["kind"] = bilingual_texts.get_word("document", "findings", noted.kind, language)
            cells["evidence"] = noted.evidence
            cells |= {name: str(getattr(noted.first, name)) for name in _NOTED}
        if noted and noted.second:
            cells |= {f"second_{name}": str(getattr(noted.second, name)) for name in _NOTED}
        yield FindingRow(
            number=result.id,
            level=result.level.value,
            title=result.title,
            requirement=result.statement,
            answered=result.reply.response.value if result.reply and result.reply.response else "",
            found=score_labels.write_verdict(result.verdict),
            noted=tuple(cells.items()),
        )


def _iter_prices(scored: ScoredBid) -> Iterator[PriceRow]:
    """Yield the lines that have a price, as they are written into the schedule."""
    says = {one.code: one.says for one in list_lines(scored.consultation)}
    for one in scored.score.prices.lines if scored.score.prices else ():
        if one.is_priced:
            yield PriceRow(
                code=one.code,
                line=one.title,
                says=says.get(one.code, ""),
                requirement=one.requirement,
                once=one.once,
                yearly=one.yearly,
                remark=one.remark,
            )


def write(scored: ScoredBid) -> bytes:
    """Write the workbook, in the language in use."""
    score = scored.score
    found = {}
    for result in score.results:
        measured = (
            score_labels.write_measure(result) if result.checked else "",
            score_labels.write_reach(result),
            result.why,
        )
        gained = result.satisfaction
        found[result.id] = grid.GridMeasure(
            verdict=score_labels.write_verdict(result.verdict),
            measured=" ".join(filter(None, measured)),
            gap=result.gap,
            points=None if gained is None else round(gained * result.weight, 1),
            colour=score_labels.TINTS[result.verdict],
        )
    filling = grid.GridFilling(
        candidate=score.bidder,
        product=score.product,
        given={
            one.id: grid.GridAnswer(
                answer=reply.response.value if reply.response else "",
                details=reply.reference,
                commitment=reply.commitment,
                equivalence=reply.equivalence,
            )
            for one in score.results
            if (reply := one.reply)
        },
        found=found,
        digest=score.digest,
        charts=tuple(chart for chart, _read, _first in pictures.iter_charts(score)),
        fill_map=pictures.make_fill_map(score),
        findings=tuple(_iter_findings(scored)),
        prices=tuple(_iter_prices(scored)),
        doubts=tuple(
            (
                _(score_labels.LEVELS[one.level]),
                " ".join(filter(None, (one.contract, one.field))),
                summary.write_doubt(one),
                score_labels.write_places(one.cause),
                one.cause.advice,
                one.cause.code,
            )
            for one in score.doubts
        ),
    )
    return grid.write(scored.consultation, filling)
