"""Sentences, groups and lists of a score that several forms show."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Protocol, TypeVar

from passerelle.contracts.catalogue import catalogue
from passerelle.tender.questions import list_chapters
from passerelle.tender.requirement import Level, Measure
from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.formatting import format_count, format_labelled, format_measured_share
from passerelle.vocabulary.language import _, get_current, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from passerelle.tender.scoring.scorecard import AnomalyCause, RequirementResult, SampleDoubt, Score

FEW = 3
"""So many numbers in a row are listed one by one."""
COSTLY = 3
"""How many of the most costly gaps are shown first."""


def write_doubt(doubt: SampleDoubt) -> str:
    """Write a plausibility doubt: what was seen, on which share of the records, and how sure one can be."""
    sure = _("each of them shows it by itself") if doubt.is_sure else _("only all of them together show it")
    seen = _("{share} of {checked} records that were looked at; {sure}.").format(
        share=format_measured_share(doubt.share), checked=format_count(doubt.checked), sure=sure
    )
    level = _(score_labels.LEVELS[doubt.level])
    record = score_labels.get_record_title(doubt.contract)
    title = record if doubt.cause.title == record else f"{record}, {doubt.cause.title}"
    return format_labelled(f"{title} ({level})", f"{doubt.cause.finding} {seen}")


def write_title(score: Score) -> str:
    """Return the name of the bidder, as far as it is known."""
    return " – ".join(filter(None, (score.bidder, score.product))) or _("Bidder not named")


def write_conclusion(score: Score) -> list[str]:
    """Return three sentences: the gate, the note, what was not shown."""
    counts = Counter(one.verdict for one in score.results)
    counted = sum(counts[one] for one in (BidVerdict.MET, BidVerdict.RESERVED, BidVerdict.FAILED, BidVerdict.UNSEEN))
    sentence = _(
        "Of {count} requirements that apply, {met} are met, {reserved} with reservations, {failed} are not met."
    )
    figures = {name: format_count(counts[BidVerdict(name)]) for name in ("met", "reserved", "failed")}
    if unseen := counts[BidVerdict.UNSEEN]:
        shown = translate_plural(
            "{count} requirement was not shown by what was handed in; the interval says what it may bring.",
            "{count} requirements were not shown by what was handed in; the interval says what they may bring.",
            unseen,
        ).format(count=format_count(unseen), all=format_count(counted))
    else:
        shown = _("Everything that applies could be evaluated.")
    return [sentence.format(count=format_count(counted), **figures), _conclude_primordial(score), shown]


def _conclude_primordial(score: Score) -> str:
    failed = [one.id for one in score.results if one.level is Level.P and one.verdict is BidVerdict.FAILED]
    if not failed:
        # Never only «nothing failed»: the same sentence says how much was not shown.
        unseen = score.gate.get(BidVerdict.UNSEEN, 0)
        if not unseen:
            return _("No primordial requirement was found not to be met.")
        words = translate_plural(
            "No primordial requirement was found not to be met; {count} was not shown.",
            "No primordial requirement was found not to be met; {count} were not shown.",
            unseen,
        )
        return words.format(count=format_count(unseen))
    sentence = translate_plural(
        "{count} primordial requirement is not met: {ids}.",
        "{count} primordial requirements are not met: {ids}.",
        len(failed),
    )
    return sentence.format(count=format_count(len(failed)), ids=shorten_names(failed))


def shorten_names(names: list[str], most: int = 6) -> str:
    """List names, the first few, and how many there are besides."""
    rest = len(names) - most
    shown = ", ".join(names[:most])
    if rest <= 0:
        return shown
    return f"{shown} {translate_plural('and {count} more', 'and {count} more', rest).format(count=format_count(rest))}"


def write_gate(score: Score) -> str:
    """Write the gate: `31 met, 0 not met, 1 not evaluated`."""
    return write_counts(score.gate)


def write_counts(numbers: Mapping[str, int]) -> str:
    """Write how many requirements have each verdict; the three that matter most, also where there is none."""
    always = (BidVerdict.MET, BidVerdict.FAILED, BidVerdict.UNSEEN)
    parts = [(one, numbers.get(one.value, 0)) for one in BidVerdict]
    return ", ".join(score_labels.count_verdicts(one, number) for one, number in parts if number or one in always)


def list_costly(score: Score, most: int = COSTLY) -> list[RequirementResult]:
    """Return the most costly results that are not met: the first to correct."""
    wrong = [one for one in score.results if one.verdict in (BidVerdict.FAILED, BidVerdict.RESERVED) and one.cost]
    return sorted(wrong, key=lambda one: (one.verdict is not BidVerdict.FAILED, -one.cost, one.id))[:most]


class _ChapterRow(Protocol):
    """A row of the grid, which belongs to a chapter."""

    @property
    def chapter(self) -> str:
        """Name the chapter by its key."""
        ...


_Row = TypeVar("_Row", bound=_ChapterRow)


def group_by_chapter(lines: Iterable[_Row]) -> dict[str, list[_Row]]:
    """Group lines of the grid under the title of their chapter, in their order."""
    names = {chapter.key: chapter.title.of(get_current()) for chapter in list_chapters()}
    names |= {one.about.family: score_labels.get_record_title(one.about.id) for one in catalogue().values()}
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for one in lines:
        groups[names.get(one.chapter, one.chapter)].append(one)
    return dict(groups)


def group_causes(score: Score) -> list[tuple[AnomalyCause, list[str]]]:
    """Return each cause once, with the requirements that it counts against; the most frequent first."""
    found: dict[AnomalyCause, list[str]] = {}
    for result in score.results:
        for cause in result.causes:
            found.setdefault(cause, []).append(result.id)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), -pair[0].count, pair[0].title))


def iter_requests(score: Score) -> Iterator[tuple[str, list[RequirementResult]]]:
    """Group what was not shown by why, as a request for more: what can be measured first."""
    groups: defaultdict[str, list[RequirementResult]] = defaultdict(list)
    for one in score.results:
        if one.verdict is BidVerdict.UNSEEN and one.measure is not Measure.ANSWER:
            groups[one.why].append(one)
    yield from sorted(groups.items(), key=lambda pair: -len(pair[1]))
    if answers := [one for one in score.results if one.verdict is BidVerdict.UNSEEN and one.measure is Measure.ANSWER]:
        yield _("Only the answer grid and the documents of the bidder can show these."), answers


def write_spans(results: Sequence[RequirementResult]) -> str:
    """Write numbers of requirements; many that share their letters as the first, the last and how many there are."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for one in results:
        groups[one.id.rpartition("-")[0]].append(one.id)
    spans = (
        ", ".join(names) if len(names) <= FEW else f"{names[0]} … {names[-1]} ({format_count(len(names))})"
        for names in groups.values()
    )
    return ", ".join(spans)


