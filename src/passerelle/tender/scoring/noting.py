"""From a measure to a verdict, and from verdicts to a note: an interval, apart from the gate of primordial ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring.measuring import LEAST, Found
from passerelle.tender.scoring.reach import upper
from passerelle.tender.scoring.scorecard import Domain, Note, Reply, Response, Result, Verdict
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.tender.requirement import Requirement

DECLARED = 0.5
"""What a promise counts until it is proved."""
COUNTED = (Verdict.MET, Verdict.RESERVED, Verdict.FAILED, Verdict.UNSEEN)
"""Verdicts that enter the note; a waiver and what is void leave it."""
_RATED = ("records", "values", "references")
"""Units of which there could have been others: those that a larger sample could have shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, with what it is worth and why."""

    verdict: Verdict
    satisfaction: float | None
    reach: float | None = None
    why: str = ""


def judged(requirement: Requirement, found: Found, reply: Reply | None) -> Judged:
    """Judge one requirement by what was found; one that no sample can show, by what the bidder answers."""
    if requirement.measure is Measure.ANSWER:
        return _declared(reply)
    if found.void or not (found.checked or found.absent):
        return Judged(Verdict.VOID if found.void else Verdict.UNSEEN, None, why=found.why)
    if found.absent:
        return Judged(Verdict.FAILED, 0.0, why=found.why)
    if found.whole:
        return _whole(requirement, found)
    if requirement.measure is Measure.RETURN:
        return _returned(requirement, found)
    return _rated(requirement, found)


def _rated(requirement: Requirement, found: Found) -> Judged:
    """Judge a rate; a few values without an anomaly show nothing."""
    if found.checked < LEAST and found.held == found.checked and found.unit in _RATED:
        words = translate_plural(
            "Only {count} value could be judged: too few to show anything.",
            "Only {count} values could be judged: too few to show anything.",
            found.checked,
        )
        return Judged(Verdict.UNSEEN, None, _reach(found), words.format(count=found.checked))
    share = satisfaction(requirement, found.held / found.checked)
    return Judged(_verdict(share), share, _reach(found), found.why)


def _returned(requirement: Requirement, found: Found) -> Judged:
    """Judge the way back: the description of the layout shows it, the software itself does only at acceptance."""
    rated = _rated(requirement, found)
    if not rated.satisfaction:
        return rated
    why = _("Shown by the description of the layout; taking data back into the software is shown at acceptance.")
    return Judged(Verdict.RESERVED, rated.satisfaction * DECLARED, rated.reach, why)


def _whole(requirement: Requirement, found: Found) -> Judged:
    """Judge what is there or not: at least one value, all the records or days that are asked for."""
    wanted = 1 if requirement.measure is Measure.PRESENT else requirement.green * found.checked
    return Judged(Verdict.MET, 1.0) if found.held >= wanted else Judged(Verdict.FAILED, 0.0)


def _verdict(share: float) -> Verdict:
    if share >= 1:
        return Verdict.MET
    return Verdict.RESERVED if share > 0 else Verdict.FAILED


def satisfaction(requirement: Requirement, share: float) -> float:
    """Give 1 from the green threshold on, 0 below the red one, a straight line in between."""
    if share >= requirement.green:
        return 1.0
    if share < requirement.red or requirement.green <= requirement.red:
        return 0.0
    return (share - requirement.red) / (requirement.green - requirement.red)


def _reach(found: Found) -> float | None:
    """Say what the sample does not rule out; nothing to say of what is counted whole."""
    if found.unit not in _RATED:
        return None
    return round(upper(found.checked - found.held, found.checked), 6)


def _declared(reply: Reply | None) -> Judged:
    if reply is None or reply.response is None:
        return Judged(Verdict.UNSEEN, None, why=_("No sample can show it, and there is no answer."))
    match reply.response:
        case Response.STANDARD | Response.SETTING:
            return Judged(Verdict.RESERVED, DECLARED, why=_("Declared, not proved."))
        case Response.DEVELOPMENT if reply.commitment:
            words = _("Promised for {day}, not proved.").format(day=reply.commitment)
            return Judged(Verdict.RESERVED, DECLARED, why=words)
        case Response.DEVELOPMENT:
            return Judged(Verdict.UNSEEN, None, why=_("To be developed, without a date."))
        case _:
            return Judged(Verdict.FAILED, 0.0, why=_("The bidder does not offer it."))


def gap(judgement: Judged, requirement: Requirement, reply: Reply | None) -> str:
    """Say how the bidder's answer differs from what was measured; empty when it does not."""
    if reply is None or reply.response is None or not requirement.is_measured:
        return ""
    offered = reply.response in (Response.STANDARD, Response.SETTING)
    match judgement.verdict:
        case Verdict.FAILED if offered:
            return _("Answered as available; the sample shows that it is not met.")
        case Verdict.RESERVED if offered:
            return _("Answered as available; the sample meets it in part.")
        case Verdict.UNSEEN if offered:
            return _("Answered as available; the sample does not show it.")
        case Verdict.MET if not offered:
            return _("Answered as not available; the sample meets it.")
        case _:
            return ""


def bounds(weight: int, verdict: Verdict, share: float | None) -> tuple[float, float]:
    """Give what a requirement surely brings, and what it brings at best: what was not shown may be met, or not."""
    if share is None:
        return 0.0, float(weight)
    return weight * share, float(weight) * (1.0 if verdict is Verdict.UNSEEN else share)


def note(results: Iterable[Result]) -> Note:
    """Sum up requirements that count. Without any, everything remains to be shown: from 0 to 100."""
    counted = [one for one in results if one.verdict in COUNTED]
    total = sum(one.weight for one in counted)
    if not total:
        return Note(0.0, 100.0, 0)
    pairs = [bounds(one.weight, one.verdict, one.satisfaction) for one in counted]
    floor, ceiling = (100 * sum(side) / total for side in zip(*pairs, strict=True))
    return Note(round(floor, 1), round(ceiling, 1), total)


def domains(results: Sequence[Result]) -> tuple[Domain, ...]:
    """Sum up by domain, in the order of the grid."""
    found = []
    for name in dict.fromkeys(one.domain for one in results):
        mine = [one for one in results if one.domain == name and one.verdict in COUNTED]
        if mine:
            unseen = sum(one.verdict is Verdict.UNSEEN for one in mine)
            found.append(Domain(name, note(mine), len(mine), unseen))
    return tuple(found)


def gate(results: Iterable[Result]) -> dict[str, int]:
    """Count the verdicts of primordial requirements. Nobody is eliminated: the buyer draws the consequence."""
    counts = Counter(one.verdict for one in results if one.level is Level.P)
    return {verdict.value: counts[verdict] for verdict in Verdict}
