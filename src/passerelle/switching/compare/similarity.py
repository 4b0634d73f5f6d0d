"""Persons who may be the same on both sides: proposed to somebody, never taken for granted."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rapidfuzz.fuzz import token_sort_ratio

from passerelle.switching.compare.findings import Spot, spot_of
from passerelle.switching.values import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

LIKELY = 0.85
"""From this score on, two persons are proposed."""
_MOST_IN_BLOCK = 200
"""A block larger than this says nothing: it is left aside, so that the work stays linear."""
_WEIGHTS = {"name": 0.4, "first_names": 0.3, "birth_date": 0.25, "birth_place": 0.05}
_NAMES = ("birth_name", "usual_name")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two records that look like one person. Refs and names are personal: only for the worksheet."""

    score: float
    origin: Spot
    target: Spot
    origin_ref: str = field(repr=False)
    target_ref: str = field(repr=False)
    told: tuple[str, str] = field(default=("", ""), repr=False)
    """What each side says of the person: names, date and place of birth."""


def proposals(origin: pl.DataFrame, target: pl.DataFrame) -> list[Proposal]:
    """Compare persons that no number matched, within blocks of the same birth date, or of like name and birth year."""
    blocks: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, frame in enumerate((origin, target)):
        for row in frame.iter_rows(named=True):
            for block in _blocks(row):
                blocks[block][side].append(row)
    best: dict[tuple[str, str], Proposal] = {}
    for lefts, rights in blocks.values():
        if max(len(lefts), len(rights)) > _MOST_IN_BLOCK:
            continue
        for left in lefts:
            for right in rights:
                pair = (left[KEY], right[KEY])
                if pair not in best and (score := likeness(left, right)) >= LIKELY:
                    best[pair] = _proposal(score, left, right)
    return sorted(best.values(), key=lambda found: (-found.score, found.origin_ref, found.target_ref))


def likeness(left: Mapping[str, Any], right: Mapping[str, Any]) -> float:
    """Say how alike two persons are, from 0 to 1, by what both sides know of them."""
    total = weight = 0.0
    for name, share in _WEIGHTS.items():
        score = _names(left, right) if name == "name" else _one(name, left.get(name), right.get(name))
        if score is not None:
            total, weight = total + share * score, weight + share
    return total / weight if weight >= 0.5 else 0.0


def _names(left: Mapping[str, Any], right: Mapping[str, Any]) -> float | None:
    """Compare every name of one with every name of the other: one side may keep only one of them."""
    scores = [_alike(left[one], right[other]) for one in _NAMES for other in _NAMES if left[one] and right[other]]
    return max(scores, default=None)


def _one(name: str, left: str | None, right: str | None) -> float | None:
    if not left or not right:
        return None
    if name != "birth_date":
        return _alike(left, right)
    if left == right:
        return 1.0
    same = sum(one == other for one, other in zip(left.split("-"), right.split("-"), strict=False))
    return 0.6 if same >= 2 else 0.0


def _alike(left: str, right: str) -> float:
    return token_sort_ratio(folded(left), folded(right)) / 100


def folded(text: str) -> str:
    """Write a name without accents, case or punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))


def _blocks(row: Row) -> Iterator[str]:
    born = row["birth_date"] or ""
    if len(born) == len("2024-12-31"):
        yield f"born {born}"
    for name in {folded(row[one])[:3] for one in _NAMES if row[one]}:
        yield f"named {name} {born[:4]}"


def _proposal(score: float, left: Row, right: Row) -> Proposal:
    return Proposal(
        round(score, 3), spot_of(left, ""), spot_of(right, ""), left[KEY], right[KEY], (_said(left), _said(right))
    )


def _said(row: Row) -> str:
    names = (*_NAMES, "first_names", "birth_date", "birth_place")
    return " · ".join(row[name] for name in names if row[name])
