"""Let moments lack their time, as for visits that nobody stamped: a day alone is then read as nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.inferring.proposal import FieldChoice

Cells = Mapping[str, Sequence[str | None]]


def allow_missing_time(choice: FieldChoice, choices: Sequence[FieldChoice], cells: Cells) -> FieldChoice:
    """Read a day without its time as nothing, where other moments share the day.

    As long as rows have a day and no time at all, the fullest of the moments still refuses them, and asks.
    """
    pair = _find_pair(choice)
    if pair is None:
        return choice
    day, clock = pair
    bare = [row for row, text in enumerate(cells[clock]) if not text and cells[day][row]]
    if not bare:
        return choice
    clocks = list(_iter_clocks(day, choices))
    timeless = sum(not any(cells[one][row] for one in clocks) for row in bare)
    if timeless and clock == max(clocks, key=lambda one: sum(map(bool, cells[one]))):
        question = _("Rows with a day and no time: {count}. They are set aside: what do they say?")
        return replace(choice, questions=(*choice.questions, question.format(count=timeless)))
    return replace(choice, specs=({**choice.specs[0], "untimed": "none"},))


def _iter_clocks(day: str, choices: Sequence[FieldChoice]) -> Iterator[str]:
    """Name the times of day that stand with this day."""
    for choice in choices:
        pair = _find_pair(choice)
        if pair is not None and pair[0] == day:
            yield pair[1]


def _find_pair(choice: FieldChoice) -> tuple[str, str] | None:
    """Return the columns of a moment that has its day apart."""
    columns = choice.specs[0].get("column") if choice.specs[0]["kind"] == "local_date_time" else None
    return (columns[0], columns[1]) if isinstance(columns, list) else None
