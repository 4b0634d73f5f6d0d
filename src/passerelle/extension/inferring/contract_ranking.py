"""Rank the contracts that a file may be about, and say when none fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.extension.inferring.column_matching import assign_columns, find_candidates
from passerelle.extension.inferring.name_likeness import compare_names, load_lexicon
from passerelle.extension.inferring.slots import DAY, list_slots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.inferring.column_matching import ColumnMatch
    from passerelle.extension.inferring.contents import Evidence

_SURE = 0.7
"""From this score on, a column counts as one of what makes a contract."""
_LEAST_SHARE = 0.3
"""Which share of the filled columns a contract must explain at least."""
_SPOKEN, _SURELY = 0.75, 0.9
"""How alike a name must be to speak of what makes a contract, and of what none of its files has."""
_WORD = "~"
"""Before a word in a group of `core`: a name of a column must speak of it."""


def rank_contracts(seen: Mapping[str, Evidence], name: str) -> tuple[tuple[str, float], ...]:
    """Rank the contracts: how many columns find a field, how surely, and what names of file and columns speak of.

    A score is between 0 and 1. Where everything speaks of several, they are ranked by what is beyond.
    """
    scores = {contract: _score_contract(seen, contract, name) for contract in catalogue()}
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    return tuple((contract, min(score, 1.0)) for contract, score in ranked)


def choose_contract(ranking: Sequence[tuple[str, float]], seen: Mapping[str, Evidence]) -> str:
    """Return the first contract of the ranking whose core the file has; nothing when it is about something else."""
    return next((contract for contract, _score in ranking if _is_fit(contract, seen)), "")


def _match(seen: Mapping[str, Evidence], contract: str) -> list[ColumnMatch]:
    return assign_columns(find_candidates(seen, list_slots(contract), contract.partition("/")[0]))


def _is_fit(contract: str, seen: Mapping[str, Evidence]) -> bool:
    """Whether a file has what a record of the contract cannot do without, and little that it knows nothing of."""
    matches = [match for match in _match(seen, contract) if match.score >= _SURE]
    filled = [column for column, cells in seen.items() if cells.filled] or list(seen)
    if len({match.column for match in matches} & set(filled)) < _LEAST_SHARE * len(filled):
        return False
    fields = {match.slot.field for match in matches}
    family = contract.partition("/")[0]
    never = load_lexicon().never.get(family, ())
    if any(compare_names(column, phrase) > _SURELY for column in seen for phrase in never):
        return False
    return all(
        any(_is_spoken_of(seen, one.removeprefix(_WORD)) if one.startswith(_WORD) else one in fields for one in group)
        for group in load_lexicon().core.get(family, ())
    )


def _is_spoken_of(seen: Mapping[str, Evidence], phrase: str) -> bool:
    return any(compare_names(column, phrase) >= _SPOKEN for column in seen)


def _score_contract(seen: Mapping[str, Evidence], contract: str, name: str) -> float:
    matches = [match for match in _match(seen, contract) if match.slot.field != DAY]
    about = load_lexicon().about.get(contract.partition("/")[0], ())
    spoken = max((compare_names(name, phrase) for phrase in about), default=0.0) if name else 0.0
    matched = [phrase for phrase in about if any(compare_names(column, phrase) > 0.6 for column in seen)]
    wanted = [slot.name for slot in list_slots(contract) if slot.required]
    filled = {match.slot.name for match in matches}
    return round(
        # At the square: many columns that only resemble something do not outweigh a few that are sure.
        sum(match.score**2 for match in matches) / max(len(seen), 1)
        + 0.2 * sum(one in filled for one in wanted) / max(len(wanted), 1)
        + 0.2 * len(matched) / max(len(about), 1)
        + 0.25 * spoken,
        3,
    )
