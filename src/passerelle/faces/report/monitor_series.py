"""The state of a workspace for a monitor: Prometheus' text format (0.0.4), and the same figures for OpenTelemetry.

Moments, not ages: what was written an hour ago still tells how long something lasts (`time() - …`). English alone: a
monitor keeps one text for each name, whatever language a machine speaks. No value of a record, no foreign word.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

from passerelle.engine.runs.run_state import find_exit_code
from passerelle.stores.parcels import FINAL, ParcelState
from passerelle.vocabulary.outcomes import SET_ASIDE, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from passerelle.engine.health.workspace_status import FlowStatus, WorkspaceStatus
    from passerelle.vocabulary.outcomes import Balance

Samples: TypeAlias = "Iterable[tuple[Mapping[str, str], float]]"
"""Labels and figure of each sample of a flow."""


@dataclass(frozen=True, slots=True)
class FlowSeries:
    """One named figure of flows: what it is, and its samples of a flow. A moment that is not known has none."""

    name: str
    kind: str
    """`counter` or `gauge`."""
    says: str
    list_samples: Callable[[FlowStatus], Samples]


def _count(count: float) -> Samples:
    return [({}, count)]


def _note(moment: datetime | None) -> Samples:
    return [({}, moment.timestamp())] if moment else []


def _list_fates(balance: Balance) -> Samples:
    return [({"fate": fate.value}, balance.fates.get(fate, 0)) for fate in Fate]


def _list_quarantine(status: FlowStatus) -> Samples:
    counts: Counter[str] = Counter()
    for cause in status.waiting.causes:
        counts[cause.fate.value] += cause.count
    return [({"fate": fate.value}, counts[fate.value]) for fate in SET_ASIDE]


def _list_parcels(status: FlowStatus) -> Samples:
    counts = Counter(row.state for row in status.parcels)
    return [({"state": state.value}, counts[state]) for state in ParcelState if state not in FINAL]


def _find_oldest_parcel(status: FlowStatus) -> datetime | None:
    return min((row.received_at for row in status.parcels if row.state not in FINAL), default=None)


def _list_away(status: FlowStatus) -> Samples:
    return [({"side": side}, since.timestamp()) for side, since in status.away.items()]


def _find_exit(status: FlowStatus) -> Samples:
    code = find_exit_code(status.last_run.outcome) if status.last_run else None
    return [] if code is None else _count(code)


def _find_interval(status: FlowStatus) -> Samples:
    every = status.settings.expected_every
    return _count(every.total_seconds()) if every else []


SERIES = (
    FlowSeries(
        "passerelle_flow_enabled",
        "gauge",
        "Whether the flow runs without being named.",
        lambda status: _count(status.settings.enabled),
    ),
    FlowSeries(
        "passerelle_flow_suspended",
        "gauge",
        "Whether the flow is suspended until somebody acts.",
        lambda status: _count(status.suspension is not None),
    ),
    FlowSeries(
        "passerelle_flow_suspended_since_timestamp_seconds",
        "gauge",
        "Since when the flow is suspended.",
        lambda status: _note(status.suspension.since if status.suspension else None),
    ),
    FlowSeries(
        "passerelle_flow_away_since_timestamp_seconds",
        "gauge",
        "Since when the place of a side of the flow is not there.",
        _list_away,
    ),
    FlowSeries(
        "passerelle_flow_notices",
        "gauge",
        "Notices of the flow that somebody should look at.",
        lambda status: _count(len(status.notices)),
    ),
    FlowSeries(
        "passerelle_last_run_start_timestamp_seconds",
        "gauge",
        "When the last run in which the flow took part began.",
        lambda status: _note(status.last_run.started_at if status.last_run else None),
    ),
    FlowSeries(
        "passerelle_last_run_end_timestamp_seconds",
        "gauge",
        "When that run ended; absent while it lasts, and when it was cut off.",
        lambda status: _note(status.last_run.ended_at if status.last_run else None),
    ),
    FlowSeries(
        "passerelle_last_run_exit_code",
        "gauge",
        "Exit code of that run, of all its flows together: 0, 1, 2, 3, 64 or 75.",
        _find_exit,
    ),
    FlowSeries(
        "passerelle_last_arrival_timestamp_seconds",
        "gauge",
        "When the source of the flow was last heard of.",
        lambda status: _note(status.last_arrival),
    ),
    FlowSeries(
        "passerelle_expected_arrival_interval_seconds",
        "gauge",
        "How often something must come at least (expected_every).",
        _find_interval,
    ),
    FlowSeries(
        "passerelle_records_received_total",
        "counter",
        "Records that the source supplied since the beginning.",
        lambda status: _count(status.balance.received),
    ),
    FlowSeries(
        "passerelle_records_total",
        "counter",
        "The same records, by how each of them ended.",
        lambda status: _list_fates(status.balance),
    ),
    FlowSeries(
        "passerelle_replayed_records_total",
        "counter",
        "Records that came back from quarantine, by how each ended; they were counted above when they came.",
        lambda status: _list_fates(status.replayed),
    ),
    FlowSeries(
        "passerelle_quarantine_records",
        "gauge",
        "Records that wait in quarantine; the withheld ones are there on purpose.",
        _list_quarantine,
    ),
    FlowSeries(
        "passerelle_quarantine_oldest_timestamp_seconds",
        "gauge",
        "When the oldest record that waits for somebody was set aside.",
        lambda status: _note(status.waiting.oldest),
    ),
    FlowSeries("passerelle_unfinished_parcels", "gauge", "Parcels that are open, wait or are parked.", _list_parcels),
    FlowSeries(
        "passerelle_unfinished_parcels_oldest_timestamp_seconds",
        "gauge",
        "When the oldest of them was received.",
        lambda status: _note(_find_oldest_parcel(status)),
    ),
)
"""In the order in which they are written."""


def list_figures(status: WorkspaceStatus) -> list[tuple[FlowSeries, list[tuple[Mapping[str, str], float]]]]:
    """Return every series that has samples, each with all its samples of all flows."""
    found = []
    for one in SERIES:
        samples: list[tuple[Mapping[str, str], float]] = [
            ({"flow": flow.settings.name, **labels}, figure)
            for flow in status.flows
            for labels, figure in one.list_samples(flow)
        ]
        if samples:
            found.append((one, samples))
    return found


def write_series(status: WorkspaceStatus) -> str:
    """Write the state, without the line end after the last line."""
    lines = [*_describe("passerelle_build_info", "gauge", "Version of Passerelle.")]
    lines.append(format_sample("passerelle_build_info", {"version": version("passerelle-social")}, 1))
    for one, samples in list_figures(status):
        lines += _describe(one.name, one.kind, one.says)
        lines += [format_sample(one.name, labels, figure) for labels, figure in samples]
    return "\n".join(lines)


def format_sample(name: str, labels: Mapping[str, str], figure: float) -> str:
    """Write one line: name, labels with what would end them escaped, figure."""
    told = ",".join(f'{label}="{_escape(text)}"' for label, text in labels.items())
    # whole numbers as they are; of moments a millisecond is enough
    shown = str(int(figure)) if float(figure).is_integer() else f"{figure:.3f}"
    return f"{name}{{{told}}} {shown}"


def _describe(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
