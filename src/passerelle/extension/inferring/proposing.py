"""The proposal as a whole: contract ranked, columns assigned, converters made, gaps filled, questions kept."""

from __future__ import annotations

from itertools import islice
from typing import IO, TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.types import Kind
from passerelle.extension.inferring.contents import examine
from passerelle.extension.inferring.filling import Gaps
from passerelle.extension.inferring.grounds import confidence, grounds
from passerelle.extension.inferring.lexicon import lexicon, named_alike
from passerelle.extension.inferring.matching import assign, candidates
from passerelle.extension.inferring.nights import over_midnight
from passerelle.extension.inferring.proposal import Choice, CodeTable, Proposal
from passerelle.extension.inferring.reading import read_sample
from passerelle.extension.inferring.slots import DAY, slots_of
from passerelle.extension.inferring.specs import Making
from passerelle.extension.inferring.untimed import untimed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.matching import Match
    from passerelle.extension.inferring.proposal import Spec

MOST_COLUMNS = 200
"""Columns for which a field is looked for; those behind are carried."""
_NULLS = 12
"""Words for «unknown» that a description takes over at most."""


def infer(stream: IO[bytes], *, contract: str = "", name: str = "") -> Proposal:
    """Propose a description of a file: for the contract asked for (`visit/1`), else for the likeliest one.

    `stream` is binary and seekable; `name` is the file's, whose words count a little. At most 5,000 rows are looked at.
    Raises ParcelError when the file cannot be read at all, KeyError for a contract that does not exist.
    """
    sample = read_sample(stream)
    seen = {column: examine(cells) for column, cells in sample.columns.items()}
    near = dict(islice(seen.items(), MOST_COLUMNS))
    ranking = () if contract else ranked(near, name)
    chosen = contract or ranking[0][0]
    choices, tables = _choices(assign(candidates(near, slots_of(chosen))), near, chosen)
    choices = [over_midnight(choice, choices, sample.columns) for choice in choices]
    choices = [untimed(choice, choices, sample.columns) for choice in choices]
    gaps = Gaps(chosen, near, choices, sample.columns)
    choices = [*choices, *gaps.filled()]
    used = {column for choice in choices for column in choice.columns}
    return Proposal(
        sample=sample,
        evidence=seen,
        contract=chosen,
        choices=tuple(_in_order(choices, chosen)),
        carried=tuple(column for column in seen if column not in used),
        tables=tuple({table.file: table for table in tables}.values()),
        nulls=_nulls(seen.values()),
        ranking=ranking,
        missing=gaps.missing,
    )


def ranked(seen: Mapping[str, Evidence], name: str) -> tuple[tuple[str, float], ...]:
    """Rank the contracts: how many columns find a field, how surely, and what names of file and columns speak of."""
    found = {contract: _worth(seen, contract, name) for contract in catalogue()}
    return tuple(sorted(found.items(), key=lambda one: -one[1]))


def _worth(seen: Mapping[str, Evidence], contract: str, name: str) -> float:
    matches = [match for match in assign(candidates(seen, slots_of(contract))) if match.slot.field != DAY]
    about = lexicon().about.get(contract.partition("/")[0], ())
    spoken = max((named_alike(name, phrase) for phrase in about), default=0.0) if name else 0.0
    told = [phrase for phrase in about if any(named_alike(column, phrase) > 0.6 for column in seen)]
    wanted = [slot.name for slot in slots_of(contract) if slot.required]
    filled = {match.slot.name for match in matches}
    return round(
        sum(match.score for match in matches) / max(len(seen), 1)
        + 0.2 * sum(one in filled for one in wanted) / max(len(wanted), 1)
        + 0.2 * len(told) / max(len(about), 1)
        + 0.25 * spoken,
        3,
    )


def _choices(
    matches: Sequence[Match], seen: Mapping[str, Evidence], contract: str
) -> tuple[list[Choice], list[CodeTable]]:
    """Make the converters of the matches; parts of one field become one choice."""
    made: dict[str, list[tuple[Match, Spec, Making]]] = {}
    days = [match.column for match in matches if match.slot.field == DAY]
    tables: list[CodeTable] = []
    for match in matches:
        if match.slot.field == DAY:
            continue
        making = _making(match, seen, contract.partition("/")[0], days)
        if spec := making.spec():
            made.setdefault(match.slot.field, []).append((match, spec, making))
            tables += making.tables
    return [_choice(name, parts, seen) for name, parts in made.items()], tables


def _making(match: Match, seen: Mapping[str, Evidence], family: str, days: Sequence[str]) -> Making:
    making = Making(match.slot, match.column, seen[match.column], family)
    if match.slot.kind is Kind.INSTANT and seen[match.column].clock:
        making.day = _day_of(match.column, seen, days)
        making.day_seen = seen[making.day] if making.day else None
    return making


def _day_of(clock: str, seen: Mapping[str, Evidence], days: Sequence[str]) -> str:
    """Find the day of a time of day: the column taken for the day, else the likeliest, else the nearest on the left."""
    if days:
        return days[0]
    columns = list(seen)
    possible = [name for name in columns if seen[name].kind == "day"]
    left = [name for name in possible if columns.index(name) < columns.index(clock)]
    return max(possible, key=lambda name: (named_alike(name, clock), name in left[-1:]), default="")


def _choice(name: str, parts: Sequence[tuple[Match, Spec, Making]], seen: Mapping[str, Evidence]) -> Choice:
    columns = dict.fromkeys(column for match, _spec, making in parts for column in (making.day, match.column) if column)
    specs = _address(parts) if name == "addresses" else [spec for _match, spec, _making in parts]
    reasons = dict.fromkeys(reason for match, _s, _m in parts for reason in grounds(match, seen[match.column]))
    questions = dict.fromkeys(question for _match, _spec, making in parts for question in making.questions)
    return Choice(
        name,
        tuple(specs),
        tuple(columns),
        min(confidence(match) for match, _spec, _making in parts),
        tuple(reasons),
        tuple(questions),
    )


def _address(parts: Iterable[tuple[Match, Spec, Making]]) -> list[Spec]:
    """Put the parts of an address together; without a line, its town is the line."""
    lines = [match.column for match, _spec, _making in parts if match.slot.part == "lines"]
    named = {match.slot.part: match.column for match, _spec, _making in parts if match.slot.part != "lines"}
    return [{"kind": "address", "lines": lines or [next(iter(named.values()))], **named}]


def _in_order(choices: Sequence[Choice], contract: str) -> list[Choice]:
    order = catalogue()[contract].order()
    return sorted(choices, key=lambda choice: order.index(choice.field))


def _nulls(seen: Iterable[Evidence]) -> tuple[str, ...]:
    words = dict.fromkeys(word for one in seen for word in one.nulls)
    return ("", *list(words)[:_NULLS])
