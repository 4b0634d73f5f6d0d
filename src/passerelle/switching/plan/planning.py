"""Plans a change of supplier: what becomes of every field, by the two descriptions and by a sample's real use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.switching.compare.changed_references import ReferenceIndex
from passerelle.switching.compare.rows import LOST, TAKEN, WAS, count_losses, iter_last_versions, make_origin_rows
from passerelle.switching.dependency_order import sort_by_dependency
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.left_behind import LeftBehind, list_left_behind
from passerelle.switching.plan.field_places import FieldPlace, find_places
from passerelle.switching.record_texts import BETWEEN, list_compared, map_references, split_items, to_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.switching.side import Side
    from passerelle.switching.simulated_target import SimulatedTarget
    from passerelle.switching.snapshot import Snapshot

SCHEMA = "passerelle.switch.plan/1"
_PIPELINE = ("ref", "source")
_LONGEST_TEXT = 20_000


class MoveVerdict(StrEnum):
    """What the two descriptions alone say of a field."""

    CARRIED = "carried"
    NARROWED = "narrowed"
    """Both have it, but the new side takes shorter texts or fewer codes."""
    LOST = "lost"
    """The old side has it, the new one has no place for it."""
    NEEDED = "needed"
    """The new side takes nothing without it, and the old one does not have it."""
    UNUSED = "unused"
    """Only the new side has it."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field of one contract."""

    name: str
    verdict: MoveVerdict
    origin: FieldPlace | None
    target: FieldPlace | None
    without_equivalent: tuple[str, ...] = ()
    """Codes of the old side that the new one does not say."""
    filled: int = 0
    """Records of the sample that have a value."""
    concerned: Mapping[DifferenceKind, int] = field(default_factory=lambda: MappingProxyType({}))
    """Records of the sample that it will not be the same for, by what will happen."""
    codes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Codes of the sample that will be another one, with the number of records."""

    def to_json(self) -> dict[str, Any]:
        """Return the field; a side that has no place for it has null columns."""
        return {
            "field": self.name,
            "verdict": self.verdict.value,
            "origin_columns": list(self.origin.columns) if self.origin else None,
            "target_columns": list(self.target.columns) if self.target else None,
            "target_max_length": self.target.max_length if self.target else None,
            "codes_without_equivalent": list(self.without_equivalent),
            "filled": self.filled,
            "concerned": {kind.value: count for kind, count in self.concerned.items()},
            "codes": dict(self.codes),
        }


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A reference that may lead nowhere after the move."""

    contract: str
    field: str
    family: str
    why: str
    """`not_taken`: the new side does not take what is referred to; `not_there`: the old exports do not hold it."""
    nowhere: int = 0
    """Distinct references of the sample that lead to nothing in the old exports."""


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """One contract that the old side holds."""

    contract: str
    taken: bool
    fields: tuple[FieldPlan, ...] = ()
    records: int = 0
    refused: int = 0
    """Records of the sample that the new side's layout cannot hold."""

    def to_json(self) -> dict[str, Any]:
        """Return the contract with all its fields."""
        return {
            "contract": self.contract,
            "taken": self.taken,
            "records": self.records,
            "refused": self.refused,
            "fields": [entry.to_json() for entry in self.fields],
        }


@dataclass(frozen=True, slots=True)
class UnreadPlan:
    """Something that a connector of the old side leaves unread on purpose."""

    connector: str
    name: str
    reason: str
    values: int = 0
    """Values of it in the sample."""


@dataclass(frozen=True, slots=True)
class MovePlan:
    """The plan of a move: what would become of everything that the old side holds."""

    origin: str
    target: str
    contracts: tuple[ContractPlan, ...]
    links: tuple[LinkPlan, ...] = ()
    sampled: bool = False
    predicted: Mapping[tuple[str, str, DifferenceKind], int] = field(default_factory=lambda: MappingProxyType({}))
    """Losses by contract, field and kind, in records of the sample: what comparing both sides will then find."""
    unread: tuple[UnreadPlan, ...] = ()
    """What the connectors of the old side leave unread on purpose: it stays behind."""
    left: tuple[LeftBehind, ...] = ()
    """All that stays behind of a sample, by name: columns that no field takes, and rows that are left out."""

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON: the shape that `docs/json.md` describes."""
        return {
            "origin": self.origin,
            "target": self.target,
            "sampled": self.sampled,
            "contracts": [entry.to_json() for entry in self.contracts],
            "links": [
                {"contract": link.contract, "field": link.field, "to": link.family, "why": link.why}
                | {"nowhere": link.nowhere}
                for link in self.links
            ],
            "unread": [
                {"connector": entry.connector, "name": entry.name, "reason": entry.reason, "values": entry.values}
                for entry in self.unread
            ],
            "left_behind": [one.to_json() for one in self.left],
            "losses": [
                {"contract": contract, "field": name, "kind": kind.value, "records": count}
                for (contract, name, kind), count in sorted(self.predicted.items())
            ],
        }


def plan_move(
    origin: Side,
    target: Side,
    simulated: SimulatedTarget,
    sample: Snapshot | None = None,
    *,
    same_ids: bool = False,
    progress: Callable[[str, int, int], None] = lambda _contract, _rows, _total: None,
) -> MovePlan:
    """Return what would become of everything. With a sample, each loss is weighed by the records that it concerns."""
    use = _SampleUse(same_ids)
    if sample is not None:
        for contract in sort_by_dependency(sample.contracts):
            _weigh_sample(contract, sample, simulated, use, progress)
    contract_plans = tuple(
        _plan_contract(contract, origin, target, use) for contract in sort_by_dependency(origin.contracts)
    )
    return MovePlan(
        origin.name,
        target.name,
        contract_plans,
        tuple(_iter_link_plans(origin, target, use, sampled=sample is not None)),
        sample is not None,
        MappingProxyType(dict(use.predicted)),
        tuple(_iter_unread_plans(origin, sample)),
        tuple(list_left_behind(sample.manifest, target, simulated.decisions)) if sample else (),
    )


def _iter_unread_plans(origin: Side, sample: Snapshot | None) -> Iterator[UnreadPlan]:
    """Yield what the old side declares unread, with the values of the sample; a pattern is listed by what it met."""
    met = [] if sample is None else sample.manifest.get("unread", [])
    yield from (UnreadPlan(entry["connector"], entry["name"], entry["reason"], entry["values"]) for entry in met)
    names = {(entry["connector"], entry["name"]) for entry in met}
    for connector, unread in origin.list_unread().items():
        for name, reason in unread.items():
            if (connector, name) not in names:
                yield UnreadPlan(connector, name, reason)


@dataclass(slots=True)
class _SampleUse:
    """What a sample shows of real use."""

    same_ids: bool
    records: Counter[str] = field(default_factory=Counter)
    filled: Counter[tuple[str, str]] = field(default_factory=Counter)
    predicted: Counter[tuple[str, str, DifferenceKind]] = field(default_factory=Counter)
    codes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By contract, field and the code that will be another one."""
    references: ReferenceIndex = field(default_factory=ReferenceIndex)


