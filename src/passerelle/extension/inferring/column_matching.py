"""Match columns to slots, one to one, with the greatest sum of scores."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.likelihood import compute_fit, is_proven_by_content
from passerelle.extension.inferring.name_likeness import compare_names, is_spelt_alike, list_variants, to_plain
from passerelle.extension.inferring.parties import find_foreign, is_of_subject, is_personal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.slots import ColumnSlot

NAME, CONTENT = 0.72, 0.28
"""What the name and the content of a column weigh."""
LEAST = 0.55
"""Less likely pairs are not proposed."""
GROUP_MARK = " / "
_TAIL = 0.95
EXACT = 1.0
"""What a column is worth that bears the very title, or the very name, of a field."""
_EXACT_FIT = 0.5
_SURENESS = 4
"""Scores are summed at this power: no sum of two poor pairs is then worth a sure one."""
_LEAST_NAME = 0.45
_LEAST_FIT = 0.15
_FIRST = 0.02
"""What an earlier phrase of a slot is worth over the next ones, at most: ties go to what was written first."""
_OTHER_WORDS = 0.03
"""What a name loses that only means the same: «commission» is a decision, but «décision» is more so."""
_SIDES = ("debut", "fin")


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """A column that fills a slot: how sure, and on what grounds (all from 0 to 1)."""

    slot: ColumnSlot
    column: str
    score: float
    name: float
    fit: float
    margin: float = 1.0
    """By how much it is better than the next slot for this column."""


def name_by_side(columns: Sequence[str]) -> dict[str, str]:
    """Return the name each column is compared by: a name that repeats takes the side it stands on (début, fin)."""
    times = Counter(name.partition("#")[0] for name in columns)
    side, names = "", dict[str, str]()
    for name in columns:
        base = name.partition("#")[0]
        # A side said once holds for the columns after it: «Début» «Lieu» «Fin» «Lieu».
        own = next((word for word in _SIDES if any(word in one for one in list_variants(base))), "")
        side = own or side
        names[name] = f"{base} {side}" if base and times[base] > 1 and not own and side else name
    return names


def find_candidates(
    columns: Mapping[str, Evidence], slots: Sequence[ColumnSlot], family: str = ""
) -> dict[tuple[str, str], ColumnMatch]:
    """Score every column against every slot, and return the likely pairs, by slot and column.

    What a column says of somebody else than the contract is about fills nothing that is of its subject.
    """
    names = name_by_side(list(columns))
    foreign = find_foreign(columns, family)
    candidates = {}
    for slot in slots:
        for column, seen in columns.items():
            if column in foreign and (is_of_subject(slot, family) or _is_of_nobody(slot, column, seen)):
                continue
            match = _weigh(slot, column, names[column], seen)
            if match is not None:
                candidates[slot.name, column] = match
    return candidates


def _is_of_nobody(slot: ColumnSlot, column: str, seen: Evidence) -> bool:
    """Whether a text of the subject would be told a name or a telephone of somebody else: «Intervenant - Nom»."""
    return slot.kind is FieldKind.TEXT and "name" not in slot.field and is_personal(column, seen)


def _weigh(slot: ColumnSlot, column: str, name: str, seen: Evidence) -> ColumnMatch | None:
    likeness = max(
        (
            compare_names(name, phrase)
            - min(place, 10) * _FIRST / 10
            - _OTHER_WORDS * (not is_spelt_alike(name, phrase))
            for place, phrase in enumerate(slot.phrases)
        ),
        default=0.0,
    )
    # Of a name in two rows, the lower one may say enough: «Intervention / Début».
    below = name.rpartition(GROUP_MARK)[2]
    likeness = max(likeness, _TAIL * max((compare_names(below, one) for one in slot.phrases), default=0.0))
    exact = to_plain(name) in slot.titles
    likeness = 1.0 if exact else likeness
    certain = is_proven_by_content(slot, seen)
    if likeness < _LEAST_NAME and not certain:
        return None
    content = compute_fit(slot, name, seen)
    if content < _LEAST_FIT:
        return None
    score = NAME * likeness + CONTENT * content
    # What the content proves is proposed whatever the name; the name only orders several such columns.
    score = max(score, 0.75 + 0.2 * likeness) if certain else score
    # An exact title beats every synonym: only a content that contradicts it would tell otherwise.
    score = max(score, EXACT) if exact and content >= _EXACT_FIT else score
    return ColumnMatch(slot, column, score, likeness, content) if score >= LEAST else None


def assign_columns(pairs: Mapping[tuple[str, str], ColumnMatch]) -> list[ColumnMatch]:
    """Choose the pairs, each column once and each slot as often as it has room, with the greatest sum."""
    # A slot with room for several columns is a seat for each of them.
    seats = [
        (slot.name, seat)
        for slot in {match.slot.name: match.slot for match in pairs.values()}.values()
        for seat in range(slot.room)
    ]
    columns = list(dict.fromkeys(match.column for match in pairs.values()))
    scores = [
        # The second place of a slot costs a little, so that the likeliest column takes the first.
        [
            (pairs[name, column].score ** _SURENESS - seat * 0.001 if (name, column) in pairs else 0.0)
            for column in columns
        ]
        for name, seat in seats
    ]
    chosen = [(seats[row][0], columns[place]) for row, place in _solve_assignment(scores)]
    matches = []
    for match in (pairs[pair] for pair in chosen if pair in pairs):
        # The margin is over the next slot for the same column: another column for this slot says nothing of it.
        rivals = [
            rival.score for rival in pairs.values() if rival.column == match.column and rival.slot is not match.slot
        ]
        matches.append(replace(match, margin=match.score - max(rivals, default=0.0)))
    return matches


def _solve_assignment(scores: list[list[float]]) -> list[tuple[int, int]]:
    """Solve the assignment of rows to columns with the greatest sum (Kuhn and Munkres, with potentials)."""
    rows, width = len(scores), max(len(scores), len(scores[0]) if scores else 0)
    cost = [[-one for one in row] + [0.0] * (width - len(row)) for row in scores]
    high, low, row_of = [0.0] * (rows + 1), [0.0] * (width + 1), [0] * (width + 1)
    for row in range(1, rows + 1):
        _augment(row, cost, high, low, row_of)
    return [
        (row_of[place] - 1, place - 1) for place in range(1, width + 1) if row_of[place] and place <= len(scores[0])
    ]


def _augment(row: int, cost: list[list[float]], high: list[float], low: list[float], row_of: list[int]) -> None:
    """Assign one more row, moving others along the cheapest augmenting path."""
    width = len(low) - 1
    least, way, used = [float("inf")] * (width + 1), [0] * (width + 1), [False] * (width + 1)
    row_of[0], place = row, 0
    while row_of[place]:
        used[place] = True
        step, following = float("inf"), 0
        for one in range(1, width + 1):
            if used[one]:
                continue
            now = cost[row_of[place] - 1][one - 1] - high[row_of[place]] - low[one]
            if now < least[one]:
                least[one], way[one] = now, place
            if least[one] < step:
                step, following = least[one], one
        for one in range(width + 1):
            if used[one]:
                high[row_of[one]] += step
                low[one] -= step
            else:
                least[one] -= step
        place = following
    while place:
        row_of[place], place = row_of[way[place]], way[place]
