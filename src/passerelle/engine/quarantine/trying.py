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
    from collections.abc import Mapping

    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.workspace.assembly import Workspace
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


def try_row(workspace: Workspace, flow: str, item: int, payload: bytes, cells: Mapping[str, str | None]) -> RowVerdict:
    """Return what a run of the flow would make of an item with these cells; deliveries are not tried.

    Raises UsageError for a flow that left the settings, and what opening it raises.
    """
    origin = json.loads(payload)
    line = write_replay_line(item, origin["member"], origin["line"], cells)
    accepted: list[str] = []
    findings: list[RowFinding] = []
    with workspace.open_flow(flow, jobs=1, delivers=False) as open_flow:
        for batch in prepare_batches(io.BytesIO(line), open_flow.connector.dialect, open_flow.policy, kind=REPLAY):
            accepted += [records.contract for records in batch.records if records.frame.height]
            findings += _list_findings(batch.ledger)
    return RowVerdict(tuple(accepted), tuple(findings))


def _list_findings(ledger: Ledger) -> list[RowFinding]:
    asides = [_describe(aside, str(aside.fate)) for aside in ledger.aside]
    return [*asides, *(_describe(warning, "") for warning in ledger.warned)]


def _describe(finding: SetAside | RowWarning, fate: str) -> RowFinding:
    return RowFinding(fate, finding.reason, finding.place, finding.contract, finding.details)
