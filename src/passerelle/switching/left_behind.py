"""What the old software's exports hold and no field of a contract takes: by name, and how many values stay behind.

A connector waives columns, carries others beside the contract, meets some that it does not know, and leaves whole rows
out. What is carried stays behind where the new side's layout has no place for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.batch_stream import decode_shaped
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.plans import get_plan
from passerelle.engine.watches.unread_watch import UnreadWatch, count_filled
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.locality import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.engine.records.ledger import Ledger
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.switching.decisions import Decisions
    from passerelle.switching.side import ExportReader, Side, SideExport
    from passerelle.vocabulary.parcels import TextTable

_OUT_OF_SCOPE = "translate.row.out_of_scope"


class LeftKind(StrEnum):
    """Why something stays behind."""

    WAIVED = "waived"
    """The connector leaves it unread on purpose, and says why."""
    CARRIED = "carried"
    """The connector knows it; no contract has a field for it, and the new side no place beside them."""
    UNKNOWN = "unknown"
    """The connector does not know it; neither has the new side a place for it."""
    OUT_OF_SCOPE = "out_of_scope"
    """Whole rows that the connector leaves out on purpose."""

    @property
    def is_column(self) -> bool:
        """Whether it is a column: then somebody has to accept the loss before anything moves."""
        return self is not LeftKind.OUT_OF_SCOPE


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """One thing that stays behind."""

    connector: str
    kind: LeftKind
    name: str
    """The supplier's name of a column or list; of rows, the table that they stand in."""
    values: int
    """Cells that hold something."""
    reason: str = ""
    """Why, in the words of the connector."""
    rows: int = 0
    """Of rows that are left out: how many there are."""
    accepted_by: str = ""
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; who accepted it and why are null when nobody did."""
        return {
            "connector": self.connector,
            "kind": self.kind.value,
            "name": self.name,
            "values": self.values,
            "rows": self.rows,
            "reason": self.reason,
            "accepted_by": self.accepted_by or None,
            "why": self.why or None,
        }


@dataclass(slots=True)
class ColumnCounter:
    """Counts, for one connector, the values of columns that no converter reads, and of rows that are left out."""

    plan: TranslationPlan
    carried: Counter[tuple[str, str, tuple[str, ...]]] = field(default_factory=Counter)
    """Values by kind, column and the contracts of the rows that hold them."""
    scopes: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Rows and values that are left out, by table and reason."""

    def observe_columns(self, table: TextTable) -> None:
        """Count the columns of a batch that travel beside the contracts, if at all."""
        plans = self.plan.list_tables(table.member)
        if not plans:
            return
        read = {name for entry in plans for name in (*entry.columns, *entry.conditions, *entry.required)}
        read.update(name for entry in plans for name in (*entry.table.waived, *entry.not_carried))
        read.update(self.plan.list_scope_columns(table.member), self.plan.name_columns)
        names = [
            name
            for name in table.frame.columns
            if name not in read and self.plan.find_unread_reason(name) is None and not name.startswith("_")
        ]
        held = tuple(dict.fromkeys(entry.table.contract for entry in plans))
        for name, values in count_filled(table.frame, names).items():
            is_known = any(entry.knows(name) for entry in plans)
            kind = LeftKind.CARRIED if is_known else LeftKind.UNKNOWN
            if values:
                self.carried[kind.value, name, held] += values

    def observe_rows(self, ledger: Ledger, table: TextTable) -> None:
        """Count the rows of a batch that the connector leaves out on purpose."""
        left: dict[str, list[int]] = {}
        for item in ledger.aside:
            if item.reason == _OUT_OF_SCOPE and item.row is not None:
                left.setdefault(item.details.get("why", ""), []).append(item.row)
        for why, rows in left.items():
            before = self.scopes.get((table.member, why), (0, 0))
            values = sum(count_filled(table.frame[rows], table.frame.columns).values())
            self.scopes[table.member, why] = (before[0] + len(rows), before[1] + values)


def describe_counted(connector: str, supplier: str, counter: ColumnCounter) -> Iterator[dict[str, Any]]:
    """Yield what was counted, as it stands in a manifest."""
    about: dict[str, Any] = {"connector": connector, "supplier": supplier}
    for (kind, name, held), values in counter.carried.items():
        yield {**about, "kind": kind, "name": name, "contracts": list(held), "values": values, "rows": 0, "reason": ""}
    for (member, why), (rows, values) in counter.scopes.items():
        scope = {"kind": LeftKind.OUT_OF_SCOPE.value, "name": member, "contracts": []}
        yield {**about, **scope, "values": values, "rows": rows, "reason": why}