def write_fields(contract: str, names: tuple[str, ...]) -> str:
    """Write fields by their titles, which may hold commas; a dash for none."""
    return " · ".join(score_labels.get_field_title(contract, name) for name in names) or "–"


def find_support(score: Score) -> Mapping[str, str]:
    """Return until when each contract is supported, as far as this edition knows; empty while it is the latest."""
    known = catalogue()
    return {one.id: known[one.id].about.support_until for one in score.tender.contracts if one.id in known}


def write_method() -> list[str]:
    """Return the sentences on how it was scored."""
    return [
        _(
            "The sample went down the same path as in production, once, without delivery. A requirement is satisfied "
            "from its green threshold on, not at all below the red one, in proportion in between. Evidence that is "
            "only declared counts half. What nothing showed counts for nothing in the lower bound and in full in the "
            "upper one. Waived and not applicable requirements leave the note."
        ),
        _(
            "With few values and no anomaly, the true rate may still be high: the reach says how high (exact upper "
            "bound, one-sided, 95 %). Fewer than five values without an anomaly are not evaluated."
        ),
        _("The bidder can run the same free kit on the same files, get the same digest, and contest any line."),
    ]


def write_request() -> str:
    """Return the sentence that introduces the request for more."""
    return _(
        "What was handed in could not show what follows. A longer sample, or one with these data, would narrow the "
        "interval."
    )
