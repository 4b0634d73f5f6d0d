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
    start = next((one for one in choices if one.field == _start_of(choice.field)), None)
    if start is None or not _share_a_day(start, choice):
        return choice
    begun, ended = cells[start.columns[1]], cells[choice.columns[1]]
    nights = sum(bool(one and two and two < one) for one, two in zip(begun, ended, strict=True))
    if not nights:
        return choice
    question = _("Rows that end before they start: {count}. Do they end on the next day? One day cannot say so.")
    return replace(choice, questions=(*choice.questions, question.format(count=nights)))


def _start_of(field: str) -> str:
    """`planned_end` → `planned_start`; nothing for a field that is no end."""
    return field.replace("end", "start") if "end" in field else ""


def _share_a_day(start: FieldChoice, end: FieldChoice) -> bool:
    several = len(start.columns) == len(end.columns) == _CLOCKED
    return several and start.columns[0] == end.columns[0]
