"""Runs every plausibility rule over the records of a bid, and describes what they saw, at the levels of the tender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender.requirement import Level
from passerelle.tender.scoring.causes import describe_causes
from passerelle.tender.scoring.plausibility import copies, dates, hours, quantities, relations, texts
from passerelle.tender.scoring.plausibility.sample_frames import LINE, MEMBER, SAMPLE
from passerelle.tender.scoring.scorecard import SampleDoubt
from passerelle.tender.scoring.trail import AnomalyGroup
from passerelle.vocabulary.reasons import plausibility

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.tender.scoring.plausibility.doubt import PlausibilityDoubt, Rule
    from passerelle.tender.scoring.plausibility.sample_frames import SampleFrames
    from passerelle.tender.scoring.trail import AnomalyTrail

RULES: tuple[Rule, ...] = (
    *dates.RULES,
    *hours.RULES,
    *quantities.RULES,
    *texts.RULES,
    *copies.RULES,
    *relations.RULES,
)
LEFT_OUT = "-"


def find_doubts(frames: SampleFrames) -> Iterator[PlausibilityDoubt]:
    """Yield what every rule sees."""
    for rule in RULES:
        yield from rule(frames)


def list_doubts(
    frames: SampleFrames, trail: AnomalyTrail, levels: Mapping[str, str], files: Sequence[str]
) -> tuple[SampleDoubt, ...]:
    """Return the doubts of a bid, the most important first; those that the tender leaves out (`-`) are not told.

    Their places are in the trail from then on.
    """
    found: list[SampleDoubt] = []
    for doubt in find_doubts(frames):
        # Without a word of the buyer: what each record shows by itself matters more than what only many show.
        usual = Level.I if doubt.is_sure else Level.S
        level = levels.get(doubt.code.removeprefix(plausibility.PREFIX), usual.value)
        if level != LEFT_OUT:
            found += _describe_doubt(doubt, Level(level), trail, files)
    ranks = list(Level)
    return tuple(sorted(found, key=lambda one: (ranks.index(one.level), -one.share, one.cause.code, one.contract)))


def _describe_doubt(
    doubt: PlausibilityDoubt, level: Level, trail: AnomalyTrail, files: Sequence[str]
) -> Iterator[SampleDoubt]:
    parts = doubt.rows.partition_by(SAMPLE, MEMBER, as_dict=True, maintain_order=True)
    for (sample, member), rows in parts.items():
        group = AnomalyGroup(doubt.code, int(sample), str(member), doubt.contract, doubt.field, "", refuses=False)
        trail.add(group, sorted(rows.get_column(LINE).to_list()), {"path": doubt.field, **doubt.details})
        (cause,) = describe_causes(trail, [group], files, shapes=False)
        yield SampleDoubt(
            level=level,
            contract=doubt.contract,
            field=doubt.field,
            checked=doubt.checked,
            share=round(rows.height / doubt.checked, 4),
            is_sure=doubt.is_sure,
            cause=cause,
        )
