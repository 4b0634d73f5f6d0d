"""What comparing two sides gives: counts, losses that were expected, differences that were not, sums that differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passerelle.switching.compare.totals import UNIT, Sums, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.switching.compare.findings import Finding, Group
    from passerelle.switching.compare.similarity import Proposal
    from passerelle.switching.decisions import Decisions
    from passerelle.switching.kinds import Kind

SCHEMA = "passerelle.switch.compare/1"


@dataclass(slots=True)
class Tally:
    """The records of one contract."""

    origin: int = 0
    target: int = 0
    repeated: int = 0
    """Records of the old side that came again later under the same reference: the last one counts."""
    matched: dict[str, int] = field(default_factory=dict)
    """Pairs, by what matched them: `reference`, `identifier`, `natural_key`."""
    not_taken: int = 0
    """Records that the new side has no place for."""
    refused: int = 0
    """Records that the new side's layout cannot hold."""
    spared: int = 0
    """Values that were predicted to be lost and are there all the same."""


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """A loss that was predicted and is there."""

    contract: str
    field: str
    kind: Kind
    predicted: int
    found: int
    accepted_by: str = ""
    why: str = ""


@dataclass(slots=True)
class Comparison:
    """All that comparing found. Of the records it holds places, and the organisations and services of sums."""

    origin: Mapping[str, Any]
    """The manifest of the old side's snapshot."""
    target: Mapping[str, Any]
    tallies: dict[str, Tally] = field(default_factory=dict)
    expected: list[ExpectedLoss] = field(default_factory=list)
    groups: dict[Group, int] = field(default_factory=dict)
    """Unexpected differences."""
    first: dict[Group, list[Finding]] = field(default_factory=dict)
    nowhere: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    """Distinct references that lead nowhere, by side (`origin`, `target`), then contract and field."""
    sums: dict[str, tuple[Sums, Sums]] = field(default_factory=dict)
    proposals: list[Proposal] = field(default_factory=list)
    """Persons who may be the same, for somebody to confirm."""

    @property
    def is_faithful(self) -> bool:
        """Say whether nothing differs but what was expected."""
        return not self.groups

    @property
    def unaccepted(self) -> list[ExpectedLoss]:
        """List the expected losses that nobody has answered for."""
        return [loss for loss in self.expected if not loss.accepted_by]

    def content(self) -> dict[str, Any]:
        """Give it as JSON: what `docs/json.md` describes."""
        return {
            "origin": _side(self.origin),
            "target": _side(self.target),
            "contracts": [_tally(name, tally) for name, tally in self.tallies.items()],
            "expected": [_expected(loss) for loss in self.expected],
            "findings": [_group(group, count, self.first[group]) for group, count in self.groups.items()],
            "broken_references": [
                {"side": side, "contract": contract, "field": name, "count": count}
                for side, found in self.nowhere.items()
                for (contract, name), count in found.items()
            ],
            "sums": [row for name, sides in self.sums.items() for row in _sums(name, *sides)],
            "proposals": len(self.proposals),
            "faithful": self.is_faithful,
        }


def losses(
    predicted: Mapping[tuple[str, str, Kind], int], found: Mapping[tuple[str, str, Kind], int], decisions: Decisions
) -> Iterator[ExpectedLoss]:
    """Put what was predicted beside what was found, and whoever accepted it."""
    for contract, name, kind in sorted(predicted.keys() | found.keys()):
        about = (contract, name, kind)
        count = found.get(about, 0)
        accepted = decisions.accepts(contract, name, kind, count)
        who, why = (accepted.who, accepted.why) if accepted else ("", "")
        yield ExpectedLoss(*about, predicted.get(about, 0), count, who, why)


def _side(manifest: Mapping[str, Any]) -> dict[str, Any]:
    files = [{key: value for key, value in entry.items() if key != "name"} for entry in manifest["files"]]
    return {"side": manifest["side"], "files": files, "balance": manifest["balance"]}


def _tally(contract: str, tally: Tally) -> dict[str, Any]:
    return {
        "contract": contract,
        "origin": tally.origin,
        "target": tally.target,
        "repeated": tally.repeated,
        "matched": tally.matched,
        "not_taken": tally.not_taken,
        "refused": tally.refused,
        "spared": tally.spared,
    }


def _expected(loss: ExpectedLoss) -> dict[str, Any]:
    return {
        "contract": loss.contract,
        "field": loss.field,
        "kind": loss.kind.value,
        "predicted": loss.predicted,
        "found": loss.found,
        "accepted_by": loss.accepted_by or None,
        "why": loss.why or None,
    }


def _group(group: Group, count: int, first: Iterable[Finding]) -> dict[str, Any]:
    kind, contract, fields = group
    return {
        "kind": kind.value,
        "contract": contract,
        "fields": list(fields),
        "count": count,
        "places": [
            {key: value for key, value in finding.told().items() if key in ("origin", "target", "records")}
            for finding in first
        ],
    }


def _sums(contract: str, origin: Sums, target: Sums) -> Iterator[dict[str, Any]]:
    for (month, organisation, service, measure), before, after in differing(origin, target):
        yield {
            "contract": contract,
            "month": month or None,
            "organisation": organisation or None,
            "service": service or None,
            "measure": measure,
            "origin": before / UNIT,
            "target": after / UNIT,
        }