def _weigh_sample(
    contract: str,
    sample: Snapshot,
    simulated: SimulatedTarget,
    use: _SampleUse,
    progress: Callable[[str, int, int], None],
) -> None:
    # What the new side's supplier adds under its own name is no loss of the old side.
    foreign = simulated.target.suppliers - sample.suppliers
    for frame in iter_last_versions(sample, contract):
        rows = make_origin_rows(frame, contract, simulated, same_ids=use.same_ids, foreign=foreign)
        taken = rows.filter(TAKEN)
        use.records[contract] += rows.height
        if gone := rows.height - taken.height:
            use.predicted[
                contract, "", DifferenceKind.REFUSED if simulated.has_contract(contract) else DifferenceKind.NOT_TAKEN
            ] += gone
        for name, kind, count in count_losses(taken):
            use.predicted[contract, name, kind] += count
        losses = taken.select(LOST, WAS).drop_nulls(LOST).explode(LOST, WAS)
        recoded = losses.filter(pl.col(LOST).str.ends_with(f"{BETWEEN}{DifferenceKind.CODE}"))
        for loss, was, count in recoded.group_by(LOST, WAS).len().sort(LOST, WAS).iter_rows():
            for code in split_items(was):  # of a list, every code that it holds
                use.codes[contract, loss.partition(BETWEEN)[0], code] += count
        filled = to_texts(frame, contract).select(pl.col(list_compared(contract)).count())
        for name, count in filled.row(0, named=True).items():
            use.filled[contract, name] += count
        use.references.observe(contract, rows)
        progress(contract, frame.height, sample.count(contract))


def _plan_contract(contract: str, origin: Side, target: Side, use: _SampleUse) -> ContractPlan:
    origin_places, target_places = find_places(origin, contract), find_places(target, contract)
    fields = [
        _plan_field(contract, name, origin_places.get(name), target_places.get(name), use)
        for name in contracts.get(contract).list_fields()
        if name not in _PIPELINE and (name in origin_places or name in target_places or use.filled[contract, name])
    ]
    return ContractPlan(
        contract,
        bool(target.list_exports(contract)),
        tuple(fields),
        use.records[contract],
        use.predicted[contract, "", DifferenceKind.REFUSED],
    )


def _plan_field(
    contract: str, name: str, origin: FieldPlace | None, target: FieldPlace | None, use: _SampleUse
) -> FieldPlan:
    about = (contract, name)
    missing: tuple[str, ...] = ()
    if origin is not None and target is not None and target.codes:
        missing = tuple(code for code in origin.codes if code not in target.codes)
    concerned = {kind: count for (*loss, kind), count in use.predicted.items() if tuple(loss) == about and count}
    codes = {code: count for (*use_of, code), count in use.codes.items() if tuple(use_of) == about}
    filled = use.filled[about]
    if target is None:
        verdict = MoveVerdict.LOST
    elif origin is None and not filled:
        verdict = MoveVerdict.NEEDED if target.needed else MoveVerdict.UNUSED
    else:
        # A text without a limit of its own is as long as contracts let one be.
        longest = (origin.max_length if origin else None) or _LONGEST_TEXT
        shorter = target.max_length is not None and (origin is None or longest > target.max_length)
        verdict = MoveVerdict.NARROWED if missing or shorter else MoveVerdict.CARRIED
    return FieldPlan(name, verdict, origin, target, missing, filled, concerned, codes)


def _iter_link_plans(origin: Side, target: Side, use: _SampleUse, *, sampled: bool) -> Iterator[LinkPlan]:
    """Yield the references that may lead nowhere: to a family that a side lacks, or records that the sample lacks."""
    held, taken = ({contracts.get(name).about.family for name in side.contracts} for side in (origin, target))
    dangling = use.references.count_dangling()
    for contract in sort_by_dependency(origin.contracts):
        places = find_places(origin, contract)
        for name, family in map_references(contract).items():
            if name not in places or not target.list_exports(contract):
                continue
            lost = dangling.get((contract, name), 0)
            if family not in held or (sampled and lost):
                yield LinkPlan(contract, name, family, "not_there", lost)
            elif family not in taken:
                yield LinkPlan(contract, name, family, "not_taken")
