"""The score of a bidder as data: `passerelle.score/3`. Every other form is drawn from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path  # noqa: TC003  pydantic reads the annotations
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from passerelle.tender.consultation import PinnedContract, compute_digest
from passerelle.tender.requirement import Level, Measure  # noqa: TC001  the same
from passerelle.tender.scoring.offered_prices import OfferedPrices  # noqa: TC001  the same
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

SCHEMA = "passerelle.score/3"
FILE = "score.json"
_CLOSED = ConfigDict(extra="forbid")


class BidVerdict(StrEnum):
    """What the sample says of one requirement."""

    MET = "met"
    """Conforme."""
    RESERVED = "reserved"
    """Conforme avec réserve: between the two thresholds, or declared only."""
    FAILED = "failed"
    """Non conforme."""
    UNSEEN = "unseen"
    """Non évalué: nothing in the sample could show it."""
    VOID = "void"
    """Sans objet."""
    WAIVED = "waived"
    """Dérogation: the buyer accepts it as it is."""


class BidResponse(StrEnum):
    """What a bidder answers to one requirement."""

    STANDARD = "ST"
    SETTING = "PA"
    DEVELOPMENT = "DS"
    NOT_COVERED = "SP"
    IMPOSSIBLE = "HP"


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True)
class AnomalyPlace:
    """Place of an anomaly: the line as a spreadsheet shows it."""

    file: str
    line: int
    member: str = ""
    column: str = ""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyCause:
    """One cause of anomalies, however frequent, in five short parts."""

    code: str
    title: str
    finding: str
    expected: str
    consequence: str
    advice: str
    concerns: str
    refuses: bool
    """Whether it costs records."""
    count: int
    places: tuple[AnomalyPlace, ...]
    """The first ones."""

    @property
    def more(self) -> int:
        """Count the places that are not listed."""
        return max(self.count - len(self.places), 0)


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class BidReply:
    """The bidder's own answer, as read from the grid."""

    response: BidResponse | None
    commitment: str = ""
    """Day by which it will be done."""
    reference: str = ""
    """Where in the offer it is argued."""
    equivalence: str = ""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerNote:
    """What one person of the buyer's noted, from 0 to 4."""

    note: int
    comment: str = ""
    who: str
    day: str


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerFinding:
    """The buyer's own finding about a requirement that no sample decides."""

    kind: str
    """What it rests on: `demonstration`, `document`, `reference`, `visit`, `interview`."""
    evidence: str
    """Which one: a page, a recording, who was called."""
    first: BuyerNote
    second: BuyerNote | None = None


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """One requirement: what was asked, and what was found."""

    id: str
    level: Level
    chapter: str
    domain: str
    measure: Measure
    contract: str
    field: str
    weight: int
    title: str
    statement: str
    verdict: BidVerdict
    satisfaction: float | None
    """From 0 to 1; None when nothing was shown, or nothing was asked."""
    checked: int
    """How many were looked at."""
    held: int
    """How many were as they should be."""
    unit: str
    """What is counted: `records`, `values`, `columns`, `days`, `asked`; empty when nothing is."""
    reach: float | None
    """Rate of anomalies that the sample does not rule out (95 %, one-sided, exact)."""
    why: str
    causes: tuple[AnomalyCause, ...]
    reply: BidReply | None
    finding: BuyerFinding | None = None
    """What the buyer noted, whether it counts or not."""
    gap: str
    """What differs between the answer and the fact."""
    cost: float
    """Points of the note that are not proved, out of 100."""
    remedy: str

    @property
    def anomalies(self) -> int:
        """Count what was not as it should be."""
        return self.checked - self.held


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True)
class ScoreNote:
    """What is proved, and what would be reached if all that was not shown were met. Out of 100."""

    floor: float
    ceiling: float
    weight: int
    """Sum of the weights that count."""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True)
