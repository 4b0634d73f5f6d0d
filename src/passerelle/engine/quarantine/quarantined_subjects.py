"""Whom the rows in quarantine name: they are translated again, in memory, for their references alone."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.engine.quarantine.replaying import read_cells
from passerelle.stages.decode.replay import decode_replay, write_replay_line
from passerelle.stages.gate.subjects import find_subject_fields, list_subject_refs, mark_named
from passerelle.stages.translate.translation import translate
from passerelle.vocabulary.errors import PasserelleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stages.translate.translation import Translation

_ROWS = 5_000
"""Rows that are opened and translated at a time."""


def find_quarantined_subjects(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Return the references that waiting rows name, each with the flows whose rows they are.

    Rows that cannot be read as rows, and those of flows that left the settings, name nobody.
    """
    found: dict[str, set[str]] = {}
    for flow, ids in _group_by_flow(workspace).items():
        for ref in _iter_flow_subjects(workspace, flow, ids):
            found.setdefault(ref, set()).add(flow)
    return {ref: frozenset(flows) for ref, flows in found.items()}


def list_item_subjects(workspace: Workspace, flow: str, item: int) -> list[str]:
    """Return the references that one quarantined item names."""
    return list(dict.fromkeys(_iter_flow_subjects(workspace, flow, [item])))


def count_items_naming(workspace: Workspace, ref: str) -> dict[str, int]:
    """Count, by flow, the waiting rows that name somebody."""
    counts: dict[str, Counter[str]] = {}
    for flow, ids in _group_by_flow(workspace).items():
        for contract, frame in _iter_flow_frames(workspace, flow, ids):
            names = find_subject_fields(contracts.get(contract)).all
            named = pl.any_horizontal(pl.lit(value=False), *(mark_named(frame, name, {ref}) for name in names))
            counts.setdefault(flow, Counter())[contract] += frame.filter(named).height
    # a row that serves two contracts is one row
    return {flow: most for flow, some in counts.items() if (most := max(some.values()))}


def _group_by_flow(workspace: Workspace) -> dict[str, list[int]]:
    by_flow: dict[str, list[int]] = {}
    for row in workspace.quarantine.iter_rows():
        by_flow.setdefault(row.flow, []).append(row.id)
    return by_flow


def _iter_flow_subjects(workspace: Workspace, flow: str, ids: Sequence[int]) -> Iterator[str]:
    for contract, frame in _iter_flow_frames(workspace, flow, ids):
        yield from list_subject_refs(frame, find_subject_fields(contracts.get(contract)).all)


def _iter_flow_frames(workspace: Workspace, flow: str, ids: Sequence[int]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield what waiting rows become, by contract, with those that cannot become records."""
    try:
        with workspace.open_flow(flow, jobs=1, delivers=False) as open_flow:
            plan = open_flow.policy.plan
    except PasserelleError:
        # a flow that left the settings, or whose plugin did: nothing says what its columns mean
        return
    for start in range(0, len(ids), _ROWS):
        yield from _translate_items(workspace.quarantine.open_payloads(ids[start : start + _ROWS]), plan)


def _translate_items(payloads: Mapping[int, bytes], plan: TranslationPlan) -> Iterator[tuple[str, pl.DataFrame]]:
    lines = []
    for item, content in payloads.items():
        if cells := read_cells(content):
            origin = json.loads(content)
            lines.append(write_replay_line(item, origin["member"], origin["line"], cells))
    wanted = frozenset(
        name for entry in plan.tables for name in find_subject_fields(contracts.get(entry.table.contract)).all
    )
    for batch in decode_replay(io.BytesIO(b"".join(lines)), block_rows=_ROWS):
        yield from _iter_frames(translate(batch.table, plan, keep=wanted))


def _iter_frames(translation: Translation) -> Iterator[tuple[str, pl.DataFrame]]:
    for records in translation.records:
        yield records.contract, records.frame
    yield from translation.faulty
