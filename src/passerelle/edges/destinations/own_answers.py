"""Answers of destinations that write by themselves: every record is delivered but those that the form cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from passerelle.vocabulary.outcomes import Answer, Fate

DELIVERED = Answer(Fate.DELIVERED)
Unmapped = Mapping[int, tuple[str, ...]]
"""By index in the batch: fields of values that have no place in what is written, one entry a value."""
FindUnmapped = Callable[[], Unmapped]
"""Finds them when it is called: a caller that only needs the documents does not wait for it."""


def find_nothing_unmapped() -> Unmapped:
    """Return nothing: the form has a place for every value."""
    return {}


def answer_records(count: int, refused: Mapping[int, Answer], unmapped: Unmapped) -> list[Answer]:
    """Return one answer a record, in order; a refused record has no unmapped values."""
    answers = [DELIVERED] * count
    for index, names in unmapped.items():
        answers[index] = _answer_delivered(names)
    for index, answer in refused.items():
        answers[index] = answer
    return answers


@lru_cache(maxsize=1024)
def _answer_delivered(names: tuple[str, ...]) -> Answer:
    """Return one answer for all records with the same unmapped fields: equal answers are settled at once."""
    return Answer(Fate.DELIVERED, unmapped=names)
