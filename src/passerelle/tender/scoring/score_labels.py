"""Labels in every form of a score: verdicts, levels, domains, units, places."""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.tender import bilingual_texts
from passerelle.tender.requirement import Level
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import (
    NO_BREAK,
    format_count,
    format_day,
    format_labelled,
    format_measured_share,
    format_number,
)
from passerelle.vocabulary.language import N_, _, get_current, set_language, translate_plural
from passerelle.vocabulary.reasons import Concerns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.tender.scoring.scorecard import AnomalyCause, BuyerFinding, RequirementResult, ScoreNote

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        BidVerdict.MET: N_("met"),
        BidVerdict.RESERVED: N_("met with reservations"),
        BidVerdict.FAILED: N_("not met"),
        BidVerdict.UNSEEN: N_("not evaluated"),
        BidVerdict.VOID: N_("not applicable"),
        BidVerdict.WAIVED: N_("waived"),
    },
)
MARKS: Mapping[str, str] = MappingProxyType(
    {
        BidVerdict.MET: "✓",
        BidVerdict.RESERVED: "≈",
        BidVerdict.FAILED: "✗",
        BidVerdict.UNSEEN: "?",
        BidVerdict.VOID: "–",
        BidVerdict.WAIVED: "D",
    },
)
"""A sign beside the word: nothing is told by colour alone."""
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        BidVerdict.MET: "#1b6e3c",
        BidVerdict.RESERVED: "#8a5a00",
        BidVerdict.FAILED: "#a3201d",
        BidVerdict.UNSEEN: "#51606f",
        BidVerdict.VOID: "#51606f",
        BidVerdict.WAIVED: "#5b3f8c",
    },
)
"""Of texts on white, each with a contrast above 5:1."""
TINTS: Mapping[str, str] = MappingProxyType(
    {
        BidVerdict.MET: "#d9efe0",
        BidVerdict.RESERVED: "#fbe9c6",
        BidVerdict.FAILED: "#f8d9d6",
        BidVerdict.UNSEEN: "#e6eaee",
        BidVerdict.VOID: "#f4f6f8",
        BidVerdict.WAIVED: "#e6def2",
    },
)
LEVELS: Mapping[str, str] = MappingProxyType(
    {Level.P: N_("primordial"), Level.I: N_("important"), Level.S: N_("desirable")},
)
DOMAINS: Mapping[str, str] = MappingProxyType(
    {
        "identity": N_("Identity"),
        "planning": N_("Planning"),
        "hours": N_("Hours and evidence"),
        "billing": N_("Billing"),
        "casework": N_("Support of the person"),
        "export": N_("Export and reversibility"),
        "operation": N_("Operation"),
    },
)
PERSONS: Mapping[Concerns, str] = MappingProxyType({**labels.PERSONS, Concerns.DEVELOPER: N_("the integrator")})
"""Who can do something about it: between a buyer and a bidder, whoever writes the connector is the integrator."""


@contextmanager
def speak_language(language: str) -> Iterator[None]:
    """Use the language of a tender within the block, so that its texts do not depend on who reads them."""
    before = get_current()
    set_language(language)
    try:
        yield
    finally:
        set_language(before)


def count_verdicts(name: BidVerdict, number: int) -> str:
    """Write how many requirements have a verdict: `3 met`."""
    forms = {
        BidVerdict.MET: translate_plural("{count} met", "{count} met", number),
        BidVerdict.RESERVED: translate_plural("{count} met with reservations", "{count} met with reservations", number),
        BidVerdict.FAILED: translate_plural("{count} not met", "{count} not met", number),
        BidVerdict.UNSEEN: translate_plural("{count} not evaluated", "{count} not evaluated", number),
        BidVerdict.VOID: translate_plural("{count} not applicable", "{count} not applicable", number),
        BidVerdict.WAIVED: translate_plural("{count} waived", "{count} waived", number),
    }
    return forms[name].format(count=format_count(number))


def write_verdict(name: str) -> str:
    """Write a verdict with its sign."""
    return f"{MARKS[BidVerdict(name)]}{NO_BREAK}{_(VERDICTS[name])}"


def count_rows(number: int) -> str:
    """Write how many rows there are."""
    return translate_plural("{count} row", "{count} rows", number).format(count=format_count(number))


def write_interval(note: ScoreNote) -> str:
    """Write an interval out of 100."""
    if note.floor == note.ceiling:
        return _("{figure} / 100").format(figure=format_number(note.floor, 1))
    return _("between {floor} and {ceiling} / 100").format(
        floor=format_number(note.floor, 1), ceiling=format_number(note.ceiling, 1)
    )


def write_measure(result: RequirementResult) -> str:
    """Write what was counted: `298 / 300 records (99,3 %)`; a dash when nothing was."""
    if not result.checked:
        return "–"
    numbers = f"{format_count(result.held)}{NO_BREAK}/{NO_BREAK}{format_count(result.checked)}"
    return f"{numbers} {_(UNITS[result.unit])}"


UNITS: Mapping[str, str] = MappingProxyType(
    {
        "records": N_("records"),
        "values": N_("values"),
        "columns": N_("columns"),
        "days": N_("days"),
        "asked": N_("records asked for"),
    },
)


def write_reach(result: RequirementResult) -> str:
    """Write what the sample does not rule out: `0 anomalies among 50; the true rate may be as high as 5.8 %`."""
    if result.reach is None:
        return ""
    words = translate_plural(
        "{count} anomaly among {checked}; the true rate may be as high as {rate}.",
        "{count} anomalies among {checked}; the true rate may be as high as {rate}.",
        result.anomalies,
    )
    return words.format(
        count=format_count(result.anomalies),
        checked=format_count(result.checked),
        rate=format_measured_share(result.reach),
    )


def write_places(cause: AnomalyCause) -> str:
    """Write the first places of a cause: `lines 3, 7, 9 and 12 more`, by worksheet and file where there are several."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place in cause.places:
        groups.setdefault((place.file, place.member), []).append(place.line)
    several = len({file for file, _member in groups}) > 1
    parts = [
        ", ".join(filter(None, (file if several else "", member, write_lines(numbers))))
        for (file, member), numbers in groups.items()
    ]
    shown = "; ".join(parts)
    if cause.more:
        shown += " " + translate_plural("and {count} more", "and {count} more", cause.more).format(
            count=format_count(cause.more)
        )
    return shown


def write_lines(numbers: Sequence[int]) -> str:
    """Write numbers of lines."""
    words = translate_plural("line {numbers}", "lines {numbers}", len(numbers))
    return words.format(numbers=", ".join(str(number) for number in numbers))


def get_record_title(contract: str) -> str:
    """Write the title of a contract."""
    about = catalogue()[contract].about
    return about.fr_title if get_current() == "fr" else about.en_title


def get_field_title(contract: str, name: str) -> str:
    """Write the title of a field; its name where the contract is not known here."""
    known = catalogue().get(contract)
    fact = known.describe_fields().get(name) if known else None
    if fact is None:
        return name
    return fact.fr_title if get_current() == "fr" else fact.en_title


def write_evidence(finding: BuyerFinding, language: str) -> str:
    """Write what a finding of the buyer rests on."""
    kind = bilingual_texts.get_word("document", "findings", finding.kind, language)
    return format_labelled(kind, finding.evidence)


def write_authors(finding: BuyerFinding) -> str:
    """Write who noted, and when."""
    notes = [one for one in (finding.first, finding.second) if one is not None]
    return "; ".join(f"{one.who}, {format_day(one.day)}" for one in notes)
