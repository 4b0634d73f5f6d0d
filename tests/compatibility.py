"""The bench of compatibility, counted: `make compatibility` prints it, the tests hold it.

Directed: for each of the 42 pairs of versions, both directions, the answer must be the truth. Cross: every distinct
schema of the bench against every other; nobody wrote the truth down, so «proved» is checked with all documents of the
bench, and «broken» by the validator itself before it is said.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import evolution_bench as bench

from passerelle.contracts.evolution.inclusion import build_validator, prove_inclusion
from passerelle.contracts.evolution.schema_verdict import ProofState, SchemaVerdict
from passerelle.contracts.publishing.publication import find_widenings

Schema = dict[str, Any]
CONTRACTS = Path(__file__).parents[1] / "contracts"


@dataclass(frozen=True)
class Directed:
    """One question of which the truth is known: `witness` shows that the answer is no; None: it is yes."""

    name: str
    inner: Schema
    outer: Schema
    witness: Any

    @property
    def truth(self) -> ProofState:
        return ProofState.PROVED if self.witness is None else ProofState.BROKEN

    def is_right(self, verdict: SchemaVerdict) -> bool:
        if verdict.state is ProofState.BROKEN and not breaks(self.inner, self.outer, verdict.witness):
            return False
        return verdict.state is self.truth


@dataclass(frozen=True)
class Cross:
    """What came of comparing everything with everything."""

    pairs: int
    undecided: int
    unsound: int
    """Proved although a document of the bench says otherwise, or broken with a counter-example that is none."""


def directed() -> list[Directed]:
    return [
        Directed(f"{pair.name}, {direction}", one.model_json_schema(), other.model_json_schema(), witness)
        for pair in bench.PAIRS
        for direction, one, other, witness in (
            ("old read by new", pair.old, pair.new, pair.old_not_new),
            ("new read by old", pair.new, pair.old, pair.new_not_old),
        )
    ]


def breaks(inner: Schema, outer: Schema, document: Any) -> bool:
    return build_validator(inner).is_valid(document) and not build_validator(outer).is_valid(document)


def cross() -> Cross:
    schemas = [one.model_json_schema() for pair in bench.PAIRS for one in (pair.old, pair.new)]
    distinct = list({json.dumps(schema, sort_keys=True): schema for schema in schemas}.values())
    documents = [w for pair in bench.PAIRS for w in (pair.old_not_new, pair.new_not_old) if w is not None]
    documents += [{}, {"a": 1}, {"a": "x"}, {"a": None}, {"a": "12345"}, {"a": []}, {"a": {"ville": "v"}}, 3, None]
    accepted = [{i for i, one in enumerate(documents) if build_validator(schema).is_valid(one)} for schema in distinct]
    undecided = unsound = 0
    for inner, mine in zip(distinct, accepted, strict=True):
        for outer, theirs in zip(distinct, accepted, strict=True):
            verdict = prove_inclusion(inner, outer)
            undecided += verdict.state is ProofState.UNDECIDED
            unsound += verdict.state is ProofState.PROVED and bool(mine - theirs)
            unsound += verdict.state is ProofState.BROKEN and not breaks(inner, outer, verdict.witness)
    return Cross(len(distinct) ** 2, undecided, unsound)


def main() -> int:
    began = perf_counter()
    questions = directed()
    right = sum(one.is_right(prove_inclusion(one.inner, one.outer)) for one in questions)
    all_pairs = cross()
    wider = find_widenings(CONTRACTS)
    share = 100 * all_pairs.undecided / all_pairs.pairs
    sys.stdout.write(
        f"directed: {right}/{len(questions)} right\n"
        f"cross: {all_pairs.pairs} pairs, {all_pairs.undecided} undecided ({share:.2f} %), "
        f"{all_pairs.unsound} unsound\n"
        f"release matrix: {len(wider)} cells wider than published\n"
        f"time: {perf_counter() - began:.1f} s\n"
    )
    return int(right < len(questions) or all_pairs.unsound > 0 or bool(wider))


if __name__ == "__main__":
    raise SystemExit(main())
