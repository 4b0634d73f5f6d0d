"""The plan of a change of supplier: what becomes of every field, by the two descriptions and by a sample's real use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle import contracts
from passerelle.switching.compare.links import References
from passerelle.switching.compare.rows import LOST, TAKEN, WAS, lasting, of_origin, told
from passerelle.switching.kinds import Kind
from passerelle.switching.order import in_order
from passerelle.switching.plan.mapping import Place, places
from passerelle.switching.values import BETWEEN, compared, items, references, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.switching.expected import SimulatedTarget
    from passerelle.switching.side import Side
    from passerelle.switching.snapshot import Snapshot

SCHEMA = "passerelle.switch.plan/1"
_PIPELINE = ("ref", "source")


class Verdict(StrEnum):
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
    verdict: Verdict
    origin: Place | None
    target: Place | None
    without_equivalent: tuple[str, ...] = ()
    """Codes of the old side that the new one does not say."""
    filled: int = 0
    """Records of the sample that have a value."""
    concerned: Mapping[Kind, int] = field(default_factory=lambda: MappingProxyType({}))
    """Records of the sample that it will not be the same for, by what will happen."""
    codes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Codes of the sample that will be another one, with the number of records."""


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of everything that the old side holds."""

    origin: str
    target: str
    contracts: tuple[ContractPlan, ...]
    links: tuple[LinkPlan, ...] = ()
    sampled: bool = False
    predicted: Mapping[tuple[str, str, Kind], int] = field(default_factory=lambda: MappingProxyType({}))
    """Losses by contract, field and kind, in records of the sample: what comparing both sides will then find."""

    def content(self) -> dict[str, Any]:
        """Give it as JSON: what `docs/json.md` describes."""
        return {
            "origin": self.origin,
            "target": self.target,
            "sampled": self.sampled,
            "contracts": [_contract(entry) for entry in self.contracts],
            "links": [
                {"contract": link.contract, "field": link.field, "to": link.family, "why": link.why}
                | {"nowhere": link.nowhere}
                for link in self.links
            ],
            "losses": [
                {"contract": contract, "field": name, "kind": kind.value, "records": count}
                for (contract, name, kind), count in sorted(self.predicted.items())
            ],
        }


def plan(
    origin: Side,
    target: Side,
    simulated: SimulatedTarget,
    sample: Snapshot | None = None,
    *,
    same_ids: bool = False,
    progress: Callable[[str, int, int], None] = lambda _contract, _rows, _total: None,
) -> Plan:
    """Say what would become of everything. With a sample, each loss is weighed by the records that it concerns."""
    use = _Use(same_ids)
    if sample is not None:
        for contract in in_order(sample.contracts):
            _weigh(contract, sample, simulated, use, progress)
    made = tuple(_planned(contract, origin, target, use) for contract in in_order(origin.contracts))
    return Plan(
        origin.name,
        target.name,
        made,
        tuple(_links(origin, target, use, sampled=sample is not None)),
        sample is not None,
        MappingProxyType(dict(use.predicted)),
    )


@dataclass(slots=True)
class _Use:
    """What a sample shows of real use."""

    same_ids: bool
    records: Counter[str] = field(default_factory=Counter)
    filled: Counter[tuple[str, str]] = field(default_factory=Counter)
    predicted: Counter[tuple[str, str, Kind]] = field(default_factory=Counter)
    codes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By contract, field and the code that will be another one."""
    references: References = field(default_factory=References)


def _weigh(
    contract: str, sample: Snapshot, simulated: SimulatedTarget, use: _Use, progress: Callable[[str, int, int], None]
) -> None:
    for frame in lasting(sample, contract):
        foreign = simulated.target.suppliers - sample.suppliers
        rows = of_origin(frame, contract, simulated, same_ids=use.same_ids, foreign=foreign)
        taken = rows.filter(TAKEN)
        use.records[contract] += rows.height
        if gone := rows.height - taken.height:
            use.predicted[contract, "", Kind.REFUSED if simulated.holds(contract) else Kind.NOT_TAKEN] += gone
        for name, kind, count in told(taken):
            use.predicted[contract, name, kind] += count
        for name, code, count in _recoded(taken):
            use.codes[contract, name, code] += count
        for name, count in texts(frame, contract).select(pl.col(compared(contract)).count()).row(0, named=True).items():
            use.filled[contract, name] += count
        use.references.see(contract, rows)
        progress(contract, frame.height, sample.count(contract))


