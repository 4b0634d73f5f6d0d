"""Scores a bid: runs its samples through the real pipeline once and gives every requirement its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from passerelle.engine.path.plans import get_plan
from passerelle.engine.rehearsal.file_check import check
from passerelle.stages.translate.localising import move_table
from passerelle.tender.consultation import METHOD, list_changed_contracts
from passerelle.tender.scoring import contract_form, noting, score_labels
from passerelle.tender.scoring.causes import describe_causes
from passerelle.tender.scoring.extent import measure_coverage
from passerelle.tender.scoring.gathering import Gatherer, iter_places
from passerelle.tender.scoring.measuring import measure_requirement
from passerelle.tender.scoring.picturing import draw_sample, map_fill
from passerelle.tender.scoring.plausibility.listing import list_doubts
from passerelle.tender.scoring.reading import SampleFile, SampleReader, choose_reader, compute_digest, open_sample
from passerelle.tender.scoring.round_trip import RoundTrip
from passerelle.tender.scoring.scorecard import (
    BidReply,
    BuyerFinding,
    RequirementResult,
    Score,
    ScoredSample,
    ScoredTender,
    Waiver,
)
from passerelle.tender.scoring.suspecting import list_suspicions
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.locality import NOWHERE, Locality
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.rehearsal.file_check import CheckReport
    from passerelle.stages.translate.drift import Drift
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.requirement import Requirement
    from passerelle.tender.scoring.offered_prices import OfferedPrices
    from passerelle.tender.scoring.trail import AnomalyGroup
    from passerelle.vocabulary.parcels import Records, TextTable

Step = Callable[[str, int, int, int], None]
"""`step(name, rows, bytes_done, bytes_total)`, for the progress bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidEntry:
    """The samples of one bidder, with its answers and the buyer's decisions."""

    samples: Sequence[SampleFile]
    readers: Sequence[SampleReader] = ()
    bidder: str = ""
    product: str = ""
    locality: Locality = NOWHERE
    """Where the bidder's software is at home, where its connector does not say it."""
    date: str = ""
    """Day of the score; that of the tender when it is empty, so that the same inputs give the same bytes."""
    command: str = ""
    replies: Mapping[str, BidReply] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    """Requirements on the grid that was handed in, whose silence counts; empty: all of the tender."""
    waivers: Sequence[Waiver] = ()
    findings: Mapping[str, BuyerFinding] = field(default_factory=dict)
    """What the buyer noted about requirements that no sample decides."""
    prices: OfferedPrices | None = None
    """What the bidder wrote into the price schedule."""
    shapes: bool = False
    """Whether causes may tell the shape (`Aaaaa-99`) of the values that are wrong."""


@dataclass(frozen=True, slots=True)
class ScoredBid:
    """A score, with the places of every anomaly that counts against a requirement."""

    score: Score
    consultation: Consultation
    _gathered: Gatherer
    _counting: Mapping[AnomalyGroup, tuple[str, ...]]

    def iter_places(self) -> Iterator[tuple[str, AnomalyGroup, int]]:
        """Yield requirement, anomaly and line, in the order of the samples."""
        return iter_places(self._gathered.trail, self._counting)

    def close(self) -> None:
        """Delete the temporary file of places."""
        self._gathered.trail.close()


def score_bid(consultation: Consultation, entry: BidEntry, *, step: Step = lambda *_describe_sample: None) -> ScoredBid:
    """Score the samples of a bidder, in the language of the tender.

    Raises UsageError when the tender asks for other editions of contracts, or a sample is in no known layout;
    ParcelError when a sample cannot be read as its connector declares.
    """
    if others := list_changed_contracts(consultation.contracts):
        raise UsageError("usage.tender.other_contracts", contracts=", ".join(others))
    scoring = _BidScoring(consultation, entry)
    # Texts of a score are part of its digest: they follow the tender, not the reader.
    with score_labels.speak_language(consultation.language):
        try:
            return scoring.run(step)
        # Also on Ctrl-C: the places lie in a temporary file.
        except BaseException:
            scoring.close()
            raise


