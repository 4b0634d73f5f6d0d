"""A score for a terminal: the note, the gate, what was found wrong, and what to ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import summary
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.tender.scoring.scorecard import RequirementResult, Score

_CAUSES = 2
"""Causes of one requirement that fit a terminal."""


def write(score: Score) -> str:
    """Write the score in a few paragraphs."""
    return "\n\n".join("\n".join(block) for block in _iter_blocks(score) if block)


def _iter_blocks(score: Score) -> Iterator[list[str]]:
    yield [
        _("{bidder}, against «{tender}» ({id})").format(
            bidder=summary.write_title(score), tender=score.tender.title, id=score.tender.id
        )
    ]
    yield [
        _("Note: {note}").format(note=score_labels.write_interval(score.note)),
        _("Primordial requirements: {counts}").format(counts=summary.write_gate(score)),
        *(
            "  "
            + format_labelled(
                _(score_labels.DOMAINS.get(one.domain, one.domain)), score_labels.write_interval(one.note)
            )
            for one in score.domains
        ),
    ]
    yield summary.write_conclusion(score)
    yield list(score.suspicions)
    yield [f"{summary.write_doubt(one)} ({score_labels.write_places(one.cause)})" for one in score.doubts]
    for one in score.results:
        if one.verdict in (BidVerdict.FAILED, BidVerdict.RESERVED):
            yield list(_iter_result(one))
    requests = [f"  {why} {summary.write_spans(results)}" for why, results in summary.iter_requests(score)]
    yield [_("Not evaluated:"), *requests] if requests else []
    yield [_("Digest: {digest}").format(digest=score.digest)]


def _iter_result(result: RequirementResult) -> Iterator[str]:
    level = _(score_labels.LEVELS[result.level])
    yield f"{result.id}  {score_labels.write_verdict(result.verdict)}  {result.title} ({level})"
    if result.checked:
        yield f"  {score_labels.write_measure(result)}. {score_labels.write_reach(result)}".rstrip()
    if result.why:
        yield f"  {result.why}"
    # Causes come with the most costly first: what is left to the page is the least.
    for cause in result.causes[:_CAUSES]:
        yield f"  {cause.finding} ({score_labels.write_places(cause)})"
        yield f"    → {cause.advice} ({cause.concerns})"
    if rest := result.causes[_CAUSES:]:
        yield "  " + translate_plural("and {count} more cause", "and {count} more causes", len(rest)).format(
            count=format_count(len(rest))
        )
    if result.gap:
        yield f"  {result.gap}"


def write_trace(identifier: str, rows: list[tuple[str, str, int, str]]) -> str:
    """Write every place that counts against one requirement: file, worksheet, line, column."""
    places = [
        ", ".join(
            filter(
                None,
                (
                    file,
                    member,
                    score_labels.write_lines([line]),
                    _("column «{column}»").format(column=column) if column else "",
                ),
            )
        )
        for file, member, line, column in rows
    ]
    head = translate_plural("{id}: {count} place", "{id}: {count} places", len(rows))
    return "\n".join([head.format(id=identifier, count=format_count(len(rows))), *places])
