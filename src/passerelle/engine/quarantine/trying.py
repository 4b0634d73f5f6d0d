"""Finds what would become of one corrected row: the path that a replay takes, one row of it, and nothing is kept."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.stages.decode.replay import write_replay_line
from passerelle.stores.parcels import REPLAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.engine.path.pipeline import PreparedBatch
    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.vocabulary.outcomes import RowWarning, SetAside
    from passerelle.vocabulary.place import Place


@dataclass(frozen=True, slots=True)
class RowFinding:
    """Something that a run would say of the row. Holds no value of it."""

    fate: str
    """Empty for a warning: the record would go all the same."""
    reason: str
    place: Place
    contract: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What would become of one row: the contracts of which it would give a record, and what is said of it."""

    accepted: tuple[str, ...]
    findings: tuple[RowFinding, ...]

    @property
    def reason(self) -> str:
        """Return the code of the first reason for which something would be set aside; empty when nothing would."""
        return next((finding.reason for finding in self.findings if finding.fate), "")


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A quarantined row as somebody would have it written."""

    item: int
    payload: bytes = field(repr=False)
    cells: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PileVerdict:
    """What would become of several rows together."""

    rows: int
    aside: int
    """How many of them would be set aside again."""
    findings: tuple[RowFinding, ...]
    """What would be said of them, each cause once."""


def try_row(workspace: Workspace, flow: str, item: int, payload: bytes, cells: Mapping[str, str | None]) -> RowVerdict:
    """Return what a run of the flow would make of an item with these cells; deliveries are not tried.

    Raises UsageError for a flow that left the settings, and what opening it raises.
    """
    accepted: list[str] = []
    findings: list[RowFinding] = []
    with workspace.open_flow(flow, jobs=1, delivers=False) as open_flow:
        for batch in _prepare(open_flow, [WrittenRow(item, payload, cells)]):
            accepted += [records.contract for records in batch.records if records.frame.height]
            findings += _list_findings(batch.ledger)
    return RowVerdict(tuple(accepted), tuple(findings))


def try_piles(workspace: Workspace, flow: str, piles: Iterable[Sequence[WrittenRow]]) -> list[PileVerdict]:
    """Return what a run of the flow would make of each pile of rows, in their order; raises as `try_row` does."""
    with workspace.open_flow(flow, jobs=1, delivers=False) as open_flow:
        return [_try_pile(open_flow, pile) for pile in piles]


def _try_pile(open_flow: OpenFlow, pile: Sequence[WrittenRow]) -> PileVerdict:
    aside = 0
    findings: dict[tuple[str, ...], RowFinding] = {}
    for batch in _prepare(open_flow, pile):
        # a row that serves two contracts is one row, however often it is set aside
        aside += len({one.row if one.row is not None else -1 - nth for nth, one in enumerate(batch.ledger.aside)})
        for finding in _list_findings(batch.ledger):
            place = finding.place
            findings.setdefault((finding.fate, finding.reason, finding.contract, place.column, place.field), finding)
    return PileVerdict(len(pile), aside, tuple(findings.values()))


def _prepare(open_flow: OpenFlow, rows: Iterable[WrittenRow]) -> Iterable[PreparedBatch]:
    lines = []
    for row in rows:
        origin = json.loads(row.payload)
        lines.append(write_replay_line(row.item, origin["member"], origin["line"], row.cells))
    stream = io.BytesIO(b"".join(lines))
    return prepare_batches(stream, open_flow.connector.dialect, open_flow.policy, kind=REPLAY)


def _list_findings(ledger: Ledger) -> list[RowFinding]:
    asides = [_describe(aside, str(aside.fate)) for aside in ledger.aside]
    return [*asides, *(_describe(warning, "") for warning in ledger.warned)]


def _describe(finding: SetAside | RowWarning, fate: str) -> RowFinding:
    return RowFinding(fate, finding.reason, finding.place, finding.contract, finding.details)
