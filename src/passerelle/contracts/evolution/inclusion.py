"""Proof that every document of one schema satisfies another: proved, broken with a counter-example, or undecided.

Static proof of inclusion first; where it fails, the comparison itself says which document to try, and the official
validator (`jsonschema`, Draft 2020-12) must accept it under the first schema and refuse it under the second before
anything is called broken. So «broken» is never wrong, and «proved» rests on rules that are tested on every pair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.exceptions import Unresolvable

from passerelle.contracts.evolution.branches import Branch, Schema, SchemaDocument
from passerelle.contracts.evolution.patterns import UndecidableError
from passerelle.contracts.evolution.schema_samples import Sampler, iter_numbers, iter_texts
from passerelle.contracts.evolution.schema_verdict import PROVED, UNDECIDED, ProofState, SchemaVerdict
from passerelle.contracts.evolution.text_inclusion import compare_strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Only these two formats: jsonschema checks others only when optional packages are there, and results would differ.
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)  # type: ignore[untyped-decorator]  # jsonschema has no types
def _is_date(value: object) -> bool:
    # The shape first: `fromisoformat` also reads `20240131` and `2024-W05-3`, which are no dates of RFC 3339.
    return not isinstance(value, str) or (
        len(value) == 10 and value[4] == value[7] == "-" and bool(date.fromisoformat(value))
    )


@FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]  # jsonschema has no types
def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return "T" in value.upper() and datetime.fromisoformat(value).tzinfo is not None


def build_validator(schema: Schema) -> Draft202012Validator:
    """Return the official validator, formats checked. The empty registry fetches nothing: schemas are not trusted."""
    return Draft202012Validator(schema, format_checker=FORMATS, registry=Registry())


def prove_inclusion(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> SchemaVerdict:
    """Return whether every document that `inner` accepts is accepted by `outer`."""
    return _SchemaComparison(inner, outer).decide()


@dataclass(slots=True)
class _SchemaComparison:
    inner: Mapping[str, Any]
    outer: Mapping[str, Any]
    one: SchemaDocument = field(init=False)
    other: SchemaDocument = field(init=False)
    sampler: Sampler = field(init=False)
    assumed: set[tuple[int, int]] = field(default_factory=set)
    """Pairs under comparison: a recursive schema is included if nothing on the way says otherwise."""

    def __post_init__(self) -> None:
        self.one, self.other = SchemaDocument(self.inner), SchemaDocument(self.outer)
        self.sampler = Sampler(self.one)

    def decide(self) -> SchemaVerdict:
        try:
            verdict = self.compare_schemas(self.inner, self.outer)
        except UndecidableError:
            verdict = UNDECIDED
        if verdict.state is ProofState.BROKEN and not self.is_confirmed(self.inner, self.outer, verdict.witness):
            return UNDECIDED
        return verdict

    def is_confirmed(self, inner: Schema, outer: Schema, witness: Any) -> bool:
        try:
            accepts = build_validator(self.add_definitions(inner, self.inner)).is_valid(witness)
            return accepts and not build_validator(self.add_definitions(outer, self.outer)).is_valid(witness)
        except Unresolvable:
            return False

    @staticmethod
    def add_definitions(schema: Schema, root: Mapping[str, Any]) -> Schema:
        """Return a part of a schema with the definitions that its references need."""
        if isinstance(schema, bool) or schema is root:
            return schema
        return {**schema, **{key: root[key] for key in ("$defs", "definitions") if key in root}}

    def compare_schemas(self, inner: Schema, outer: Schema) -> SchemaVerdict:
        """Compare two (sub)schemas: each branch of the first must fit in a branch of the second."""
        pair = (id(inner), id(outer))
        if pair in self.assumed:
            return PROVED
        self.assumed.add(pair)
        try:
            targets = self.other.list_branches(outer)
            verdicts = [self.compare_branch(branch, targets, inner, outer) for branch in self.one.list_branches(inner)]
        finally:
            # An assumption only holds below the pair that made it.
            self.assumed.discard(pair)
        return join_verdicts(verdicts)

    def compare_branch(self, branch: Branch, targets: list[Branch], inner: Schema, outer: Schema) -> SchemaVerdict:
        if branch.type == "values":
            return self.compare_values(branch, inner, outer)
        found: list[SchemaVerdict] = []
        for target in targets:
            verdict = self.compare_pair(branch, target)
            # One target is enough: a union accepts what any of its options accepts.
            if verdict.state is ProofState.PROVED:
                return PROVED
            found.append(verdict)
        for candidate in self.iter_candidates(branch, found):
            if self.is_confirmed(inner, outer, candidate.witness):
                return candidate
        return UNDECIDED

    def iter_candidates(self, branch: Branch, found: list[SchemaVerdict]) -> Iterator[SchemaVerdict]:
        yield from (verdict for verdict in found if verdict.state is ProofState.BROKEN)
        for document in self.sampler.iter_variants(branch):
            yield SchemaVerdict(ProofState.BROKEN, document)

    def compare_values(self, branch: Branch, inner: Schema, outer: Schema) -> SchemaVerdict:
        for value in branch.values:
            if self.is_confirmed(inner, outer, value):
                return SchemaVerdict(ProofState.BROKEN, value)
        return PROVED

    def compare_pair(self, branch: Branch, target: Branch) -> SchemaVerdict:
        """Compare two branches; a broken verdict stays a candidate until the validator confirms it."""
        if target.type == "values":
            candidate = self.sampler.find_different(branch, target.values)
            return UNDECIDED if candidate is None else SchemaVerdict(ProofState.BROKEN, candidate)
        if branch.type != target.type:
            return SchemaVerdict(ProofState.BROKEN, self.sampler.make_from_branch(branch))
        compare = {
            "number": self.compare_numbers,
            "string": self.compare_texts,
            "array": self.compare_arrays,
            "object": self.compare_objects,
        }[branch.type]
        return compare(branch, target)

    def compare_numbers(self, branch: Branch, target: Branch) -> SchemaVerdict:
        if _has_narrower_bounds(branch, target) and _has_compatible_steps(branch, target):
            return PROVED
        for candidate in iter_numbers(branch, target):
            if not build_validator({"type": "number", **target.keywords}).is_valid(candidate) or (
                target.integer and candidate != int(candidate)
            ):
                return SchemaVerdict(ProofState.BROKEN, candidate)
        return UNDECIDED

    def compare_texts(self, branch: Branch, target: Branch) -> SchemaVerdict:
        verdict = compare_strings(branch.keywords, target.keywords)
        if verdict.state is not ProofState.UNDECIDED:
            return verdict
        whole = build_validator({"type": "string", **target.keywords})
        for candidate in iter_texts(branch):
            if not whole.is_valid(candidate):
                return SchemaVerdict(ProofState.BROKEN, candidate)
        return UNDECIDED

    def compare_arrays(self, branch: Branch, target: Branch) -> SchemaVerdict:
        mine, theirs = branch.keywords, target.keywords
        least, most = mine.get("minItems", 0), mine.get("maxItems")
        # Bounds before items: a list that is too short or too long is the plainest counter-example.
        if least < theirs.get("minItems", 0):
            return SchemaVerdict(ProofState.BROKEN, self.sampler.make_items(branch, least))
        ceiling = theirs.get("maxItems")
        if ceiling is not None and (most is None or most > ceiling):
            return SchemaVerdict(ProofState.BROKEN, self.sampler.make_items(branch, ceiling + 1))
        if theirs.get("uniqueItems") and not mine.get("uniqueItems") and (most is None or most > 1):
            first = self.sampler.make_items(branch, 1)
            return SchemaVerdict(ProofState.BROKEN, [*first, *first])
        return join_verdicts(
            [self.compare_item(branch, target, index) for index in self.list_positions(branch, target)]
        )

    @staticmethod
    def list_positions(branch: Branch, target: Branch) -> list[int]:
        fixed = max(len(branch.keywords.get("prefixItems", ())), len(target.keywords.get("prefixItems", ())))
        most = branch.keywords.get("maxItems")
        return [index for index in range(fixed + 1) if most is None or index < most]

    def compare_item(self, branch: Branch, target: Branch, index: int) -> SchemaVerdict:
        mine, theirs = _get_item_schema(branch, index), _get_item_schema(target, index)
        if mine is False:
            return PROVED
        verdict = self.compare_schemas(mine, theirs)
        if verdict.state is not ProofState.BROKEN:
            return verdict
        before = self.sampler.make_items(branch, max(index + 1, branch.keywords.get("minItems", 0)))
        before[index] = verdict.witness
        return SchemaVerdict(ProofState.BROKEN, before, ("[]", *verdict.path))

    def compare_objects(self, branch: Branch, target: Branch) -> SchemaVerdict:
        mine, theirs = branch.keywords, target.keywords
        for name in theirs.get("required", ()):
            if name not in mine.get("required", ()):
                return SchemaVerdict(ProofState.BROKEN, self.sampler.make_object_without(branch, name), (name,))
        names = dict.fromkeys([*mine.get("properties", {}), *theirs.get("properties", {})])
        # A name that neither side declares stands for all further fields.
        names[self.sampler.choose_new_name(names)] = None
        return join_verdicts([self.compare_property(branch, target, name) for name in names])

    def compare_property(self, branch: Branch, target: Branch, name: str) -> SchemaVerdict:
        mine, theirs = _get_property_schema(branch, name), _get_property_schema(target, name)
        if mine is False:
            return PROVED
        verdict = self.compare_schemas(mine, theirs)
        if verdict.state is not ProofState.BROKEN:
            return verdict
        document = {**self.sampler.make_from_branch(branch), name: verdict.witness}
        return SchemaVerdict(ProofState.BROKEN, document, (name, *verdict.path))


def join_verdicts(verdicts: list[SchemaVerdict]) -> SchemaVerdict:
    """Return the worst verdict: broken before undecided before proved."""
    for state in (ProofState.BROKEN, ProofState.UNDECIDED):
        for verdict in verdicts:
            if verdict.state is state:
                return verdict
    return PROVED


def _get_property_schema(branch: Branch, name: str) -> Schema:
    properties = branch.keywords.get("properties", {})
    found: Schema = properties[name] if name in properties else branch.keywords.get("additionalProperties", True)
    return found


def _get_item_schema(branch: Branch, index: int) -> Schema:
    prefix = branch.keywords.get("prefixItems", ())
    found: Schema = prefix[index] if index < len(prefix) else branch.keywords.get("items", True)
    return found


def _read_bounds(branch: Branch) -> tuple[tuple[Fraction, int] | None, tuple[Fraction, int] | None]:
    """Return the lowest and highest value, each with a rank that orders an excluded bound after an included one."""
    lows = [(Fraction(str(branch.keywords[key])), excluded) for key, excluded in _LOWS if key in branch.keywords]
    highs = [(Fraction(str(branch.keywords[key])), -excluded) for key, excluded in _HIGHS if key in branch.keywords]
    return max(lows, default=None), min(highs, default=None)


_LOWS = (("minimum", 0), ("exclusiveMinimum", 1))
_HIGHS = (("maximum", 0), ("exclusiveMaximum", 1))


def _has_narrower_bounds(branch: Branch, target: Branch) -> bool:
    (low, high), (least, most) = _read_bounds(branch), _read_bounds(target)
    from_below = least is None or (low is not None and low >= least)
    from_above = most is None or (high is not None and high <= most)
    return from_below and from_above


def _has_compatible_steps(branch: Branch, target: Branch) -> bool:
    """Whether every multiple that `branch` allows is one that `target` allows."""
    wanted = [Fraction(str(target.keywords["multipleOf"]))] if "multipleOf" in target.keywords else []
    wanted += [Fraction(1)] if target.integer else []
    have = [Fraction(str(branch.keywords["multipleOf"]))] if "multipleOf" in branch.keywords else []
    have += [Fraction(1)] if branch.integer else []
    return all(any((mine / step).denominator == 1 for mine in have) for step in wanted)


__all__ = ["build_validator", "prove_inclusion"]