class _BidScoring:
    def __init__(self, consultation: Consultation, entry: BidEntry) -> None:
        self._consultation = consultation
        self._entry = entry
        self._gathered = Gatherer(consultation)
        self._round_trip = RoundTrip(self._gathered.trail)
        self._counting: dict[AnomalyGroup, list[str]] = {}
        self._drifts: list[tuple[str, Drift]] = []

    def close(self) -> None:
        """Delete the temporary file of places after a failure."""
        self._gathered.trail.close()

    def run(self, step: Step) -> ScoredBid:
        samples = tuple(self._score_sample(path, step) for path in self._entry.samples)
        self._gathered.end()
        files = [one.name for one in samples]
        asked = self._consultation
        results = _add_costs(tuple(self._judge_requirement(one, files) for one in asked.requirements))
        score_made = Score(
            language=asked.language,
            date=self._entry.date or asked.date,
            software=f"passerelle-social {version('passerelle-social')}, method {METHOD}",
            bidder=self._entry.bidder,
            product=self._entry.product,
            command=self._entry.command,
            tender=ScoredTender(
                id=asked.id,
                title=asked.title,
                buyer=asked.buyer,
                date=asked.date,
                rules_digest=asked.rules_digest,
                contracts=asked.contracts,
                weights=dict(asked.weights),
                member=asked.member,
            ),
            samples=samples,
            note=noting.compute_note(results),
            gate=noting.count_gate(results),
            domains=noting.compute_domains(results),
            results=results,
            coverage=measure_coverage(asked, self._gathered, self._round_trip.found),
            suspicions=list_suspicions(self._gathered, samples, self._drifts),
            doubts=list_doubts(self._gathered.frames, self._gathered.trail, asked.plausibility, files),
            waivers=tuple(self._entry.waivers),
            pictures=draw_sample(self._gathered.frames),
            filled=map_fill(self._gathered.frames, asked),
            prices=self._entry.prices,
        )
        counting = {group: tuple(requirements) for group, requirements in self._counting.items()}
        return ScoredBid(score_made, asked, self._gathered, counting)

    def _score_sample(self, path: SampleFile, step: Step) -> ScoredSample:
        wanted = [pinned.id for pinned in self._consultation.contracts]
        is_alone = len(self._entry.samples) == 1
        reader = choose_reader(path, self._entry.readers, wanted, is_alone=is_alone)
        digest, size = compute_digest(path)
        gathered, returning, locality = self._gathered, self._round_trip, self._entry.locality
        if locality != NOWHERE:
            # written back as it was read: in the same zone, with the numbers of the same country
            tables = tuple(move_table(table, locality) for table in reader.connector.tables)
            reader = replace(reader, connector=replace(reader.connector, tables=tables))
        gathered.begin(get_plan(reader.supplier, reader.connector))
        returning.begin(reader)

        def see(records: Records, table: TextTable) -> None:
            gathered.observe(records, table)
            returning.observe(records, table)

        with open_sample(path) as stream:
            report = check(
                stream,
                reader.supplier,
                reader.connector,
                locality=locality,
                name=path.name,
                progress=lambda rows, consumed: step(path.name, rows, consumed, size),
                on_records=see,
                on_ledger=gathered.record_ledger,
            )
        return self._describe_sample(path, digest, size, reader, report)

    def _describe_sample(
        self, path: SampleFile, digest: str, size: int, reader: SampleReader, report: CheckReport
    ) -> ScoredSample:
        self._drifts += [(path.name, _name_renamed(drift, member, reader)) for member, drift in report.drift.items()]
        columns = self._gathered.columns[-1]
        fates = report.balance.fates
        return ScoredSample(
            name=path.name,
            digest=digest,
            size=size,
            rows=report.rows,
            connector=reader.connector.id,
            connector_version=reader.version,
            accepted=fates.get(Fate.DELIVERED, 0),
            aside=fates.get(Fate.REJECTED, 0) + fates.get(Fate.UNREADABLE, 0),
            withheld=fates.get(Fate.WITHHELD, 0),
            outside=tuple(sorted(columns.outside)),
            numbered=tuple(sorted(columns.numbered)),
        )

    def _find_reply(self, identifier: str) -> BidReply | None:
        # A row that is no longer in the grid that was handed in is one that was left empty.
        is_asked = not self._entry.asked or identifier in self._entry.asked
        silence = BidReply(response=None) if self._entry.replies and is_asked else None
        return self._entry.replies.get(identifier, silence)

    def _judge_requirement(self, requirement: Requirement, files: Sequence[str]) -> RequirementResult:
        found = measure_requirement(requirement, self._gathered, self._round_trip.found)
        reply = self._find_reply(requirement.id)
        judgement = noting.judge_requirement(requirement, found, reply)
        finding = self._entry.findings.get(requirement.id)
        if finding is not None:
            judgement = noting.apply_finding(judgement, requirement, finding, four_eyes=self._consultation.four_eyes)
        for group in found.groups:
            self._counting.setdefault(group, []).append(requirement.id)
        waiver = {one.requirement: one for one in self._entry.waivers}.get(requirement.id)
        language = self._consultation.language
        return RequirementResult(
            id=requirement.id,
            level=requirement.level,
            chapter=requirement.chapter,
            domain=requirement.domain,
            measure=requirement.measure,
            contract=requirement.contract,
            field=requirement.field,
            weight=requirement.weight,
            title=requirement.title.of(language),
            statement=requirement.statement.of(language),
            verdict=waiver.verdict if waiver else judgement.verdict,
            satisfaction=None if judgement.satisfaction is None else round(judgement.satisfaction, 4),
            checked=found.checked,
            held=found.held,
            unit=found.unit,
            reach=judgement.reach,
            why=waiver.reason if waiver else judgement.why,
            causes=describe_causes(self._gathered.trail, found.groups, files, shapes=self._entry.shapes),
            reply=reply,
            finding=finding,
            gap=noting.describe_gap(judgement, requirement, reply),
            cost=0.0,
            remedy=requirement.remedy.of(language) or noting.write_remedy(requirement, judgement, reply),
        )


def _name_renamed(drift: Drift, member: str, reader: SampleReader) -> Drift:
    """Return a drift with the renamings of a filled-in template: its connector reads only what is there."""
    if reader.connector.id != contract_form.ID or not drift.unknown:
        return drift
    renamed = [
        pair
        for table in reader.connector.tables
        if table.member == member
        for pair in contract_form.list_renamed(table, drift.unknown)
    ]
    return replace(drift, renamed=tuple(renamed))


def _add_costs(results: tuple[RequirementResult, ...]) -> tuple[RequirementResult, ...]:
    """Return results with their cost: the points, out of 100, that a requirement does not surely bring."""
    total = sum(one.weight for one in results if one.verdict in noting.COUNTED)
    priced = []
    for result in results:
        cost = 0.0
        if result.verdict in noting.COUNTED and total:
            sure, _best = noting.compute_bounds(result.weight, result.verdict, result.satisfaction)
            # Hundreds of them are added up: rounded to what is shown, their sum would miss the note by some tenths.
            cost = round(100 * (result.weight - sure) / total, 4)
        priced.append(replace(result, cost=cost))
    return tuple(priced)
