"""Scoring from beginning to end: samples go down the real path once, and every requirement gets its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from passerelle.engine.file_check import check
from passerelle.engine.plans import get_plan
from passerelle.tender.consultation import METHOD, changed_contracts
from passerelle.tender.scoring import noting, score_labels
from passerelle.tender.scoring.causes import causes
from passerelle.tender.scoring.extent import coverage
from passerelle.tender.scoring.gathering import Gatherer, spots_of
from passerelle.tender.scoring.measuring import measured
from passerelle.tender.scoring.reading import Reader, digest_of_file, opened, reader_of
from passerelle.tender.scoring.returning import Returning
from passerelle.tender.scoring.scorecard import Reply, Result, Sample, Score, Tender, Waiver
from passerelle.tender.scoring.suspecting import suspicions
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.outcomes import Fate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.engine.file_check import CheckReport
    from passerelle.stages.translate.drift import Drift
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.requirement import Requirement
    from passerelle.tender.scoring.trail import Blame
    from passerelle.vocabulary.parcels import Records, TextTable

Step = Callable[[str, int, int, int], None]
"""`step(name, rows, bytes_done, bytes_total)`, for the progress bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one bidder hands in, and what is known of it."""

    samples: Sequence[Path]
    readers: Sequence[Reader] = ()
    bidder: str = ""
    product: str = ""
    date: str = ""
    """Day of the score; that of the tender when it is empty, so that the same inputs give the same bytes."""
    command: str = ""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    shapes: bool = False
    """Whether causes may tell the shape (`Aaaaa-99`) of the values that are wrong."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, and where every anomaly stands that counts against a requirement."""

    score: Score
    consultation: Consultation
    _gathered: Gatherer
    _counting: Mapping[Blame, tuple[str, ...]]

    def places(self) -> Iterator[tuple[str, Blame, int]]:
        """Give requirement, cause and line of every anomaly, in the order of the samples."""
        return spots_of(self._gathered.trail, self._counting)

    def close(self) -> None:
        """Let the places go."""
        self._gathered.trail.close()


def score(consultation: Consultation, entry: Entry, *, step: Step = lambda *_told: None) -> Scored:
    """Score what a bidder hands in, in the language of the tender.

    Raises UsageError when the tender asks for other editions of contracts, or a sample is in no known layout;
    ParcelError when a sample cannot be read as its connector declares.
    """
    if others := changed_contracts(consultation.contracts):
        raise UsageError("usage.tender.other_contracts", contracts=", ".join(others))
    scoring = _Scoring(consultation, entry)
    with score_labels.spoken(consultation.language):
        try:
            return scoring.run(step)
        except BaseException:
            scoring.close()
            raise


class _Scoring:
    def __init__(self, consultation: Consultation, entry: Entry) -> None:
        self._consultation = consultation
        self._entry = entry
        self._gathered = Gatherer(consultation)
        self._returning = Returning(self._gathered.trail)
        self._counting: dict[Blame, list[str]] = {}
        self._drifts: list[tuple[str, Drift]] = []

    def close(self) -> None:
        """Let go of what was gathered, when it comes to nothing."""
        self._gathered.trail.close()

    def run(self, step: Step) -> Scored:
        samples = tuple(self._sample(path, step) for path in self._entry.samples)
        self._gathered.end()
        files = [one.name for one in samples]
        results = tuple(self._result(one, files) for one in self._consultation.requirements)
        results = _priced(results)
        made = Score(
            language=self._consultation.language,
            date=self._entry.date or self._consultation.date,
            software=f"passerelle-social {version('passerelle-social')}, method {METHOD}",
            bidder=self._entry.bidder,
            product=self._entry.product,
            command=self._entry.command,
            tender=_tender(self._consultation),
            samples=samples,
            note=noting.note(results),
            gate=noting.gate(results),
            domains=noting.domains(results),
            results=results,
            coverage=coverage(self._consultation, self._gathered, self._returning.found),
            suspicions=suspicions(self._gathered, samples, self._drifts),
            waivers=tuple(self._entry.waivers),
        )
        return Scored(
            made, self._consultation, self._gathered, {blame: tuple(some) for blame, some in self._counting.items()}
        )

    def _sample(self, path: Path, step: Step) -> Sample:
        wanted = [pinned.id for pinned in self._consultation.contracts]
        is_alone = len(self._entry.samples) == 1
        reader = reader_of(path, self._entry.readers, wanted, is_alone=is_alone)
        digest, size = digest_of_file(path)
        gathered, returning = self._gathered, self._returning
        gathered.begin(get_plan(reader.supplier, reader.connector))
        returning.begin(reader)

        def see(records: Records, table: TextTable) -> None:
            gathered.see(records, table)
            returning.see(records, table)

        with opened(path) as stream:
            report = check(
                stream,
                reader.supplier,
                reader.connector,
                progress=lambda rows, consumed: step(path.name, rows, consumed, size),
                on_records=see,
                on_ledger=gathered.hear,
            )
        return self._told(path, digest, size, reader, report)

    def _told(self, path: Path, digest: str, size: int, reader: Reader, report: CheckReport) -> Sample:
        self._drifts += [(path.name, drift) for drift in report.drift.values()]
        columns = self._gathered.columns[-1]
        fates = report.balance.fates
        return Sample(
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

    def _result(self, requirement: Requirement, files: Sequence[str]) -> Result:
        found = measured(requirement, self._gathered, self._returning.found)
        reply = self._entry.replies.get(requirement.id)
        judgement = noting.judged(requirement, found, reply)
        for blame in found.blames:
            self._counting.setdefault(blame, []).append(requirement.id)
        waiver = {one.requirement: one for one in self._entry.waivers}.get(requirement.id)
        language = self._consultation.language
        return Result(
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
            causes=causes(self._gathered.trail, found.blames, files, shapes=self._entry.shapes),
            reply=reply,
            gap=noting.gap(judgement, requirement, reply),
            cost=0.0,
            remedy=requirement.remedy.of(language),
        )


def _priced(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """Say what each requirement costs: the points, out of 100, that it does not surely bring."""
    total = sum(one.weight for one in results if one.verdict in noting.COUNTED)
    return tuple(replace(one, cost=_cost(one, total)) for one in results)


def _cost(result: Result, total: int) -> float:
    if result.verdict not in noting.COUNTED or not total:
        return 0.0
    sure, _best = noting.bounds(result.weight, result.verdict, result.satisfaction)
    return round(100 * (result.weight - sure) / total, 2)


def _tender(consultation: Consultation) -> Tender:
    return Tender(
        id=consultation.id,
        title=consultation.title,
        buyer=consultation.buyer,
        date=consultation.date,
        rules_digest=consultation.rules_digest,
        contracts=consultation.contracts,
        weights=dict(consultation.weights),
    )
