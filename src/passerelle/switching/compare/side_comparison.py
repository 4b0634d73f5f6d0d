"""The result of a comparison of two sides: counts, expected losses, unexpected differences, sums that differ."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from passerelle.switching.compare.totals import UNIT, ContractSums, iter_differing_cells
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.left_behind import LeftKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from passerelle.switching.compare.side_findings import FindingGroup, SideFinding
    from passerelle.switching.compare.similarity import PersonProposal
    from passerelle.switching.decisions import Decisions
    from passerelle.switching.left_behind import LeftBehind

SCHEMA = "passerelle.switch.compare/1"


@dataclass(slots=True)
class RecordTally:
    """Counts of the records of one contract."""

    origin: int = 0
    target: int = 0
    repeated: int = 0
    """Records of the old side that came again later under the same reference: the last one counts."""
    matched: dict[str, int] = field(default_factory=dict)
    """Pairs, by what matched them: `reference`, `identifier`, `content`, `natural_key`."""
    not_taken: int = 0
    """Records that the new side has no place for."""
    refused: int = 0
    """Records that the new side's layout cannot hold."""
    spared: int = 0
    """Values that were predicted to be lost and are there all the same."""

    def to_json(self, contract: str) -> dict[str, Any]:
        """Return the counts under the name of their contract."""
        return {
            "contract": contract,
            "origin": self.origin,
            "target": self.target,
            "repeated": self.repeated,
            "matched": self.matched,
            "not_taken": self.not_taken,
            "refused": self.refused,
            "spared": self.spared,
        }


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """A loss that was predicted and is there."""

    contract: str
    field: str
    kind: DifferenceKind
    predicted: int
    observed: int
    accepted_by: str = ""
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the loss; who accepted it and why are null when nobody did."""
        return {
            "contract": self.contract,
            "field": self.field,
            "kind": self.kind.value,
            "predicted": self.predicted,
            "found": self.observed,
            "accepted_by": self.accepted_by or None,
            "why": self.why or None,
        }


@dataclass(slots=True)
class SideComparison:
    """The result of a comparison. Of records it holds places only; of sums also organisations and services."""

    origin: Mapping[str, Any]
    """The manifest of the old side's snapshot."""
    target: Mapping[str, Any]
    tallies: dict[str, RecordTally] = field(default_factory=dict)
    expected: list[ExpectedLoss] = field(default_factory=list)
    groups: dict[FindingGroup, int] = field(default_factory=dict)
    """Unexpected differences."""
    first: dict[FindingGroup, list[SideFinding]] = field(default_factory=dict)
    dangling: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    """Distinct references that lead nowhere, by side (`origin`, `target`), then contract and field."""
    sums: dict[str, tuple[ContractSums, ContractSums]] = field(default_factory=dict)
    proposals: list[PersonProposal] = field(default_factory=list)
    """Persons who may be the same, for somebody to confirm."""
    left: list[LeftBehind] = field(default_factory=list)
    """What the old side's exports hold and no field takes, by name."""

    @property
    def is_faithful(self) -> bool:
        """Whether nothing differs but what was expected."""
        return not self.groups

    @property
    def losses_to_accept(self) -> list[ExpectedLoss]:
        """The expected losses that nobody has accepted."""
        return [loss for loss in self.expected if not loss.accepted_by]

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON: the shape that `docs/json.md` describes."""
        return {
            "origin": _side_to_json(self.origin),
            "target": _side_to_json(self.target),
            "contracts": [tally.to_json(name) for name, tally in self.tallies.items()],
            "expected": [loss.to_json() for loss in self.expected],
            "findings": [_group_to_json(group, count, self.first[group]) for group, count in self.groups.items()],
            "broken_references": [
                {"side": side, "contract": contract, "field": name, "count": count}
                for side, counts in self.dangling.items()
                for (contract, name), count in counts.items()
            ],
            "sums": [
                {
                    "contract": contract,
                    "month": month or None,
                    "organisation": organisation or None,
                    "service": service or None,
                    "measure": measure,
                    "origin": before / UNIT,
                    "target": after / UNIT,
                }
                for contract, sides in self.sums.items()
                for (month, organisation, service, measure), before, after in iter_differing_cells(*sides)
            ],
            "proposals": len(self.proposals),
            "left_behind": [one.to_json() for one in self.left],
            "faithful": self.is_faithful,
        }


def pair_losses(
    predicted: Mapping[tuple[str, str, DifferenceKind], int],
    observed: Mapping[tuple[str, str, DifferenceKind], int],
    decisions: Decisions,
) -> Iterator[ExpectedLoss]:
    """Yield each predicted or observed loss with both counts, and whoever accepted it."""
    for contract, name, kind in sorted(predicted.keys() | observed.keys()):
        about = (contract, name, kind)
        count = observed.get(about, 0)
        accepted = decisions.find_acceptance(contract, name, kind, count)
        who, why = (accepted.who, accepted.why) if accepted else ("", "")
        yield ExpectedLoss(*about, predicted.get(about, 0), count, who, why)


def accept_beside(expected: Sequence[ExpectedLoss], left: Sequence[LeftBehind]) -> list[ExpectedLoss]:
    """Return the losses; what is beside a contract is accepted as a whole once each of its columns is, by name."""
    beside = [one for one in left if one.kind in (LeftKind.CARRIED, LeftKind.UNKNOWN)]
    if not beside or not all(one.accepted_by for one in beside):
        return list(expected)
    return [
        replace(loss, accepted_by=beside[0].accepted_by, why=beside[0].why)
        if loss.field == "extra" and loss.kind is DifferenceKind.LOST and not loss.accepted_by
        else loss
        for loss in expected
    ]


def _side_to_json(manifest: Mapping[str, Any]) -> dict[str, Any]:
    # Names of files may name persons: their digests stand for them.
    files = [{key: value for key, value in entry.items() if key != "name"} for entry in manifest["files"]]
    return {"side": manifest["side"], "files": files, "balance": manifest["balance"]}


def _group_to_json(group: FindingGroup, count: int, first: Iterable[SideFinding]) -> dict[str, Any]:
    kind, contract, fields = group
    return {
        "kind": kind.value,
        "contract": contract,
        "fields": list(fields),
        "count": count,
        "places": [
            {key: value for key, value in finding.to_json().items() if key in ("origin", "target", "records")}
            for finding in first
        ],
    }
