"""Bidders side by side, as data: `passerelle.comparison/2`. Only what was measured the same way is compared."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.tender.comparing.prices import add_up_offer
from passerelle.tender.consultation import compute_digest
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.scorecard import (
    BidVerdict,
    DomainNote,
    Score,
    ScoredTender,
    ScoreNote,
)
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.tender.comparing.prices import BidPrice
    from passerelle.tender.scoring.offered_prices import OfferedPrices

SCHEMA = "passerelle.comparison/2"
GAPS = 5
"""How many of the most costly gaps of each bidder are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """What a bidder can return of one contract when it ends, as far as its sample shows."""

    contract: str
    title: str
    records: int
    asked: int
    shown: int
    """Fields asked for that the sample fills."""
    missing: tuple[str, ...]
    """Asked for, and without a column or always empty."""
    lost: tuple[str, ...]
    """Filled, and no longer the same after export and import."""
    is_shown: bool
    """Whether the sample holds records of it at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostlyGap:
    """One requirement that costs points because of what was found."""

    id: str
    title: str
    verdict: BidVerdict
    cost: float
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedBidder:
    """One column of the comparison."""

    name: str
    product: str
    digest: str
    note: ScoreNote
    gate: dict[str, int]
    domains: tuple[DomainNote, ...]
    given: tuple[GiveBack, ...]
    gaps: tuple[CostlyGap, ...]
    gap_cost: float
    """Points that what was found wrong costs, out of 100."""
    unseen_cost: float
    """Points that what was not shown costs, out of 100."""
    undecided: tuple[str, ...] = ()
    """Bidders whose intervals overlap with this one's: nobody can tell yet which is better."""
    price: BidPrice | None = None
    """Over the whole contract: as the buyer noted it, else as the schedule of the grid adds up."""
    offered: OfferedPrices | None = None
    """The schedule, as the bidder filled it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRequirement:
    """One requirement for all bidders, in their order."""

    id: str
    chapter: str
    title: str
    level: str
    domain: str
    weight: int
    verdicts: tuple[BidVerdict, ...]
    costs: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedMember:
    """One member of a federation: the notes of all bidders, in their order, on what it asks for."""

    name: str
    title: str
    rules_digest: str
    notes: tuple[ScoreNote, ...]
    gates: tuple[dict[str, int], ...]
    undecided: tuple[tuple[str, ...], ...]
    """For each bidder, those whose intervals overlap with its own here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidComparison:
    """The whole comparison. Bidders are in the order of what they have proved."""

    language: str
    date: str
    software: str
    tender: ScoredTender
    bidders: tuple[ComparedBidder, ...]
    lines: tuple[ComparedRequirement, ...]
    suspicions: tuple[str, ...]
    members: tuple[ComparedMember, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the whole comparison."""
        return compute_digest(asdict(self))


def write(comparison: BidComparison) -> bytes:
    """Write the JSON. The same scores always give the same bytes."""
    content = {"schema": SCHEMA, "digest": comparison.digest, **asdict(comparison)}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def compare(
    scores: Sequence[Score],
    members: Mapping[str, Sequence[Score]] = MappingProxyType({}),
    prices: Mapping[str, BidPrice] = MappingProxyType({}),
) -> BidComparison:
    """Set scores side by side. Raises UsageError for fewer than two, or when one was measured in another way.

    `members` holds, for each member of a federation, the scores on what it asks for, in the order of `scores`.
    """
    if len(scores) < 2:
        raise UsageError("usage.scores.few")
    for one in members.values():
        _check_comparable(one)
    _check_comparable(scores)
    # Digest last: equal bidders have an order that does not depend on the command line.
    places = sorted(
        range(len(scores)),
        key=lambda nth: (-scores[nth].note.floor, -scores[nth].note.ceiling, scores[nth].bidder, scores[nth].digest),
    )
    ordered = [scores[nth] for nth in places]
    first = ordered[0]
    with score_labels.speak_language(first.language):
        names = [_name_bidder(one, place) for place, one in enumerate(ordered, start=1)]
        overlaps = _list_undecided([one.note for one in ordered], names)
        return BidComparison(
            language=first.language,
            date=max(one.date for one in ordered),
            software=first.software,
            tender=first.tender,
            bidders=tuple(
                replace(
                    _compare_bidder(one, place),
                    undecided=overlaps[place - 1],
                    price=prices.get(one.bidder) or add_up_offer(one.prices),
                )
                for place, one in enumerate(ordered, start=1)
            ),
            lines=tuple(_compare_requirement(nth, ordered) for nth in range(len(first.results))),
            suspicions=tuple(_find_shared_files(ordered)),
            members=tuple(
                _compare_member(name, [mine[nth] for nth in places], names) for name, mine in members.items()
            ),
        )


def _name_bidder(score: Score, place: int) -> str:
    return score.bidder or _("Bidder {number}").format(number=place)


def _compare_member(name: str, scores: Sequence[Score], names: Sequence[str]) -> ComparedMember:
    tender = scores[0].tender
    return ComparedMember(
        name=name,
        title=tender.buyer,
        rules_digest=tender.rules_digest,
        notes=tuple(one.note for one in scores),
        gates=tuple(one.gate for one in scores),
        undecided=_list_undecided([one.note for one in scores], names),
    )


def _list_undecided(notes: Sequence[ScoreNote], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return for each bidder those whose intervals overlap with its own; equal single notes are undecided too."""
    return tuple(
        tuple(
            names[other]
            for other, theirs in enumerate(notes)
            if other != nth and mine.floor <= theirs.ceiling and theirs.floor <= mine.ceiling
        )
        for nth, mine in enumerate(notes)
    )


def _check_comparable(scores: Sequence[Score]) -> None:
    """Raise UsageError when one was measured in another way."""
    compared: dict[str, set[Any]] = {
        _("the versions of the contracts differ"): {one.tender.contracts for one in scores},
        _("the weights differ"): {tuple(sorted(one.tender.weights.items())) for one in scores},
        _("the rules differ: requirements, thresholds or weights"): {one.tender.rules_digest for one in scores},
        _("the editions of Passerelle differ"): {one.software for one in scores},
        _("the languages differ"): {one.language for one in scores},
    }
    for difference, states in compared.items():
        # Contracts come first, and the first difference is enough: the others mostly follow from it.
        if len(states) > 1:
            raise UsageError("usage.scores.incomparable", difference=difference)


def _compare_bidder(score: Score, place: int) -> ComparedBidder:
    found = [one for one in score.results if one.verdict in (BidVerdict.FAILED, BidVerdict.RESERVED) and one.cost]
    found.sort(key=lambda one: (-one.cost, one.id))
    unseen = [one.cost for one in score.results if one.verdict is BidVerdict.UNSEEN]
    return ComparedBidder(
        name=_name_bidder(score, place),
        product=score.product,
        digest=score.digest,
        note=score.note,
        gate=score.gate,
        domains=score.domains,
        given=tuple(
            GiveBack(
                contract=one.contract,
                title=one.title,
                records=one.taken,
                asked=len(one.asked),
                shown=len(set(one.asked) & set(one.filled)),
                missing=tuple(name for name in one.asked if name not in one.filled),
                lost=one.lost,
                is_shown=one.taken > 0,
            )
            for one in score.coverage
        ),
        gaps=tuple(
            CostlyGap(id=one.id, title=one.title, verdict=one.verdict, cost=one.cost, remedy=one.remedy)
            for one in found[:GAPS]
        ),
        gap_cost=round(sum((one.cost for one in found), 0.0), 1),
        unseen_cost=round(sum(unseen, 0.0), 1),
        offered=score.prices,
    )


def _compare_requirement(nth: int, scores: Sequence[Score]) -> ComparedRequirement:
    results = [one.results[nth] for one in scores]
    first = results[0]
    return ComparedRequirement(
        id=first.id,
        chapter=first.chapter,
        title=first.title,
        level=first.level.value,
        domain=first.domain,
        weight=first.weight,
        verdicts=tuple(one.verdict for one in results),
        costs=tuple(one.cost for one in results),
    )


def _find_shared_files(scores: Sequence[Score]) -> Iterator[str]:
    """Yield a sentence for each two bidders whose samples have files in common."""
    owners: dict[str, str] = {}
    shared: Counter[tuple[str, str]] = Counter()
    for place, score in enumerate(scores, start=1):
        name = _name_bidder(score, place)
        for digest in dict.fromkeys(sample.digest for sample in score.samples):
            if owners.setdefault(digest, name) != name:
                shared[owners[digest], name] += 1
    for (one, other), number in shared.items():
        sentence = translate_plural(
            "«{one}» and «{other}» handed in the same file.",
            "«{one}» and «{other}» handed in {count} files that are the same.",
            number,
        )
        yield sentence.format(one=one, other=other, count=format_count(number))
