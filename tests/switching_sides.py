"""Two sides of a change of supplier made of a few records in contract form, for tests of what is said about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.decisions import Decisions
from passerelle.switching.side import ExportPiece, Side, SideExport
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import Snapshot, take_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.switching.compare.side_comparison import SideComparison

Records = dict[str, list[dict[str, Any]]]
"""By contract."""


def person(number: int = 1, **about: Any) -> dict[str, Any]:
    return {
        "ref": f"a:person:{number}",
        "usual_name": f"Nom{number}",
        "birth_date": f"19{number % 90 + 10}-01-02",
        **about,
    }


def visit(number: int = 1, **about: Any) -> dict[str, Any]:
    return {
        "ref": f"a:visit:{number}",
        "person_ref": "a:person:1",
        "status": "done",
        "planned_start": f"2024-03-{number % 27 + 1:02d}T08:05:00+01:00",
        "planned_end": f"2024-03-{number % 27 + 1:02d}T09:20:00+01:00",
        "billed_quantity": "1.25",
        "billed_unit": "hour",
        "comment": f"Passage {number} : repas préparé, moral bon.",
        **about,
    }


def held(folder: Path, name: str, records: Records) -> Side:
    """Write records as files in contract form, and give the side that holds them."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    exports = []
    for contract, rows in records.items():
        path = folder / name / f"{contract.replace('/', '-')}.ndjson"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        exports.append(
            SideExport(lambda path=path: iter([ExportPiece(path.name, lambda: path.open("rb"))]), contract=contract)
        )
    return Side(name, tuple(exports))


def taken(folder: Path, name: str, records: Records) -> tuple[Side, Snapshot]:
    """Write records and read them back."""
    side = held(folder, name, records)
    snapshot = take_snapshot(side, folder / f"{name}-snapshot")
    assert snapshot.manifest["balance"]["rejected"] == 0, snapshot.manifest["causes"]
    return side, snapshot


def compared(
    folder: Path, origin: Records, target: Records, decisions: Decisions | None = None, **terms: Any
) -> SideComparison:
    """Compare two sides made of records; records are named by their own references."""
    (_old, first), (new, second) = taken(folder, "old", origin), taken(folder, "new", target)
    simulated = SimulatedTarget(new, decisions or Decisions())
    with FindingLog(folder / "findings.ndjson", str, folder / "values.ndjson") as findings:
        return compare_sides(
            first, second, ComparisonTerms(simulated=simulated, **terms), folder=folder / "rows", findings=findings
        )


def named(found: SideComparison) -> list[tuple[str, tuple[str, ...], int]]:
    """List what nobody expected: kind, fields, how many."""
    return sorted((kind.value, fields, count) for (kind, _contract, fields), count in found.groups.items())
