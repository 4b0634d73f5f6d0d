"""Progress of a command: a live bar on a terminal, a line of the log every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.engine.log import log
from passerelle.vocabulary.formatting import format_count, show_name
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outlets import find_stream, guard_streams, replace_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from passerelle.engine import flow_progress

LOG_EVERY = 5.0
"""Seconds between two lines of the log about the same flow."""


@contextmanager
def watch_flows() -> Iterator[Callable[[flow_progress.Progress], None]]:
    """Yield the callback for each step of a run: a bar on a terminal, lines of the log elsewhere."""
    # standard error, where the bar is drawn: standard output may be a pipe while somebody watches
    if not sys.stderr.isatty():
        yield ProgressLog().step
        return
    with _draw_bar() as bar:
        yield ProgressBars(bar).step


@contextmanager
def watch_samples() -> Iterator[Callable[[str, int, int, int], None]]:
    """Yield the callback `(sample, rows, bytes done, bytes in all)`; a bar on a terminal, nothing elsewhere."""
    # no line of the log, unlike a run: who scores samples sits before a terminal
    if not sys.stderr.isatty():
        yield lambda *_progress: None
        return
    from passerelle.engine.flow_progress import Progress as FlowProgress  # noqa: PLC0415  a run has imported it already

    with watch_flows() as show:
        yield lambda name, rows, done, total: show(FlowProgress(name, rows, 0, done, total))


@contextmanager
def count_steps(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Yield the callback for each of `total` things done; a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with _draw_bar() as bar:
        task = bar.add_task(what, total=total, figures="")
        yield lambda: bar.advance(task)


@contextmanager
def measure_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield the callback `(done, total)`; a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with _draw_bar() as bar:
        task = bar.add_task(what, total=None, figures="")
        yield lambda done, total: bar.update(task, completed=done, total=total)


class ProgressLog:
    """Writes a line of the log every few seconds, and for the last step of each flow's parcels."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last: dict[str, float] = {}

    def step(self, progress: flow_progress.Progress) -> None:
        """Log a step, unless one of the same flow was logged just now."""
        now = self._now()
        # the last step is always logged: otherwise a short flow would leave no line at all
        finished = progress.bytes_done >= progress.bytes_total
        if not finished and now - self._last.get(progress.flow, float("-inf")) < LOG_EVERY:
            return
        self._last[progress.flow] = now
        log(
            "flow_progress",
            flow=progress.flow,
            rows=progress.rows,
            aside=progress.aside,
            bytes_done=progress.bytes_done,
            bytes_total=progress.bytes_total,
        )


class ProgressBars:
    """One bar for each flow: rows, rows a second, set aside, time remaining."""

    def __init__(self, bar: Progress, now: Callable[[], float] = time.monotonic) -> None:
        self._bar = bar
        self._now = now
        self._tasks: dict[str, tuple[TaskID, float]] = {}
        self._mark = now()
        """When the last step came; flows run one after the other, so the next one began then."""

    def step(self, progress: flow_progress.Progress) -> None:
        """Move the flow's bar."""
        if progress.flow not in self._tasks:
            task = self._bar.add_task(show_name(progress.flow), total=progress.bytes_total, figures="")
            self._tasks[progress.flow] = (task, self._mark)
        task, since = self._tasks[progress.flow]
        self._mark = self._now()
        rate = int(progress.rows / max(self._mark - since, 0.001))
        figures = _("{rows} rows, {rate}/s, {aside} set aside").format(
            rows=format_count(progress.rows), rate=format_count(rate), aside=format_count(progress.aside)
        )
        self._bar.update(task, completed=progress.bytes_done, total=progress.bytes_total, figures=figures)


@contextmanager
def _draw_bar() -> Iterator[Progress]:
    """Yield a bar that is drawn meanwhile."""
    # the bar puts streams of its own in place of ours, so that lines of the log do not tear it
    with _make_bar() as bar, replace_streams():
        guard_streams()
        yield bar


def _make_bar() -> Progress:
    from rich import console, progress  # noqa: PLC0415  a night without a terminal shows no bar

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),  # it may be the name of a file
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.fields[figures]}"),
        progress.TimeRemainingColumn(),
        console=console.Console(file=find_stream(sys.stderr)),
    )
