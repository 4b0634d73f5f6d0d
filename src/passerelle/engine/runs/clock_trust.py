"""Whether the clock may be believed when something is to be destroyed: it is held against the moments of earlier runs.

Runs follow one another by at most some days. Where one does not, either the clock jumped or nobody ran it for long, and
nobody can tell which at once. So nothing more is destroyed than an earlier, trusted moment would have let go, until
runs have kept to the new time for most of a day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stores.books import RunRow

TOLERANCE = timedelta(hours=1)
"""How far a clock may go back between two runs without anybody being told: it destroys nothing that matters."""
HOLD = timedelta(hours=20)
"""How long runs must keep to a new time before it is believed: the next run of a nightly job confirms it."""
BIRTH = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier moment is wrong: this program did not exist."""


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """What a clock is good for."""

    moment: datetime
    """What had expired by this moment may be destroyed."""
    is_trusted: bool = True
    has_jumped: bool = False
    """Whether the jump lies between the last run and now: then somebody is told, once."""
    days: int = 0
    """Size of the last jump, in whole days."""


@dataclass(frozen=True, slots=True)
class WrongTimes:
    """Runs, from `first` to `last`, whose clock was wrong by `shift`: to be added to the moments that they wrote."""

    first: int
    last: int
    begin: datetime
    end: datetime
    shift: timedelta


def judge_clock(moments: Sequence[datetime], now: datetime, gap: timedelta) -> ClockTrust:
    """Judge the clock by the starts of the runs up to this one, oldest first; `gap` is the longest between two runs."""
    line = [*moments, now]
    breaks = _find_breaks(line, gap)
    if not breaks:
        return ClockTrust(now)
    last = breaks[-1]
    days = abs(line[last] - line[last - 1]).days
    if now - line[last] >= HOLD:
        return ClockTrust(now, days=days)
    # the moment before may itself not have been trusted: a clock can jump twice
    before = judge_clock(line[: last - 1], line[last - 1], gap).moment
    # the last two are the start of this run and now
    return ClockTrust(min(now, before), is_trusted=False, has_jumped=last >= len(line) - 2, days=days)


def find_wrong_times(runs: Sequence[RunRow], gap: timedelta) -> WrongTimes | None:
    """Return the last stretch of runs, oldest first, whose clock was wrong and has been set right since; None else.

    It is the stretch that one jump led into and the opposite jump led out of again: what was off for long is never
    followed by a jump back. A first stretch was wrong when it lies before the program, or ahead of what followed.
    """
    line = [run.started_at for run in runs]
    breaks = _find_breaks(line, gap)
    if not breaks:
        return None
    out, into = breaks[-1], breaks[-2] if len(breaks) > 1 else 0
    shift = line[out] - line[out - 1]
    is_ahead = shift < timedelta()
    is_wrong = is_ahead == (line[into] > line[into - 1]) if into else is_ahead or line[out - 1] < BIRTH
    if not is_wrong:
        return None
    stretch = runs[into:out]
    ends = [moment for run in stretch for moment in (run.started_at, run.ended_at) if moment]
    return WrongTimes(stretch[0].id, stretch[-1].id, min(ends), max(ends), shift)


def _find_breaks(line: Sequence[datetime], gap: timedelta) -> list[int]:
    """Return the places of the moments that do not follow from the one before."""
    return [at for at in range(1, len(line)) if not -TOLERANCE <= line[at] - line[at - 1] <= gap]