def _recoded(rows: pl.DataFrame) -> Iterator[tuple[str, str, int]]:
    """Give the codes that will be others, by field: of lists, all that the list says."""
    pairs = rows.select(LOST, WAS).drop_nulls(LOST).explode(LOST, WAS)
    mine = pairs.filter(pl.col(LOST).str.ends_with(f"{BETWEEN}{Kind.CODE}"))
    for said, was, count in mine.group_by(LOST, WAS).len().sort(LOST, WAS).iter_rows():
        for code in items(was):
            yield said.partition(BETWEEN)[0], code, count


def _planned(contract: str, origin: Side, target: Side, use: _Use) -> ContractPlan:
    mine, theirs = places(origin, contract), places(target, contract)
    names = [name for name in contracts.get(contract).list_fields() if name not in _PIPELINE]
    known = [name for name in names if name in mine or name in theirs or use.filled[contract, name]]
    return ContractPlan(
        contract,
        bool(target.of(contract)),
        tuple(_field(contract, name, mine.get(name), theirs.get(name), use) for name in known),
        use.records[contract],
        use.predicted[contract, "", Kind.REFUSED],
    )


def _field(contract: str, name: str, mine: Place | None, theirs: Place | None, use: _Use) -> FieldPlan:
    missing = _without_equivalent(mine, theirs)
    concerned = {
        kind: count for (of, what, kind), count in use.predicted.items() if (of, what) == (contract, name) and count
    }
    codes = {code: count for (of, what, code), count in use.codes.items() if (of, what) == (contract, name)}
    there = mine is not None or use.filled[contract, name] > 0
    verdict = _verdict(mine, theirs, there=there, missing=bool(missing))
    return FieldPlan(name, verdict, mine, theirs, missing, use.filled[contract, name], concerned, codes)


def _verdict(mine: Place | None, theirs: Place | None, *, there: bool, missing: bool) -> Verdict:
    if theirs is None:
        return Verdict.LOST
    if not there:
        return Verdict.NEEDED if theirs.needed else Verdict.UNUSED
    shorter = theirs.max_length is not None and (mine is None or (mine.max_length or 20_000) > theirs.max_length)
    return Verdict.NARROWED if missing or shorter else Verdict.CARRIED


def _without_equivalent(mine: Place | None, theirs: Place | None) -> tuple[str, ...]:
    if mine is None or theirs is None or not theirs.codes:
        return ()
    return tuple(code for code in mine.codes if code not in theirs.codes)


def _links(origin: Side, target: Side, use: _Use, *, sampled: bool) -> Iterator[LinkPlan]:
    """Give the references that may lead nowhere: a family that a side lacks, or records that the sample lacks."""
    held, taken = ({contracts.get(name).about.family for name in side.contracts} for side in (origin, target))
    nowhere = use.references.nowhere()
    for contract in in_order(origin.contracts):
        mine = places(origin, contract)
        for name, family in references(contract).items():
            if name not in mine or not target.of(contract):
                continue
            lost = nowhere.get((contract, name), 0)
            if family not in held or (sampled and lost):
                yield LinkPlan(contract, name, family, "not_there", lost)
            elif family not in taken:
                yield LinkPlan(contract, name, family, "not_taken")


def _contract(entry: ContractPlan) -> dict[str, Any]:
    return {
        "contract": entry.contract,
        "taken": entry.taken,
        "records": entry.records,
        "refused": entry.refused,
        "fields": [
            {
                "field": one.name,
                "verdict": one.verdict.value,
                "origin_columns": list(one.origin.columns) if one.origin else None,
                "target_columns": list(one.target.columns) if one.target else None,
                "target_max_length": one.target.max_length if one.target else None,
                "codes_without_equivalent": list(one.without_equivalent),
                "filled": one.filled,
                "concerned": {kind.value: count for kind, count in one.concerned.items()},
                "codes": dict(one.codes),
            }
            for one in entry.fields
        ],
    }
