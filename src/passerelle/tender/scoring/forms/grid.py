"""The answer grid of a tender, filled in: what the bidder answered beside what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender import grid
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import summary
from passerelle.vocabulary.formatting import format_number
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.tender.scoring.examining import ScoredBid


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
            points="" if gained is None else format_number(gained * result.weight, 1),
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
