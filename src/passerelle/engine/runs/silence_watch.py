"""Notices that a source fell silent: nothing came in time, an export is empty, or much smaller than usual.

What a flow's settings state is held to; without them, an export that shrinks by more than half is told all the same.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from passerelle.engine.settings.mailbox_settings import MailboxSourceSettings
from passerelle.engine.settings.place_settings import FileSourceSettings
from passerelle.engine.settings.query_sources import SqlSourceSettings
from passerelle.vocabulary.formatting import format_count, format_moment
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.stores.journal import Journal
    from passerelle.stores.regularity import ParcelSize

LATE = "silence.flow.late"
EMPTY = "silence.parcel.empty"
SMALL = "silence.parcel.small"
SHRUNK = "silence.parcel.shrunk"
_USUAL_SHRINK = 0.5
"""Share by which an export may shrink when the settings do not say."""
_SMALLEST = 20
"""Rows from which on an export has a usual size when the settings do not say: of five rows, two may well be missing."""
_COMPARED = 5
"""Earlier exports whose median is the usual size."""
_LOOKED_AT = 60
"""Parcels that are read to find them: several may come in one run."""


@dataclass(frozen=True, slots=True)
class LateFlow:
    """A flow from whose source nothing came in time."""

    since: datetime
    every: timedelta

    @property
    def details(self) -> Mapping[str, str]:
        """The words for the sentence of the notice."""
        return {"since": format_moment(self.since), "every": format_duration(self.every)}


def find_lateness(journal: Journal, flow: Flow, now: datetime) -> LateFlow | None:
    """Return since when a flow is silent, if that is longer than its settings expect; writes nothing."""
    if flow.expected_every is None:
        return None
    # before the first parcel: since the flow runs at all
    since = journal.find_last_arrival(flow.name) or journal.find_first_run(flow.name)
    return LateFlow(since, flow.expected_every) if since and now - since >= flow.expected_every else None


def watch_silence(journal: Journal, flow: Flow, settled: Collection[str], now: datetime) -> None:
    """Raise or clear the notices of a flow at the end of its run; `settled` are the supplied parcels it finished."""
    late = find_lateness(journal, flow, now)
    found: dict[str, Mapping[str, str] | None] = {LATE: late.details if late else None}
    if settled:
        sizes = journal.list_sizes(flow.name, _LOOKED_AT)
        current = [size for size in sizes if size.key in settled]
        earlier = [size for size in sizes if size.key not in settled and size.rows]
        found |= _judge_sizes(flow, current, earlier) if current else {}
    raised = {notice.code for notice in journal.list_notices(flow.name)}
    for code, details in found.items():
        if details is not None:
            journal.raise_notice(flow.name, code, details, now)
        elif code in raised:
            journal.clear_notice(flow.name, code)


def _judge_sizes(
    flow: Flow, current: Sequence[ParcelSize], earlier: Sequence[ParcelSize]
) -> dict[str, Mapping[str, str] | None]:
    """Return, by code, what is to be told of the exports of this run; None where all is well."""
    rows, sends_exports = sum(size.rows for size in current), _has_exports(flow)
    smallest = min(size.rows for size in current) if sends_exports else rows
    found: dict[str, Mapping[str, str] | None] = dict.fromkeys((EMPTY, SMALL, SHRUNK))
    if flow.fewest_rows is not None and smallest < flow.fewest_rows:
        found[SMALL] = {"rows": format_count(smallest), "fewest": format_count(flow.fewest_rows)}
    if not rows:
        found[EMPTY] = {} if earlier else None
        return found
    if not sends_exports and flow.most_shrink is None:
        return found  # how many pages are new, and how many messages come, differs from day to day
    floor = _SMALLEST if flow.most_shrink is None else 1
    usual = [size for size in earlier if size.rows >= floor]
    left = 1 - (_USUAL_SHRINK if flow.most_shrink is None else flow.most_shrink)
    # One file of several is usually smaller, and a run after a feast has several: both views must be of one mind.
    usual_file, usual_run = _find_median([size.rows for size in usual]), _find_median(_add_up_runs(usual))
    if smallest < left * usual_file and rows < left * usual_run:
        found[SHRUNK] = {"rows": format_count(rows), "usual": format_count(int(usual_run))}
    return found


def _has_exports(flow: Flow) -> bool:
    """Whether each parcel is an export: a file, or the answer to a query. Pages, messages and new rows are parts."""
    source = flow.source
    return isinstance(source, FileSourceSettings | MailboxSourceSettings) or (
        isinstance(source, SqlSourceSettings) and not source.cursor
    )


def _add_up_runs(sizes: Sequence[ParcelSize]) -> list[int]:
    """Return the rows of each run, the latest first."""
    sums: dict[int, int] = {}
    for size in sizes:
        sums[size.run] = sums.get(size.run, 0) + size.rows
    return list(sums.values())


def _find_median(rows: Sequence[int]) -> float:
    return median(rows[:_COMPARED]) if rows else 0.0


def format_duration(duration: timedelta) -> str:
    """Return a duration as the settings write it."""
    minutes = int(duration.total_seconds()) // 60
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
