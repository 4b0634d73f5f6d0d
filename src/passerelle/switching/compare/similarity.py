"""Finds persons who may be the same on both sides. They are proposed to somebody, never matched without an answer."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rapidfuzz.fuzz import token_sort_ratio

from passerelle.switching.compare.side_findings import RecordPlace, get_place
from passerelle.switching.record_texts import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

LIKELY = 0.85
"""From this score on, two persons are proposed."""
_MOST_IN_BLOCK = 200
"""A block larger than this says nothing: it is left aside, so that the work stays linear."""
_WEIGHTS = {"name": 0.4, "first_names": 0.3, "birth_date": 0.25, "birth_place": 0.05}
_NAMES = ("birth_name", "usual_name")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonProposal:
    """Two records that may be one person. Refs and names are personal data: only for the worksheet."""

    score: float
    origin: RecordPlace
    target: RecordPlace
    origin_ref: str = field(repr=False)
    target_ref: str = field(repr=False)
    descriptions: tuple[str, str] = field(default=("", ""), repr=False)
    """What each side holds about the person: names, date and place of birth."""


def propose_matches(origin: pl.DataFrame, target: pl.DataFrame) -> list[PersonProposal]:
    """Compare persons that no number matched, within blocks of the same birth date, or of like name and birth year."""
    blocks: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, frame in enumerate((origin, target)):
        for row in frame.iter_rows(named=True):
            born = row["birth_date"] or ""
            if len(born) == len("2024-12-31"):
                blocks[f"born {born}"][side].append(row)
            for name in {fold_name(row[one])[:3] for one in _NAMES if row[one]}:
                blocks[f"named {name} {born[:4]}"][side].append(row)
    best: dict[tuple[str, str], PersonProposal] = {}
    for lefts, rights in blocks.values():
        if max(len(lefts), len(rights)) > _MOST_IN_BLOCK:
            continue
        for left in lefts:
            for right in rights:
                pair = (left[KEY], right[KEY])
                # Two persons may share several blocks: they are scored once.
                if pair not in best and (score := compute_likeness(left, right)) >= LIKELY:
                    places = (get_place(left, ""), get_place(right, ""))
                    descriptions = (_describe_person(left), _describe_person(right))
                    best[pair] = PersonProposal(round(score, 3), *places, *pair, descriptions)
    return sorted(best.values(), key=lambda proposal: (-proposal.score, proposal.origin_ref, proposal.target_ref))


def compute_likeness(left: Mapping[str, Any], right: Mapping[str, Any]) -> float:
    """Return how alike two persons are, from 0 to 1, by the fields that both sides fill.

    0 when these weigh less than half: too little is known to say anything.
    """
    total = weight = 0.0
    for name, share in _WEIGHTS.items():
        score: float | None
        if name == "name":
            # Every name of one with every name of the other: one side may keep only one of them.
            pairs = [(left[first], right[second]) for first in _NAMES for second in _NAMES]
            score = max((_compare_names(*pair) for pair in pairs if all(pair)), default=None)
        else:
            score = _compare_values(name, left.get(name), right.get(name))
        if score is not None:
            total, weight = total + share * score, weight + share
    return total / weight if weight >= 0.5 else 0.0


def _compare_values(name: str, left: str | None, right: str | None) -> float | None:
    if not left or not right:
        return None
    if name != "birth_date":
        return _compare_names(left, right)
    if left == right:
        return 1.0
    # Two of year, month and day agree: the third may be mistyped.
    same = sum(mine == other for mine, other in zip(left.split("-"), right.split("-"), strict=False))
    return 0.6 if same >= 2 else 0.0


def _compare_names(left: str, right: str) -> float:
    return token_sort_ratio(fold_name(left), fold_name(right)) / 100


def fold_name(text: str) -> str:
    """Return a name without accents, case or punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))


def _make_proposal(score: float, left: Row, right: Row) -> PersonProposal:
    return PersonProposal(
        round(score, 3),
        get_place(left, ""),
        get_place(right, ""),
        left[KEY],
        right[KEY],
        (_describe_person(left), _describe_person(right)),
    )


def _describe_person(row: Row) -> str:
    names = (*_NAMES, "first_names", "birth_date", "birth_place")
    return " · ".join(row[name] for name in names if row[name])
