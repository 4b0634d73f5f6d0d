"""What a run found: a table of survivors for people, the same as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tree import PACKAGES, SOURCE

if TYPE_CHECKING:
    from answers import Key
    from operators import Mutation
    from trying import Outcome


@dataclass(frozen=True, slots=True)
class Findings:
    """Outcomes of the mutations that were tried, and those that had an answer before."""

    outcomes: list[Outcome]
    answered: list[tuple[Mutation, str]]
    stale: list[Key]
    failed: tuple[str, ...]


def find_package(file: str) -> str:
    """Return the package that a mutated file belongs to."""
    inside = Path(file).relative_to(SOURCE).as_posix()
    return next(package for package in PACKAGES if inside.startswith(f"{package}/"))


def count_by_package(findings: Findings) -> dict[str, Counter[str]]:
    """Count, by package, what was tried, seen, late, survived, answered and not reached by any test."""
    counts: dict[str, Counter[str]] = {}
    for outcome in findings.outcomes:
        counter = counts.setdefault(find_package(outcome.mutation.file), Counter())
        counter.update(("tried", outcome.verdict))
        counter["not reached"] += outcome.reached == 0
    for mutation, _reason in findings.answered:
        counts.setdefault(find_package(mutation.file), Counter())["answered"] += 1
    return dict(sorted(counts.items()))


def to_text(findings: Findings) -> str:
    """Return the report that people read."""
    lines = ["", "Survivors:", ""]
    survivors = [outcome for outcome in findings.outcomes if outcome.verdict == "survived"]
    for outcome in survivors or []:
        found = outcome.mutation
        reached = f"{outcome.tests} tests asked" if outcome.reached else "no test was seen to run this line"
        lines += [f"  {found.file}:{found.line}  {found.function or '(module)'}  [{found.operator}]"]
        lines += [f"      {found.change}", f"      {reached}"]
    lines += [] if survivors else ["  none"]
    lines += [
        "",
        f"{'package':<16}{'tried':>7}{'seen':>7}{'late':>7}{'survived':>10}{'answered':>10}{'not reached':>13}",
    ]
    total: Counter[str] = Counter()
    for package, counts in count_by_package(findings).items():
        lines.append(_row(package, counts))
        total += counts
    lines.append(_row("all", total))
    if total["tried"]:
        lines += ["", f"{(total['seen'] + total['late']) / total['tried']:.1%} of observable mutations are seen."]
    for key in findings.stale:
        lines.append(f"Stale answer: {key[0]} {key[1]}: «{key[2]}», {key[3]}: no longer there.")
    for name in findings.failed:
        lines.append(f"Left out, it does not pass (or is skipped) in a copy of the tree: {name}")
    return "\n".join(lines)


def _row(name: str, counts: Counter[str]) -> str:
    widths = (("tried", 7), ("seen", 7), ("late", 7), ("survived", 10), ("answered", 10), ("not reached", 13))
    return f"{name:<16}" + "".join(f"{counts[word]:>{width}}" for word, width in widths)


def to_json(findings: Findings, *, seed: int, count: int) -> str:
    """Return the same for machines."""
    mutations = [
        _describe(one.mutation)
        | {
            "verdict": one.verdict,
            "tests": one.tests,
            "reached": one.reached,
            "seen_by": one.seen_by,
        }
        for one in findings.outcomes
    ]
    answered = [_describe(mutation) | {"verdict": "answered", "reason": why} for mutation, why in findings.answered]
    whole = {
        "seed": seed,
        "count": count,
        "packages": count_by_package(findings),
        "mutations": mutations + answered,
        "stale": findings.stale,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _describe(mutation: Mutation) -> dict[str, Any]:
    return {
        "file": mutation.file,
        "line": mutation.line,
        "function": mutation.function,
        "operator": mutation.operator,
        "text": mutation.row,
        "change": mutation.change,
    }