class DomainNote:
    """The part of the note that one domain makes."""

    domain: str
    note: ScoreNote
    requirements: int
    unseen: int


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSample:
    """One file, as it was handed in."""

    name: str
    digest: str
    size: int
    rows: int
    connector: str
    connector_version: str
    accepted: int
    aside: int
    withheld: int
    outside: tuple[str, ...]
    """Columns that hold something and that no contract field carries."""
    numbered: tuple[str, ...]
    """Those among them whose cells look like social security numbers."""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCoverage:
    """What the samples show of one contract."""

    contract: str
    version: str
    title: str
    taken: int
    rejected: int
    first_day: str
    last_day: str
    asked: tuple[str, ...]
    filled: tuple[str, ...]
    """Fields with at least one value, asked for or not."""
    empty: tuple[str, ...]
    """Asked for; there is a column, and it is always empty."""
    absent: tuple[str, ...]
    """Asked for; the sample has no column for it."""
    fields: int
    """How many fields the contract has."""
    returned: int
    """Records that came back equal from export and import, out of `tried`."""
    tried: int
    lost: tuple[str, ...]
    """Fields that did not come back."""
    personal: tuple[tuple[str, str, str], ...]
    """Filled fields that are about somebody: name, whose data, sensitivity."""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDoubt:
    """Something in the samples that is hard to believe: to be asked about, never counted in the note."""

    level: Level
    """How much the buyer wants to know of it."""
    contract: str
    field: str
    """Empty when whole records show it."""
    checked: int
    share: float
    """Records that show it, out of `checked`."""
    is_sure: bool
    """Whether each record shows it by itself; else only all of them together do."""
    cause: AnomalyCause


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePicture:
    """Figures of the samples to be drawn as bars: one row of `rows` for each of `names`, one figure for each label."""

    key: str
    """`hours`, `minutes` (of the day and of the hour at which visits start), `months` (hours of visits)."""
    labels: tuple[str, ...]
    names: tuple[str, ...]
    """`planned`, `stamped`, `retained`, `billed`."""
    rows: tuple[tuple[float, ...], ...]


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class FilledMonths:
    """Share of the fields asked for that are filled, by contract and month; None where a month has no record."""

    months: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[float | None, ...]], ...] = ()


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A decision of the buyer about one requirement."""

    requirement: str
    verdict: BidVerdict
    """WAIVED or VOID."""
    reason: str
    who: str
    day: str


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredTender:
    """Against what it was scored."""

    id: str
    title: str
    buyer: str
    date: str
    rules_digest: str
    contracts: tuple[PinnedContract, ...]
    weights: dict[str, int]
    member: str = ""
    """Of a federation's tender: whose needs were scored."""


@with_config(_CLOSED)
@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """All that is said of one bidder."""

    language: str
    date: str
    software: str
    """Version of Passerelle."""
    bidder: str
    product: str
    command: str
    tender: ScoredTender
    samples: tuple[ScoredSample, ...]
    note: ScoreNote
    gate: dict[str, int]
    """Of the requirements of level P: how many have each verdict."""
    domains: tuple[DomainNote, ...]
    results: tuple[RequirementResult, ...]
    coverage: tuple[SampleCoverage, ...]
    suspicions: tuple[str, ...]
    doubts: tuple[SampleDoubt, ...]
    waivers: tuple[Waiver, ...]
    pictures: tuple[SamplePicture, ...] = ()
    filled: FilledMonths = FilledMonths()
    prices: OfferedPrices | None = None
    """As the bidder filled in the schedule of the grid; None when it did not."""

    @property
    def digest(self) -> str:
        """SHA-256 of the whole score; printed at the foot of every form."""
        return compute_digest(asdict(self))

    def find_result(self, identifier: str) -> RequirementResult:
        """Return the result of a requirement. Raises KeyError."""
        return {one.id: one for one in self.results}[identifier]


@cache
def _get_adapter() -> TypeAdapter[Score]:
    return TypeAdapter(Score)


def make_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `score.json`."""
    written = _get_adapter().json_schema()
    extra = {"schema": {"const": SCHEMA}, "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:passerelle:score:3",
        **written,
        "properties": {**extra, **written["properties"]},
        "required": [*extra, *written["required"]],
    }


def write(score: Score) -> bytes:
    """Write `score.json`. The same score always gives the same bytes."""
    content = {"schema": SCHEMA, "digest": score.digest, **asdict(score)}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def read(path: Path) -> Score:
    """Read a score from its file or the folder that holds it.

    Raises UsageError when it is not there, is not one, or was changed after it was written.
    """
    file = path / FILE if path.is_dir() else path
    try:
        raw = json.loads(file.read_bytes())
    except (OSError, ValueError):
        raise _make_unreadable(path, _("it is not a JSON file that can be read")) from None
    if not isinstance(raw, dict) or raw.pop("schema", None) != SCHEMA:
        raise _make_unreadable(path, _("it is not of the form {schema}").format(schema=SCHEMA))
    claimed = raw.pop("digest", None)
    try:
        score = _get_adapter().validate_json(json.dumps(raw))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise _make_unreadable(path, _("«{key}» is not what it must be").format(key=place)) from None
    # A score travels between bidder and buyer: it must not be edited on the way.
    if score.digest != claimed:
        raise _make_unreadable(path, _("it was changed after it was written"))
    return score


def _make_unreadable(path: Path, defect: str) -> UsageError:
    return UsageError("usage.score.unreadable", file=path.name, defect=defect)
