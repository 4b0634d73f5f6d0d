"""Let moments lack their time, as for visits that nobody stamped: a day alone is then read as nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import _

if TYPE_CHECKING:
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
    pairs = [other for other in map(_find_pair, choices) if other is not None]
    clocks = [other_clock for other_day, other_clock in pairs if other_day == day]
    timeless = sum(not any(cells[column][row] for column in clocks) for row in bare)
    # The fullest column still refuses: a row that has no time anywhere must be seen by a person.
    if timeless and clock == max(clocks, key=lambda column: sum(map(bool, cells[column]))):
        question = _("Rows with a day and no time: {count}. They are set aside: what do they say?")
        return replace(choice, questions=(*choice.questions, question.format(count=timeless)))
    return replace(choice, specs=({**choice.specs[0], "untimed": "none"},))


def _find_pair(choice: FieldChoice) -> tuple[str, str] | None:
    """Return the columns of a moment that has its day apart."""
    columns = choice.specs[0].get("column") if choice.specs[0]["kind"] == "local_date_time" else None
    return (columns[0], columns[1]) if isinstance(columns, list) else None
