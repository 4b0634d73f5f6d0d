"""Turns findings into verdicts, and verdicts into a note (an interval) and the gate of primordial requirements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring.findings import can_be_noted, weigh_finding
from passerelle.tender.scoring.measuring import LEAST, SampleFinding
from passerelle.tender.scoring.reach import compute_upper_bound
from passerelle.tender.scoring.scorecard import (
    BidReply,
    BidResponse,
    BidVerdict,
    DomainNote,
    RequirementResult,
    ScoreNote,
)
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.tender.requirement import Requirement
    from passerelle.tender.scoring.scorecard import BuyerFinding

DECLARED = 0.5
"""Weight of a declaration that nothing proves."""
COUNTED = (BidVerdict.MET, BidVerdict.RESERVED, BidVerdict.FAILED, BidVerdict.UNSEEN)
"""Verdicts that enter the note; a waiver and what is void leave it."""
_RATED = ("records", "values")
"""Units of which there could have been others: those that a larger sample could have shown."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, its satisfaction from 0 to 1, and its reason."""

    verdict: BidVerdict
    satisfaction: float | None
    reach: float | None = None
    why: str = ""
    is_noted: bool = False
    """Whether the buyer's finding decided it."""


def judge_requirement(requirement: Requirement, finding: SampleFinding, reply: BidReply | None) -> Judgement:
    """Return the judgement of one requirement: by its finding, or by the bidder's answer when no sample can show it."""
    if requirement.measure is Measure.ANSWER:
        return _judge_answer(reply)
    if finding.void or not (finding.checked or finding.absent):
        return Judgement(BidVerdict.VOID if finding.void else BidVerdict.UNSEEN, None, why=finding.why)
    if finding.absent:
        return Judgement(BidVerdict.FAILED, 0.0, why=finding.why)
    if finding.whole:
        # Any record at all, or else the whole figure of records or days.
        wanted = 1 if requirement.measure is Measure.PRESENT else requirement.green * finding.checked
        return Judgement(BidVerdict.MET, 1.0) if finding.held >= wanted else Judgement(BidVerdict.FAILED, 0.0)
    rated = _judge_rate(requirement, finding)
    if requirement.measure is Measure.RETURN and rated.satisfaction:
        # The description of the layout shows the way back; the software itself does only at acceptance.
        why = _("Shown by the description of the layout; taking data back into the software is shown at acceptance.")
        return Judgement(BidVerdict.RESERVED, rated.satisfaction * DECLARED, rated.reach, why)
    return rated


def _judge_rate(requirement: Requirement, finding: SampleFinding) -> Judgement:
    """Judge a rate; a few values without an anomaly show nothing."""
    if requirement.measure is Measure.PRESENT:
        # A record without an optional field is no anomaly: there is no rate of anomalies to bound.
        return _judge_share(compute_satisfaction(requirement, finding.held / finding.checked), finding)
    # With an anomaly, few values do show something: that it is not met.
    if finding.checked < LEAST and finding.held == finding.checked and finding.unit in _RATED:
        words = translate_plural(
            "Only {count} value could be judged: too few to show anything.",
            "Only {count} values could be judged: too few to show anything.",
            finding.checked,
        )
        return Judgement(BidVerdict.UNSEEN, None, _compute_reach(finding), words.format(count=finding.checked))
    share = compute_satisfaction(requirement, finding.held / finding.checked)
    return _judge_share(share, finding, _compute_reach(finding))


def _judge_share(share: float, finding: SampleFinding, reach: float | None = None) -> Judgement:
    verdict = BidVerdict.MET if share >= 1 else BidVerdict.RESERVED if share > 0 else BidVerdict.FAILED
    return Judgement(verdict, share, reach, finding.why)


def compute_satisfaction(requirement: Requirement, share: float) -> float:
    """Return 1 from the green threshold on, 0 below the red one, linear in between."""
    if share >= requirement.green:
        return 1.0
    if share < requirement.red or requirement.green <= requirement.red:
        return 0.0
    return (share - requirement.red) / (requirement.green - requirement.red)


def _compute_reach(finding: SampleFinding) -> float | None:
    """Return the rate of anomalies that the sample does not rule out; None for what is counted whole."""
    if finding.unit not in _RATED:
        return None
    return round(compute_upper_bound(finding.checked - finding.held, finding.checked), 6)


def apply_finding(
    judgement: Judgement, requirement: Requirement, finding: BuyerFinding, *, four_eyes: bool
) -> Judgement:
    """Return what the buyer's finding makes of a judgement. What a sample shows stays as it is."""
    if not can_be_noted(requirement, judgement.verdict):
        return replace(
            judgement, why=" ".join(filter(None, (judgement.why, _("Noted by the buyer; the sample decides."))))
        )
    share, why = weigh_finding(finding, four_eyes=four_eyes)
    if share is None:
        return replace(judgement, why=" ".join(filter(None, (judgement.why, why))))
    verdict = BidVerdict.MET if share >= 1 else BidVerdict.RESERVED if share > 0 else BidVerdict.FAILED
    return Judgement(verdict, share, why=why, is_noted=True)