def add_up(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add up what several files of one connector hold, in a stable order."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in entries:
        key = (entry["connector"], entry["kind"], entry["name"], tuple(entry["contracts"]), entry["reason"])
        held = found.setdefault(key, {**entry, "values": 0, "rows": 0})
        held["values"] += entry["values"]
        held["rows"] += entry["rows"]
    return [found[key] for key in sorted(found)]


def list_left_behind(manifest: Mapping[str, Any], target: Side, decisions: Decisions) -> list[LeftBehind]:
    """List what stays behind of a side that was read, with whoever accepted it. `target` is the new side."""
    waived = (
        LeftBehind(one["connector"], LeftKind.WAIVED, one["name"], one["values"], one["reason"])
        for one in manifest.get("unread", ())
        if one["values"]
    )
    left: Counter[tuple[str, LeftKind, str, str]] = Counter()
    rows: Counter[tuple[str, LeftKind, str, str]] = Counter()
    covered: dict[tuple[str, LeftKind, str, str], list[tuple[str, ...]]] = {}
    for one in manifest.get("beside", ()):
        kind, held = LeftKind(one["kind"]), tuple(one["contracts"])
        if kind.is_column and not _is_left(held, one["supplier"], target):
            continue
        key = (one["connector"], kind, one["name"], one["reason"])
        left[key] += one["values"]
        rows[key] += one["rows"]
        covered.setdefault(key, []).append(held)
    beside = (
        _accept_with_field(LeftBehind(*key[:3], left[key], key[3], rows[key]), covered[key], decisions)
        for key in sorted(left)
    )
    return [_accept(one, decisions) for one in (*waived, *beside)]


def _is_left(held: tuple[str, ...], supplier: str, target: Side) -> bool:
    """Whether no contract of these rows goes where what is beside the contract has a place.

    A contract that the new side does not take at all is told as a whole.
    """
    taken = [export for contract in held for export in target.list_exports(contract)]
    readers = [export.connector_reader for export in taken]
    return bool(readers) and not any(reader is None or reader.supplier.id == supplier for reader in readers)


def _accept(one: LeftBehind, decisions: Decisions) -> LeftBehind:
    loss = decisions.find_acceptance(one.connector, one.name, DifferenceKind.COLUMN, one.values)
    if loss is None or not one.kind.is_column:
        return one
    return replace(one, accepted_by=loss.who, why=loss.why)


def _accept_with_field(one: LeftBehind, held: list[tuple[str, ...]], decisions: Decisions) -> LeftBehind:
    """Accept a column where what is beside the contract was accepted as a whole, for each contract of its rows."""
    every = {contract for names in held for contract in names}
    losses = [decisions.find_acceptance(name, "extra", DifferenceKind.LOST) for name in every]
    if not losses or losses[0] is None or None in losses:
        return one
    return replace(one, accepted_by=losses[0].who, why=losses[0].why)


def weigh_exports(origin: Side) -> dict[str, Any]:
    """Return what the files of a side hold beside the contracts, as a manifest does, from their columns alone.

    What somebody has to be asked for (an API) is not asked twice; a file that cannot be read is told when it moves.
    """
    unread: Counter[tuple[str, str, str]] = Counter()
    beside: list[dict[str, Any]] = []
    for export in origin.exports:
        reader = export.connector_reader
        if reader is None or export.is_asked:
            continue
        for watch, counter in _iter_weighed(export, reader):
            for name, values in watch.declared.items():
                unread[export.reader, name, counter.plan.find_why_unread(name)] += values
            beside += describe_counted(export.reader, reader.supplier.id, counter)
    return {
        "unread": [
            {"connector": connector, "name": name, "reason": reason, "values": values}
            for (connector, name, reason), values in sorted(unread.items())
        ],
        "beside": add_up(beside),
    }


def _iter_weighed(export: SideExport, reader: ExportReader) -> Iterator[tuple[UnreadWatch, ColumnCounter]]:
    plan = get_plan(reader.supplier.id, reader.connector, NOWHERE)
    policy = FlowPolicy(plan=plan, purpose=Purpose.PORTABILITY)
    for piece in export.iter_pieces():
        watch, counter = UnreadWatch(plan), ColumnCounter(plan)
        with piece.open() as stream:
            try:
                for decoded in decode_shaped(stream, reader.connector.dialect, policy):
                    watch.observe(decoded, ())
                    counter.observe_columns(decoded.table)
            except ParcelError:
                continue
        yield watch, counter
