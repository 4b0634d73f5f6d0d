"""Find visits that end after midnight in files with one day for start and end: only the rows show them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.inferring.proposal import FieldChoice

_CLOCKED = 2
"""Columns of a moment whose day stands apart."""


def ask_about_nights(
    choice: FieldChoice, choices: Sequence[FieldChoice], cells: Mapping[str, Sequence[str | None]]
) -> FieldChoice:
    """Ask about an end that shares its day with the start, where some rows end before they start."""
    if "end" not in choice.field:
        return choice
    start_field = choice.field.replace("end", "start")
    start = next((candidate for candidate in choices if candidate.field == start_field), None)
    if start is None or not len(start.columns) == len(choice.columns) == _CLOCKED:
        return choice
    if start.columns[0] != choice.columns[0]:
        return choice
    starts, ends = cells[start.columns[1]], cells[choice.columns[1]]
    # Times of one column are written alike (hours first), so their order as texts is that of the clock.
    nights = sum(bool(start_at and end_at and end_at < start_at) for start_at, end_at in zip(starts, ends, strict=True))
    if not nights:
        return choice
    question = _("Rows that end before they start: {count}. Do they end on the next day? One day cannot say so.")
    return replace(choice, questions=(*choice.questions, question.format(count=nights)))