def _judge_answer(reply: BidReply | None) -> Judgement:
    if reply is None:
        return Judgement(BidVerdict.UNSEEN, None, why=_("No sample can show it, and there is no answer."))
    if reply.response is None:
        # As the tender tells the bidders in its chapter on how to answer.
        return Judgement(BidVerdict.FAILED, 0.0, why=_("Left without an answer, which counts as «not possible»."))
    match reply.response:
        case BidResponse.STANDARD | BidResponse.SETTING:
            return Judgement(BidVerdict.RESERVED, DECLARED, why=_("Declared, not proved."))
        case BidResponse.DEVELOPMENT if reply.commitment:
            words = _("Promised for {day}, not proved.").format(day=reply.commitment)
            return Judgement(BidVerdict.RESERVED, DECLARED, why=words)
        case BidResponse.DEVELOPMENT:
            return Judgement(BidVerdict.UNSEEN, None, why=_("To be developed, without a date."))
        case _:
            return Judgement(BidVerdict.FAILED, 0.0, why=_("The bidder does not offer it."))


def describe_gap(judgement: Judgement, requirement: Requirement, reply: BidReply | None) -> str:
    """Return how the bidder's answer differs from what was measured; empty when it does not."""
    if reply is None or not requirement.is_measured:
        return ""
    if reply.response in (BidResponse.STANDARD, BidResponse.SETTING):
        gaps = {
            BidVerdict.FAILED: _("Answered as available; the sample shows that it is not met."),
            BidVerdict.RESERVED: _("Answered as available; the sample meets it in part."),
            BidVerdict.UNSEEN: _("Answered as available; the sample does not show it."),
        }
        return gaps.get(judgement.verdict, "")
    if judgement.verdict is not BidVerdict.MET:
        return ""
    if reply.response is None:
        return _("Left without an answer, which counts as «not possible»; the sample meets it.")
    return _("Answered as not available; the sample meets it.")


def write_remedy(requirement: Requirement, judgement: Judgement, reply: BidReply | None) -> str:
    """Return what to do about a requirement that only an answer shows; empty when it is met.

    For what a sample shows, the tender itself says it, requirement by requirement.
    """
    if requirement.measure is not Measure.ANSWER or judgement.verdict not in COUNTED[1:]:
        return ""
    if judgement.is_noted:
        return _("Tell the bidder what was missing, have it shown again, and note it anew.")
    return _advise_on_answer(reply)


def _advise_on_answer(reply: BidReply | None) -> str:
    match reply and reply.response:
        case None:
            return _(
                "Have it answered in the grid, with the evidence asked for: left empty, it counts as «not possible»."
            )
        case BidResponse.STANDARD | BidResponse.SETTING:
            return _("Have it shown, and note in the grid what you saw: then your note counts, not the declaration.")
        case BidResponse.DEVELOPMENT if reply and reply.commitment:
            return _(
                "Write this day into the contract, with what follows if it is not kept; have it shown at acceptance."
            )
        case BidResponse.DEVELOPMENT:
            return _("Ask by which day it will be developed, and at what price.")
        case _:
            return _(
                "Decide whether you can do without it; if not, ask by which day and at what price it would be there."
            )


def compute_bounds(weight: int, verdict: BidVerdict, share: float | None) -> tuple[float, float]:
    """Return the points a requirement surely brings and those it brings at best."""
    if share is None:
        return 0.0, float(weight)
    return weight * share, float(weight) * (1.0 if verdict is BidVerdict.UNSEEN else share)


def compute_note(results: Iterable[RequirementResult]) -> ScoreNote:
    """Return the note of the requirements that count; without any, the whole interval from 0 to 100."""
    counted = [one for one in results if one.verdict in COUNTED]
    total = sum(one.weight for one in counted)
    if not total:
        return ScoreNote(0.0, 100.0, 0)
    # Summed before rounding, so that the parts add up to the note.
    pairs = [compute_bounds(one.weight, one.verdict, one.satisfaction) for one in counted]
    floor, ceiling = (100 * sum(side) / total for side in zip(*pairs, strict=True))
    return ScoreNote(round(floor, 1), round(ceiling, 1), total)


def compute_domains(results: Sequence[RequirementResult]) -> tuple[DomainNote, ...]:
    """Return the notes of domains, in the order of the grid."""
    notes = []
    for name in dict.fromkeys(one.domain for one in results):
        mine = [one for one in results if one.domain == name and one.verdict in COUNTED]
        if mine:
            unseen = sum(one.verdict is BidVerdict.UNSEEN for one in mine)
            notes.append(DomainNote(name, compute_note(mine), len(mine), unseen))
    return tuple(notes)


def count_gate(results: Iterable[RequirementResult]) -> dict[str, int]:
    """Count primordial requirements by verdict. Nobody is eliminated: the buyer draws the consequence."""
    counts = Counter(one.verdict for one in results if one.level is Level.P)
    return {verdict.value: counts[verdict] for verdict in BidVerdict}
