"""Whom the rows in quarantine name: each row is translated again once, in memory, for its references alone.

What was read stays with the quarantine that is open, so that a page about somebody reads what came since, and no more.
Nothing of it outlasts the process; a row that ended names nobody any more.
"""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import polars as pl

from passerelle import contracts
from passerelle.engine.quarantine.replaying import read_cells
from passerelle.stages.decode.replay import decode_replay, write_replay_line
from passerelle.stages.gate.subjects import find_subject_fields
from passerelle.stages.translate.translation import translate
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stores.quarantine import Quarantine

_ROWS = 5_000
"""Rows that are opened and translated at a time."""
_SCHEMA = {"ref": pl.String(), "item": pl.Int64()}


@dataclass(slots=True)
class _NamedSubjects:
    """Whom the rows of one flow name, as one plan reads them, up to the number of a row."""

    plan: TranslationPlan
    last: int = 0
    names: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SCHEMA), repr=False)


@dataclass(slots=True)
class _SubjectIndex:
    """Whom the rows of one quarantine name, by flow. Safe for several threads."""

    flows: dict[str, _NamedSubjects] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_INDEXES: WeakKeyDictionary[Quarantine, _SubjectIndex] = WeakKeyDictionary()


def find_quarantined_subjects(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Return the references that waiting rows name, each with the flows whose rows they are.

    Rows that cannot be read as rows, and those of flows that left the settings, name nobody.
    """
    found: dict[str, set[str]] = {}
    for flow in workspace.settings.flows:
        held = set(workspace.quarantine.list_held_ids(flow))
        names = _read_names(workspace, flow)
        for ref in names.filter(pl.col("item").is_in(held)).get_column("ref").unique():
            found.setdefault(ref, set()).add(flow)
    return {ref: frozenset(flows) for ref, flows in found.items()}


def find_waiting_flows(workspace: Workspace, refs: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the flows whose waiting rows name one of these references; those that none names are absent."""
    found: dict[str, set[str]] = {}
    for flow in workspace.settings.flows:
        for ref, _item in _iter_waiting(workspace, flow, refs):
            found.setdefault(ref, set()).add(flow)
    return {ref: frozenset(flows) for ref, flows in found.items()}


def count_items_naming(workspace: Workspace, ref: str) -> dict[str, int]:
    """Count, by flow, the waiting rows that name somebody."""
    # a row that serves two contracts is one row
    flows = workspace.settings.flows
    counts = {flow: len({item for _ref, item in _iter_waiting(workspace, flow, [ref])}) for flow in flows}
    return {flow: count for flow, count in counts.items() if count}


def list_item_subjects(workspace: Workspace, flow: str, item: int) -> list[str]:
    """Return the references that one quarantined item names."""
    plan = _find_plan(workspace, flow)
    if plan is None:
        return []
    names = pl.concat([pl.DataFrame(schema=_SCHEMA), *_iter_names(workspace, plan, [item])])
    return list(dict.fromkeys(names.get_column("ref")))


def _iter_waiting(workspace: Workspace, flow: str, refs: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield references and the waiting rows of a flow that name them."""
    pairs = _read_names(workspace, flow).filter(pl.col("ref").is_in(list(refs)))
    if pairs.is_empty():
        return
    rows = workspace.quarantine.list_rows(ids=pairs.get_column("item"))
    waiting = {row.id for row in rows}
    yield from ((ref, item) for ref, item in pairs.iter_rows() if item in waiting)


def _read_names(workspace: Workspace, flow: str) -> pl.DataFrame:
    """Return whom the rows of a flow name, read on to the latest; rows that ended since may be among them."""
    plan = _find_plan(workspace, flow)
    if plan is None:
        return pl.DataFrame(schema=_SCHEMA)
    index = _INDEXES.setdefault(workspace.quarantine, _SubjectIndex())
    with index.lock:
        known = index.flows.get(flow)
        if known is None or known.plan is not plan:
            known = index.flows[flow] = _NamedSubjects(plan)
        # what is being replayed is read too: it may wait again, under the same number
        ids = workspace.quarantine.list_held_ids(flow, after=known.last)
        if ids:
            names = pl.concat([known.names, *_iter_names(workspace, plan, ids)])
            # of rows that ended nothing stays in memory: they may have been erased for somebody
            known.names = names.filter(pl.col("item").is_in(workspace.quarantine.list_held_ids(flow)))
            known.last = ids[-1]
        return known.names


def _find_plan(workspace: Workspace, flow: str) -> TranslationPlan | None:
    """Return how the rows of a flow are read; None for one that left the settings, or whose plugin did."""
    try:
        with workspace.open_flow(flow, jobs=1, delivers=False) as open_flow:
            return open_flow.policy.plan
    except PasserelleError:
        return None


def _iter_names(workspace: Workspace, plan: TranslationPlan, ids: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Yield whom rows name, with those that cannot become records."""
    for start in range(0, len(ids), _ROWS):
        yield from _translate_items(workspace.quarantine.open_payloads(ids[start : start + _ROWS]), plan)


def _translate_items(payloads: Mapping[int, bytes], plan: TranslationPlan) -> Iterator[pl.DataFrame]:
    lines = []
    for item, content in payloads.items():
        if cells := read_cells(content):
            origin = json.loads(content)
            lines.append(write_replay_line(item, origin["member"], origin["line"], cells))
    wanted = frozenset(
        name for entry in plan.tables for name in find_subject_fields(contracts.get(entry.table.contract)).all
    )
    for batch in decode_replay(io.BytesIO(b"".join(lines)), block_rows=_ROWS):
        items = pl.Series("item", batch.items, dtype=pl.Int64)
        for contract, frame in translate(batch.table, plan, keep=wanted | {ROW}).iter_frames():
            for name in find_subject_fields(contracts.get(contract)).all:
                # a column that the supplier does not send has no type of its own
                if name in frame.columns and frame.schema[name] != pl.Null:
                    yield _list_names(frame, name, items)


def _list_names(frame: pl.DataFrame, name: str, items: pl.Series) -> pl.DataFrame:
    """Return whom a column names, with the items of the rows."""
    pairs = frame.select(ref=pl.col(name), item=items.gather(frame.get_column(ROW)))
    if isinstance(pairs.schema["ref"], pl.List):
        pairs = pairs.explode("ref")
    return pairs.drop_nulls().unique(maintain_order=True).cast(pl.Schema(_SCHEMA))
