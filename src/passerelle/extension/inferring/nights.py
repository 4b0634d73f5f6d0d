"""Find visits that end after midnight in files with one day for start and end: only the rows show them.

The converter reads such an end as one of the next day (`after`); a person confirms it.
"""

from __future__ import annotations

import re
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
    """Let an end that shares its day with the start be on the next day, where some rows end before they start; ask."""
    if "end" not in choice.field:
        return choice
    start_field = choice.field.replace("end", "start")
    start = next((candidate for candidate in choices if candidate.field == start_field), None)
    if start is None or not len(start.columns) == len(choice.columns) == _CLOCKED:
        return choice
    if start.columns[0] != choice.columns[0]:
        return choice
    starts, ends = cells[start.columns[1]], cells[choice.columns[1]]
    clocks = [(_read_clock(begun), _read_clock(ended)) for begun, ended in zip(starts, ends, strict=True)]
    nights = sum(begun is not None and ended is not None and ended < begun for begun, ended in clocks)
    if not nights:
        return choice
    question = _("Rows that end before they start: {count}. They are read as ending the next day: is that so?")
    # The converter reads the start's time by its own formats: a start that is written otherwise would be unreadable.
    formats = list(dict.fromkeys((*choice.specs[0]["formats"], *start.specs[0]["formats"])))
    spec = {**choice.specs[0], "formats": formats, "after": start.columns[1]}
    return replace(choice, specs=(spec,), questions=(*choice.questions, question.format(count=nights)))


def _read_clock(text: str | None) -> int | None:
    """Return the minutes of a time of day, however it is written; None when it is none."""
    matched = re.match(r"([0-9]{1,2})\D?([0-9]{2})?", (text or "").strip())
    return int(matched[1]) * 60 + int(matched[2] or 0) if matched else None
